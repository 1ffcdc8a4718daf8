//! What a volume is moved in.

use super::entry::cubic_metres;
use crate::domain::{
    inventory::Vehicle,
    locale::{Locale, Localized},
};

struct Class {
    id: &'static str,
    /// m³.
    capacity: u64,
    name: Localized,
}

/// What rental firms and movers in Europe have, by what they hold (projet-habitat.fr and up-immo.fr, "Quel camion
/// choisir": 3 to 7, 8 to 16, 20 to 23, 30 to 40 and 50 m³).
#[rustfmt::skip]
const FLEET: [Class; 6] = [
    class("van_3", 3, "Utilitaire de 3 m³", "Small van, 3 m³", "Furgoneta de 3 m³"),
    class("van_6", 6, "Utilitaire de 6 m³", "Van, 6 m³", "Furgoneta de 6 m³"),
    class("van_12", 12, "Fourgon de 12 m³", "Large van, 12 m³", "Furgón de 12 m³"),
    class("truck_20", 20, "Camion de 20 m³", "Box truck, 20 m³", "Camión de 20 m³"),
    class("truck_30", 30, "Camion de 30 m³", "Truck, 30 m³", "Camión de 30 m³"),
    class("truck_50", 50, "Camion de 50 m³", "Large truck, 50 m³", "Camión de 50 m³"),
];

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

/// As few as will do, each as small as will do. None for no volume: the smallest, zero times.
pub fn choose(litres: u64, locale: Locale) -> Vehicle {
    let [smallest, .., largest] = &FLEET;
    let count = litres.div_ceil(largest.capacity * 1000);
    let fitting = FLEET
        .iter()
        .find(|class| class.capacity.saturating_mul(count).saturating_mul(1000) >= litres);
    let class = if litres == 0 {
        smallest
    } else {
        fitting.unwrap_or(largest)
    };
    Vehicle {
        id: class.id.to_owned(),
        name: class.name.get(locale).to_owned(),
        capacity: cubic_metres(class.capacity * 1000),
        count: u32::try_from(count).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_few_and_as_small_as_will_do() {
        for (litres, id, count) in [
            (0, "van_3", 0),
            (1, "van_3", 1),
            (3_000, "van_3", 1),
            (3_001, "van_6", 1),
            (11_999, "van_12", 1),
            (12_001, "truck_20", 1),
            (50_000, "truck_50", 1),
            (50_001, "truck_30", 2),
            (60_001, "truck_50", 2),
            (260_000, "truck_50", 6),
        ] {
            let vehicle = choose(litres, Locale::En);
            assert_eq!(
                (vehicle.id.as_str(), vehicle.count),
                (id, count),
                "{litres}"
            );
        }
        assert_eq!(choose(u64::MAX, Locale::Fr).count, u32::MAX);
    }
}
