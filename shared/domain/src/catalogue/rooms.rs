use super::{Localized, Room};

/// Every room kind, in the order of a walk through a home; the order of a result's entries.
#[rustfmt::skip]
pub static ROOMS: &[Room] = &[
    room("hall", "Entrée", "Hall", "Recibidor"),
    room("living_room", "Salon", "Living room", "Salón"),
    room("dining_room", "Salle à manger", "Dining room", "Comedor"),
    room("kitchen", "Cuisine", "Kitchen", "Cocina"),
    room("bedroom", "Chambre", "Bedroom", "Dormitorio"),
    room("bedroom_2", "Chambre 2", "Bedroom 2", "Dormitorio 2"),
    room("bedroom_3", "Chambre 3", "Bedroom 3", "Dormitorio 3"),
    room("child_room", "Chambre d'enfant", "Child's room", "Habitación infantil"),
    room("guest_room", "Chambre d'amis", "Guest room", "Habitación de invitados"),
    room("dressing_room", "Dressing", "Dressing room", "Vestidor"),
    room("office", "Bureau", "Home office", "Despacho"),
    room("bathroom", "Salle de bain", "Bathroom", "Baño"),
    room("toilet", "Toilettes", "Toilet", "Aseo"),
    room("laundry", "Buanderie", "Laundry room", "Lavadero"),
    room("pantry", "Cellier", "Pantry", "Despensa"),
    room("attic", "Grenier", "Attic", "Desván"),
    room("cellar", "Cave", "Cellar", "Sótano"),
    room("workshop", "Atelier", "Workshop", "Taller"),
    room("garage", "Garage", "Garage", "Garaje"),
    room("balcony", "Balcon", "Balcony", "Balcón"),
    room("terrace", "Terrasse", "Terrace", "Terraza"),
    room("garden", "Jardin", "Garden", "Jardín"),
];

const fn room(id: &'static str, fr: &'static str, en: &'static str, es: &'static str) -> Room {
    Room {
        id,
        name: Localized { fr, en, es },
    }
}
