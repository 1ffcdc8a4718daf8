//! Cartons and what else is already packed.

use super::{F, H, Item, item};

#[rustfmt::skip]
pub const ITEMS: &[Item] = &[
    item("carton", "Carton", "Moving box", "Caja de mudanza", 0.05, 0.065, 0.1, 12.0, 0),
    item("carton_small", "Petit carton", "Small box", "Caja pequeña", 0.02, 0.035, 0.045, 13.0, 0),
    item("carton_large", "Grand carton", "Large box", "Caja grande", 0.1, 0.125, 0.17, 16.0, 0),
    item("carton_books", "Carton de livres", "Book box", "Caja de libros", 0.02, 0.03, 0.045, 18.0, 0),
    item("carton_fragile", "Carton de vaisselle", "Dish box", "Caja de vajilla", 0.06, 0.12, 0.18, 18.0, F),
    item("carton_wardrobe", "Carton penderie", "Wardrobe box", "Caja armario", 0.25, 0.4, 0.5, 16.0, 0),
    item("crate", "Caisse", "Crate", "Cajón", 0.03, 0.06, 0.12, 10.0, 0),
    item("plastic_box", "Bac de rangement", "Storage bin", "Caja de plástico", 0.04, 0.09, 0.17, 9.0, 0),
    item("suitcase", "Valise", "Suitcase", "Maleta", 0.07, 0.14, 0.28, 14.0, 0),
    item("trunk", "Malle", "Trunk", "Baúl de viaje", 0.15, 0.25, 0.4, 28.0, H),
    item("bag", "Sac", "Bag", "Bolsa", 0.03, 0.08, 0.15, 8.0, 0),
    item("backpack", "Sac à dos", "Backpack", "Mochila", 0.02, 0.05, 0.1, 5.0, 0),
    item("vacuum_bag", "Housse sous vide", "Vacuum storage bag", "Bolsa al vacío", 0.03, 0.06, 0.1, 5.0, 0),
];
