//! Beds and what belongs to them, and the child's room.

use super::{D, F, H, Item, item};

#[rustfmt::skip]
pub const ITEMS: &[Item] = &[
    item("bed_single", "Lit simple", "Single bed", "Cama individual", 0.5, 0.9, 1.15, 45.0, D),
    item("bed_double", "Lit double", "Double bed", "Cama doble", 0.9, 1.5, 2.5, 75.0, H | D),
    item("bed_king", "Très grand lit", "King-size bed", "Cama extragrande", 1.3, 2.0, 2.8, 100.0, H | D),
    item("bed_storage", "Lit coffre", "Storage bed", "Canapé abatible", 1.5, 2.1, 2.9, 120.0, H | D),
    item("bed_bunk", "Lits superposés", "Bunk bed", "Litera", 1.2, 1.7, 2.1, 85.0, H | D),
    item("bed_loft", "Lit mezzanine", "Loft bed", "Cama alta", 1.0, 1.5, 2.0, 80.0, H | D),
    item("bed_folding", "Lit pliant", "Folding bed", "Cama plegable", 0.3, 0.55, 0.8, 25.0, 0),
    item("bed_child", "Lit d'enfant", "Child's bed", "Cama infantil", 0.4, 0.6, 0.9, 30.0, D),
    item("bed_frame", "Cadre de lit", "Bed frame", "Estructura de cama", 0.2, 0.35, 0.6, 35.0, D),
    item("bed_base", "Sommier", "Bed base", "Somier", 0.3, 0.5, 0.8, 30.0, 0),
    item("headboard", "Tête de lit", "Headboard", "Cabecero", 0.08, 0.2, 0.35, 15.0, D),
    item("futon", "Futon", "Futon", "Futón", 0.4, 0.8, 1.3, 40.0, H),
    item("mattress_single", "Matelas simple", "Single mattress", "Colchón individual", 0.3, 0.4, 0.7, 18.0, 0),
    item("mattress_double", "Matelas double", "Double mattress", "Colchón doble", 0.5, 0.65, 1.2, 32.0, H),
    item("bedside_table", "Table de chevet", "Bedside table", "Mesita de noche", 0.1, 0.15, 0.22, 10.0, 0),
    item("dressing_table", "Coiffeuse", "Dressing table", "Tocador", 0.35, 0.6, 0.9, 35.0, F),
    item("valet_stand", "Valet de nuit", "Valet stand", "Galán de noche", 0.08, 0.12, 0.2, 5.0, 0),
    item("duvet", "Couette", "Duvet", "Edredón", 0.05, 0.1, 0.18, 3.0, 0),
    item("pillow", "Oreiller", "Pillow", "Almohada", 0.02, 0.04, 0.07, 1.0, 0),
    item("cot", "Lit de bébé", "Cot", "Cuna", 0.25, 0.45, 0.7, 20.0, D),
    item("cradle", "Berceau", "Cradle", "Moisés", 0.12, 0.2, 0.35, 8.0, 0),
    item("changing_table", "Table à langer", "Changing table", "Cambiador", 0.25, 0.4, 0.6, 20.0, 0),
    item("playpen", "Parc pour bébé", "Playpen", "Parque infantil", 0.1, 0.25, 0.5, 14.0, D),
    item("pram", "Poussette", "Pushchair", "Cochecito", 0.15, 0.3, 0.5, 12.0, 0),
    item("car_seat", "Siège auto", "Child car seat", "Silla de coche", 0.1, 0.18, 0.25, 8.0, 0),
    item("toy_box", "Coffre à jouets", "Toy box", "Baúl de juguetes", 0.1, 0.2, 0.35, 12.0, 0),
    item("doll_house", "Maison de poupée", "Doll's house", "Casa de muñecas", 0.1, 0.2, 0.4, 9.0, F),
    item("rocking_horse", "Cheval à bascule", "Rocking horse", "Caballito balancín", 0.12, 0.22, 0.4, 8.0, 0),
];
