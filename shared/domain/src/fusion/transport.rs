//! What a volume is moved in, by road and by sea.

use crate::{
    inventory::{Load, Transport},
    locale::Localized,
};

/// A size of vehicle or container.
#[derive(Debug)]
pub struct Class {
    /// Stable name on every wire.
    pub id: &'static str,
    /// What one holds, m³.
    pub capacity: u64,
    /// What it is called.
    pub name: Localized,
}

/// Sizes, the smallest first.
#[derive(Debug)]
pub struct Fleet {
    smaller: &'static [Class],
    largest: Class,
}

/// What rental firms and movers in Europe have, by what they hold (projet-habitat.fr and up-immo.fr, "Quel camion
/// choisir": 3 to 7, 8 to 16, 20 to 23, 30 to 40 and 50 m³).
#[rustfmt::skip]
pub static ROAD: Fleet = Fleet {
    smaller: &[
        class("van_3", 3, "Utilitaire de 3 m³", "Small van, 3 m³", "Furgoneta de 3 m³"),
        class("van_6", 6, "Utilitaire de 6 m³", "Van, 6 m³", "Furgoneta de 6 m³"),
        class("van_12", 12, "Fourgon de 12 m³", "Large van, 12 m³", "Furgón de 12 m³"),
        class("truck_20", 20, "Camion de 20 m³", "Box truck, 20 m³", "Camión de 20 m³"),
        class("truck_30", 30, "Camion de 30 m³", "Truck, 30 m³", "Camión de 30 m³"),
    ],
    largest: class("truck_50", 50, "Camion de 50 m³", "Large truck, 50 m³", "Camión de 50 m³"),
};

/// By what they hold of household goods, 10 to 15 % less than their inside: 20 ft 1,000 cu ft, 40 ft 2,000 to 2,100 (Kef
/// International, "Types of shipments"; Platinum Moving, "All about ocean containers"). Up to 500 cu ft, sharing a
/// container is the usual way (SFL Worldwide, "All about ocean containers and volume"; Best Guy Moving, "Exclusive
/// container service").
#[rustfmt::skip]
pub static SEA: Fleet = Fleet {
    smaller: &[
        class("groupage", 14, "Groupage maritime", "Shared container", "Grupaje marítimo"),
        class("container_20", 28, "Conteneur 20 pieds", "20 ft container", "Contenedor de 20 pies"),
    ],
    largest: class("container_40", 57, "Conteneur 40 pieds", "40 ft container", "Contenedor de 40 pies"),
};

const fn class(
    id: &'static str,
    capacity: u64,
    fr: &'static str,
    en: &'static str,
    es: &'static str,
) -> Class {
    let name = Localized { fr, en, es };
    Class { id, capacity, name }
}

/// The size of vehicle or container with this id.
#[must_use]
pub fn class_of(id: &str) -> Option<&'static Class> {
    let mut classes = ROAD.classes().chain(SEA.classes());
    classes.find(|class| class.id == id)
}

impl Fleet {
    /// Every size.
    pub fn classes(&self) -> impl Iterator<Item = &Class> {
        self.smaller.iter().chain([&self.largest])
    }

    /// What takes a volume that is at least, most likely and at most so many litres. It is sized for halfway from the
    /// likely to the largest: not all objects are large at once.
    pub fn choose(&self, [low, likely, high]: [u64; 3]) -> Transport {
        let (class, count) = self.fewest(likely.midpoint(high));
        Transport {
            id: class.id.to_owned(),
            count,
            range: [low, high].map(|litres| {
                let (class, count) = self.fewest(litres);
                let id = class.id.to_owned();
                Load { id, count }
            }),
        }
    }

    /// As few as will do, each as small as will do. None for no volume: the smallest, zero times.
    fn fewest(&self, litres: u64) -> (&Class, u32) {
        let count = litres.div_ceil(self.largest.capacity * 1000);
        let fitting = self
            .smaller
            .iter()
            .find(|class| class.capacity.saturating_mul(count).saturating_mul(1000) >= litres);
        (
            fitting.unwrap_or(&self.largest),
            u32::try_from(count).unwrap_or(u32::MAX),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_few_and_as_small_as_will_do() {
        for (litres, road, sea) in [
            (0, ("van_3", 0), ("groupage", 0)),
            (1, ("van_3", 1), ("groupage", 1)),
            (3_000, ("van_3", 1), ("groupage", 1)),
            (3_001, ("van_6", 1), ("groupage", 1)),
            (11_999, ("van_12", 1), ("groupage", 1)),
            (12_001, ("truck_20", 1), ("groupage", 1)),
            (14_001, ("truck_20", 1), ("container_20", 1)),
            (28_001, ("truck_30", 1), ("container_40", 1)),
            (50_000, ("truck_50", 1), ("container_40", 1)),
            (50_001, ("truck_30", 2), ("container_40", 1)),
            (60_001, ("truck_50", 2), ("container_40", 2)),
            (260_000, ("truck_50", 6), ("container_40", 5)),
        ] {
            for (fleet, expected) in [(&ROAD, road), (&SEA, sea)] {
                let (class, count) = fleet.fewest(litres);
                assert_eq!((class.id, count), expected, "{litres}");
            }
        }
        assert_eq!(ROAD.fewest(u64::MAX).1, u32::MAX);
    }

    #[test]
    fn the_suggestion_lies_within_its_range() {
        let suggested = ROAD.choose([2_000, 5_000, 13_000]);
        assert_eq!((suggested.id.as_str(), suggested.count), ("van_12", 1));
        let class = class_of("van_12").unwrap();
        assert_eq!((class.name.fr, class.capacity), ("Fourgon de 12 m³", 12));
        let range = suggested.range.map(|load| (load.id, load.count));
        assert_eq!(range, [("van_3".into(), 1), ("truck_20".into(), 1)]);
    }
}
