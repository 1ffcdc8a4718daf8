//! Seats and tables.

use super::{D, F, H, Item, item};

#[rustfmt::skip]
pub const ITEMS: &[Item] = &[
    item("sofa_2_seat", "Canapé 2 places", "2-seat sofa", "Sofá de 2 plazas", 0.8, 1.2, 1.8, 45.0, H),
    item("sofa_3_seat", "Canapé 3 places", "3-seat sofa", "Sofá de 3 plazas", 1.2, 1.7, 2.4, 60.0, H),
    item("sofa_4_seat", "Canapé 4 places", "4-seat sofa", "Sofá de 4 plazas", 1.55, 2.1, 2.9, 75.0, H),
    item("sofa_corner", "Canapé d'angle", "Corner sofa", "Sofá rinconero", 2.5, 3.2, 4.2, 110.0, H | D),
    item("sofa_bed", "Canapé-lit", "Sofa bed", "Sofá cama", 1.4, 2.0, 3.0, 85.0, H),
    item("armchair", "Fauteuil", "Armchair", "Sillón", 0.3, 0.6, 0.9, 25.0, 0),
    item("armchair_recliner", "Fauteuil de relaxation", "Recliner", "Sillón reclinable", 0.55, 0.75, 1.1, 42.0, H),
    item("armchair_rocking", "Fauteuil à bascule", "Rocking chair", "Mecedora", 0.28, 0.36, 0.6, 15.0, 0),
    item("pouf", "Pouf", "Ottoman", "Puf", 0.1, 0.2, 0.4, 8.0, 0),
    item("bean_bag", "Poire", "Bean bag", "Puf de bolitas", 0.2, 0.35, 0.6, 6.0, 0),
    item("chaise_longue", "Méridienne", "Chaise longue", "Diván", 0.7, 1.0, 1.4, 40.0, H),
    item("chair", "Chaise", "Chair", "Silla", 0.14, 0.2, 0.3, 6.0, 0),
    item("chair_folding", "Chaise pliante", "Folding chair", "Silla plegable", 0.03, 0.05, 0.08, 4.0, 0),
    item("chair_high", "Chaise haute", "High chair", "Trona", 0.15, 0.2, 0.3, 7.0, 0),
    item("chair_office", "Fauteuil de bureau", "Office chair", "Silla de oficina", 0.2, 0.3, 0.5, 15.0, 0),
    item("stool", "Tabouret", "Stool", "Taburete", 0.06, 0.1, 0.18, 4.0, 0),
    item("stool_bar", "Tabouret de bar", "Bar stool", "Taburete de bar", 0.12, 0.18, 0.28, 7.0, 0),
    item("bench", "Banc", "Bench", "Banco", 0.14, 0.3, 0.5, 15.0, 0),
    item("table_dining", "Table à manger", "Dining table", "Mesa de comedor", 0.5, 0.9, 1.5, 50.0, H | D),
    item("table_kitchen", "Table de cuisine", "Kitchen table", "Mesa de cocina", 0.3, 0.45, 0.7, 25.0, D),
    item("table_coffee", "Table basse", "Coffee table", "Mesa de centro", 0.15, 0.28, 0.45, 20.0, 0),
    item("table_coffee_glass", "Table basse en verre", "Glass coffee table", "Mesa de centro de cristal", 0.15, 0.28, 0.45, 28.0, F),
    item("table_side", "Bout de canapé", "Side table", "Mesa auxiliar", 0.08, 0.14, 0.25, 7.0, 0),
    item("table_folding", "Table pliante", "Folding table", "Mesa plegable", 0.08, 0.15, 0.25, 12.0, 0),
    item("table_extension", "Rallonge de table", "Table extension", "Extensión de mesa", 0.02, 0.04, 0.08, 6.0, 0),
    item("table_round", "Table ronde", "Round table", "Mesa redonda", 0.4, 0.7, 1.1, 35.0, D),
    item("table_console", "Console", "Console table", "Consola", 0.2, 0.35, 0.55, 18.0, 0),
    item("bar_cart", "Desserte", "Serving trolley", "Carrito auxiliar", 0.15, 0.28, 0.4, 12.0, 0),
    item("bar", "Bar", "Home bar", "Mueble bar", 0.42, 0.8, 1.4, 45.0, H),
];
