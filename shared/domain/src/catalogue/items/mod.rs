//! The object kinds, by group.
//!
//! Volumes are facts from published mover's lists, brought to m³ (1 cu ft = 0.0283 m³). Where lists differ, the bounds
//! span them and the usual value lies between:
//! - Moverz, "Estimer le volume de son déménagement" (2026): m³ ranges by room and carton.
//! - Edgar Dem, "Estimer le volume de ses meubles" (edgardem.com): m³ by object.
//! - "Cubic Estimation Form" of a US carrier (docstoc.com/docs/74593617): average cu ft by object.
//! - Guy with a Truck, "Estimating Cubic Feet" (truck-guy.com, 2025): cu ft of 60 objects.
//! - Undergrads Moving, move calculator: cu ft by object and box.
//! - Woodland Hills Movers, "Determining the size of the shipment": cu ft of standard cartons.
//! - Lève-meubles (leve-meubles.fr) and Sydney Move, "What is a cubic metre": cartons, refrigerator, bed, couch.
//!
//! An object that no list names has the volume of its usual outer size. Weights are usual shipping weights; where none
//! is known, the carriers' rule of 7 lb per cu ft (112 kg/m³; Arpin, Skyline) for furniture and cartons.

mod appliances;
mod bedroom;
mod home;
mod leisure;
mod living;
mod outdoor;
mod packed;
mod storage;

use super::{Item, Localized};

const GROUPS: [&[Item]; 8] = [
    living::ITEMS,
    storage::ITEMS,
    bedroom::ITEMS,
    appliances::ITEMS,
    leisure::ITEMS,
    home::ITEMS,
    outdoor::ITEMS,
    packed::ITEMS,
];

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const COUNT: usize = {
    let (mut count, mut group) = (0, 0);
    while group < GROUPS.len() {
        count += GROUPS[group].len();
        group += 1;
    }
    count
};

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
static ALL: [Item; COUNT] = {
    let mut all = [GROUPS[0][0]; COUNT];
    let (mut next, mut group) = (0, 0);
    while group < GROUPS.len() {
        let mut i = 0;
        while i < GROUPS[group].len() {
            all[next] = GROUPS[group][i];
            next += 1;
            i += 1;
        }
        group += 1;
    }
    all
};

/// Every object kind, by group.
pub static ITEMS: &[Item] = &ALL;

/// Fragile.
const F: u8 = 1;
/// Heavy.
const H: u8 = 2;
/// To be taken apart.
const D: u8 = 4;

/// One line of a table: id, French, English and Spanish name, small, usual and large volume (m³), weight (kg), flags.
#[allow(clippy::too_many_arguments)]
const fn item(
    id: &'static str,
    fr: &'static str,
    en: &'static str,
    es: &'static str,
    small: f64,
    usual: f64,
    large: f64,
    weight: f64,
    flags: u8,
) -> Item {
    Item {
        id,
        name: Localized { fr, en, es },
        volume: usual,
        bounds: (small, large),
        weight,
        fragile: flags & F != 0,
        heavy: flags & H != 0,
        dismantle: flags & D != 0,
    }
}
