use super::Item;

/// Kinds that people call by one word, and of which one object is one only: "the sofa", whatever its length.
#[rustfmt::skip]
const FAMILIES: &[&[&str]] = &[
    &["sofa_2_seat", "sofa_3_seat", "sofa_4_seat", "sofa_corner", "sofa_bed"],
    &["armchair", "armchair_recliner"],
    &["table_dining", "table_kitchen", "table_round"],
    &["table_coffee", "table_coffee_glass"],
    &["bed_single", "bed_double", "bed_king", "bed_storage"],
    &["mattress_single", "mattress_double"],
    &["wardrobe_1_door", "wardrobe_2_door", "wardrobe_3_door", "wardrobe_4_door", "wardrobe_sliding"],
    &["dresser", "dresser_tall"],
    &["bookcase", "bookcase_small"],
    &["shelf_unit", "shelf_cube", "shelf_metal"],
    &["desk", "desk_corner", "desk_standing"],
    &["fridge", "fridge_freezer", "fridge_american", "fridge_small"],
    &["freezer_chest", "freezer_upright"],
    &["washing_machine", "washer_dryer"],
    &["tv", "tv_large"],
    &["piano_upright", "piano_grand", "piano_digital"],
    &["lamp_floor", "lamp_table"],
    &["mirror", "mirror_standing"],
    &["plant", "plant_large"],
    &["bicycle", "bicycle_electric"],
    &["lawn_mower", "lawn_mower_ride_on"],
    &["ladder", "step_ladder"],
    &["carton", "carton_small", "carton_large"],
];

/// Whether the same word may mean either of two different kinds.
#[must_use]
pub fn akin(one: &Item, other: &Item) -> bool {
    one.id != other.id
        && FAMILIES
            .iter()
            .any(|family| family.contains(&one.id) && family.contains(&other.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::item;

    #[test]
    fn every_member_is_in_the_catalogue_and_in_one_family() {
        let mut members: Vec<&str> = FAMILIES.concat();
        for id in &members {
            assert!(item(id).is_some(), "{id}");
        }
        members.sort_unstable();
        assert!(members.is_sorted_by(|a, b| a < b), "one is there twice");
    }

    #[test]
    fn kinds_of_a_family_are_akin() {
        let akin = |a, b| akin(item(a).unwrap(), item(b).unwrap());
        assert!(akin("sofa_3_seat", "sofa_corner") && akin("sofa_corner", "sofa_3_seat"));
        assert!(!akin("tv", "tv") && !akin("tv", "tv_stand") && !akin("chair", "table_round"));
    }
}
