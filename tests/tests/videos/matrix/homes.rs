//! Homes as families film them.

use dodolens::domain::{
    evidence::Gap,
    inventory::Flag,
    locale::Locale::{En, Es, Fr},
};
use dodolens_local::video::{Codec, Container, Pictures, Rotation};

use super::Home;

/// Every home.
pub fn all() -> Vec<Home> {
    let mut homes = seen();
    homes.extend(said());
    homes.extend(numbers());
    homes.extend(only_said());
    homes
}

/// Nothing is said, or there is no sound.
fn seen() -> Vec<Home> {
    vec![
        Home::new(
            "one room",
            &[
                "sofa_3_seat@living_room",
                "tv@living_room",
                "rug@living_room",
            ],
        ),
        Home::new(
            "three rooms, one after the other",
            &[
                "oven@kitchen:0-3",
                "desk@office:3-6",
                "bed_double@bedroom:5-8",
            ],
        ),
        Home::new(
            "eight rooms",
            &[
                "coat_rack@hall:0-1",
                "armchair@living_room:1-2",
                "fridge@kitchen:2-3",
                "bed_single@bedroom:3-4",
                "desk@office:4-5",
                "washing_machine@bathroom:5-6",
                "bicycle@cellar:6-7",
                "barbecue@terrace:7-8",
            ],
        ),
        Home::new(
            "the same chair again, after another room",
            &[
                "armchair@living_room:0-3",
                "oven@kitchen:3-5",
                "armchair@living_room:5-8",
            ],
        )
        .having(["armchair@living_roomx1", "oven@kitchenx1"], []),
        Home::new("four chairs in one frame", &["chair@dining_roomx4"]),
        Home::new(
            "twins of two kinds in two rooms",
            &["chair@kitchenx3:0-4", "lamp_floor@bedroomx2:4-8"],
        ),
        Home::new(
            "more of them come into view",
            &[
                "carton@cellarx2:0-3",
                "carton@cellarx5:3-6",
                "carton@cellarx3:6-8",
            ],
        )
        .having(["carton@cellarx5"], []),
        Home::new(
            "the same kind in three rooms",
            &[
                "mirror@hall:0-3",
                "mirror@bedroomx2:3-6",
                "mirror@bathroom:6-8",
            ],
        ),
        Home::new("a room that nobody can name", &["lamp_floor@loft"])
            .having(["lamp_floor@x1"], []),
        Home::new(
            "an object that shows no room beside one that does",
            &["tv@loft", "sofa_bed@living_room"],
        )
        .having(["tv@living_roomx1", "sofa_bed@living_roomx1"], []),
        Home::new(
            "what was seen in a room is seen again without",
            &[
                "armchair@living_room:0-3",
                "armchair@office:3-5",
                "armchair@loft:5-8",
            ],
        )
        .having(["armchair@living_roomx1", "armchair@officex1"], []),
        Home {
            unlisted: vec!["Kiln"],
            ..Home::new(
                "an object outside of the catalogue",
                &["kiln@garage", "workbench@garage"],
            )
            .having(["@garagex1", "workbench@garagex1"], [])
        },
        Home::new("no sound", &["dresser@bedroomx2"])
            .without(Gap::NoSound)
            .filmed(|spec| spec.audio = false),
        Home::new("upright", &["wardrobe_2_door@bedroom", "plant@bedroomx2"]).filmed(|spec| {
            (spec.rotate, spec.container) = (Rotation::Right, Container::Mov);
        }),
        Home::new("an empty flat", &[]),
    ]
}

/// What is said adds to what is seen, or takes from it.
fn said() -> Vec<Home> {
    vec![
        Home::new("said only, English", &["desk@office"])
            .saying(En, "We also have twelve moving boxes in the cellar.")
            .having(["desk@officex1", "carton@cellarx12"], []),
        Home::new("said only, French", &["sofa_3_seat@living_room"])
            .saying(Fr, "Il y a aussi six chaises et deux étagères à la cave.")
            .having(
                [
                    "sofa_3_seat@living_roomx1",
                    "chair@cellarx6",
                    "shelf_unit@cellarx2",
                ],
                [],
            ),
        Home::new("said only, Spanish", &["bookcase@office"])
            .saying(Es, "También hay diez cajas de libros en el garaje.")
            .having(["bookcase@officex1", "carton_books@garagex10"], []),
        Home::new(
            "stays, English",
            &["piano_upright@living_room", "armchair@living_roomx2"],
        )
        .saying(En, "The upright piano stays.")
        .having(["armchair@living_roomx2"], ["piano_upright@living_roomx1"]),
        Home::new(
            "stays, French",
            &["oven@kitchen", "dishwasher@kitchen", "mirror@bedroom:4-8"],
        )
        .saying(Fr, "Dans la cuisine, le four et le lave-vaisselle restent.")
        .having(
            ["mirror@bedroomx1"],
            ["oven@kitchenx1", "dishwasher@kitchenx1"],
        ),
        Home::new(
            "stays, Spanish",
            &["armchair@living_room", "tv@living_room"],
        )
        .saying(Es, "No nos llevamos el sillón.")
        .having(["tv@living_roomx1"], ["armchair@living_roomx1"]),
        Home::new(
            "the sofa that is seen",
            &["sofa_3_seat@living_room", "rug@living_room"],
        )
        .saying(Fr, "Le canapé reste.")
        .having(["rug@living_roomx1"], ["sofa_3_seat@living_roomx1"]),
        Home::new(
            "one of two rooms stays",
            &["mirror@hall:0-4", "mirror@bedroom:4-8"],
        )
        .saying(En, "In the bedroom, the mirror stays.")
        .having(["mirror@hallx1"], ["mirror@bedroomx1"]),
        Home::new(
            "said to stay and to come",
            &["dresser@bedroom", "table_coffee_glass@living_room:4-8"],
        )
        .saying(
            Fr,
            "On laisse la commode mais on prend la table basse en verre.",
        )
        .having(["table_coffee_glass@living_roomx1"], ["dresser@bedroomx1"]),
    ]
}

/// Numbers are reconciled; what a human has to decide is flagged.
fn numbers() -> Vec<Home> {
    vec![
        Home::new("two of six stay", &["chair@kitchenx6"])
            .saying(En, "In the kitchen, two chairs stay.")
            .having(["chair@kitchenx4"], ["chair@kitchenx2"]),
        Home::new("more said than seen", &["chair@kitchenx4"])
            .saying(En, "In the kitchen we have six chairs.")
            .having(["chair@kitchenx6"], [])
            .open("chair", Flag::Contradiction),
        Home::new("fewer said than seen", &["chair@kitchenx4"])
            .saying(Fr, "Dans la cuisine, nous emportons deux chaises.")
            .having(["chair@kitchenx4"], [])
            .open("chair", Flag::Contradiction),
        Home::new(
            "more stay than there are",
            &["armchair@living_roomx2", "tv@living_room"],
        )
        .saying(Es, "En el salón, tres sillones se quedan.")
        .having(["tv@living_roomx1"], ["armchair@living_roomx3"]),
        Home::new("as many said as seen", &["bicycle@garagex3"])
            .saying(Es, "En el garaje tenemos tres bicicletas.")
            .having(["bicycle@garagex3"], []),
        Home::new("undecided", &["desk@office", "printer@office"])
            .saying(En, "I'm not sure about the desk.")
            .having(["desk@officex1", "printer@officex1"], [])
            .open("desk", Flag::Unsure),
    ]
}

/// The pictures show nothing, or can't be read.
fn only_said() -> Vec<Home> {
    let text = "Dans la cuisine il y a quatre chaises. Le four reste.";
    let french = |name| {
        Home::new(name, &["oven@kitchen"])
            .saying(Fr, text)
            .having(["chair@kitchenx4"], ["oven@x1"])
    };
    vec![
        Home::new("black pictures", &["sofa_bed@living_room"])
            .saying(En, "We have 3 suitcases in the attic.")
            .having(["suitcase@atticx3"], [])
            .filmed(|spec| spec.pictures = Pictures::Black),
        french("damaged pictures")
            .without(Gap::PicturesUnreadable)
            .filmed(|spec| spec.pictures = Pictures::Damaged),
        french("damaged pictures in fragments")
            .without(Gap::PicturesUnreadable)
            .filmed(|spec| (spec.pictures, spec.container) = (Pictures::Damaged, Container::Fmp4)),
        Home::new("damaged pictures of a browser", &["oven@kitchen"])
            .saying(Es, "Hay dos espejos en el dormitorio.")
            .having(["mirror@bedroomx2"], [])
            .without(Gap::PicturesUnreadable)
            .filmed(|spec| {
                (spec.pictures, spec.codec) = (Pictures::Damaged, Codec::Vp9);
                spec.container = Container::Webm;
            }),
    ]
}
