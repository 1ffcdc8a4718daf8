//! What an inventory says.

use dodolens::domain::inventory::Inventory;

/// Kind and quantity of each line, in their order.
#[must_use]
pub fn counted(inventory: &Inventory) -> Vec<(&str, u32)> {
    let lines = inventory.rooms.iter().flat_map(|room| &room.things);
    lines
        .map(|(kind, line)| (kind.as_str(), line.quantity))
        .collect()
}
