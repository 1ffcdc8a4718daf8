//! An inventory as a table and a few lines.

use comfy_table::{
    Attribute, Cell, CellAlignment, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED,
};
use dodolens::domain::{
    catalogue,
    inventory::{Inventory, NO_ROOM, Object, Transport},
    labels,
    locale::{Locale, Localized},
    receipt::{ErasureReceipt, PartsFate},
};

use super::words;

/// The inventory, in its language; for a terminal in its width and with bold rooms.
pub(super) fn render(
    inventory: &Inventory,
    receipt: Option<&ErasureReceipt>,
    for_terminal: bool,
) -> String {
    let view = View {
        inventory,
        for_terminal,
        locale: inventory.locale,
    };
    let mut parts = vec![view.objects()];
    parts.extend(view.staying());
    parts.push(view.totals());
    parts.extend(view.list(&words::REMARKS, &inventory.remarks));
    let gaps = inventory
        .degraded
        .iter()
        .map(|gap| view.say(&words::gap(*gap)));
    parts.extend(view.list(&words::DEGRADED, &gaps.collect::<Vec<_>>()));
    parts.extend(receipt.map(|receipt| view.receipt(receipt)));
    parts.join("\n")
}

struct View<'a> {
    inventory: &'a Inventory,
    locale: Locale,
    for_terminal: bool,
}

impl View<'_> {
    fn objects(&self) -> String {
        if self.inventory.objects.is_empty() {
            return self.say(&words::NOTHING).to_owned();
        }
        let header = [
            words::ROOM,
            words::OBJECT,
            words::QUANTITY,
            words::UNIT_VOLUME,
            words::VOLUME,
            words::HANDLING,
            words::EVIDENCE,
        ];
        let mut table = Table::new();
        if !self.for_terminal {
            table.force_no_tty();
        }
        table
            .load_style(UTF8_FULL_CONDENSED)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_header(header.map(|word| self.say(&word)));
        for column in table.column_iter_mut().skip(2).take(3) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        for room in &self.inventory.rooms {
            let volume = self.number(room.volume, 2);
            let row = [&room.name, "", &room.quantity.to_string(), "", &volume];
            table.add_row(row.map(|text| Cell::new(text).add_attribute(Attribute::Bold)));
            for object in self.inventory.objects.iter().filter(|o| !is_group(o)) {
                if object.room == room.room {
                    table.add_row(self.object(object));
                }
            }
            for row in self.grouped(room.room.as_deref()) {
                table.add_row(row);
            }
        }
        let listed = |object: &Object| self.inventory.rooms.iter().any(|r| r.room == object.room);
        let mut unlisted = self
            .inventory
            .objects
            .iter()
            .filter(|object| match is_group(object) {
                true => has_unnamed(object),
                false => !listed(object),
            })
            .peekable();
        if unlisted.peek().is_some() {
            table.add_row([self.say(&words::ELSEWHERE)]);
        }
        for object in unlisted {
            table.add_row(self.object(object));
        }
        table.trim_fmt()
    }

    /// What an entry of several kinds has in a room.
    fn grouped(&self, room: Option<&str>) -> Vec<[String; 5]> {
        let groups = self.inventory.objects.iter().filter(|o| is_group(o));
        groups
            .filter_map(|group| group.contents.get(room.unwrap_or(NO_ROOM)))
            .flatten()
            .map(|(key, (quantity, volume))| {
                let unit = volume / f64::from((*quantity).max(1));
                let (unit, volume) = (self.number(unit, 2), self.number(*volume, 2));
                let name = self.item_name(key).to_owned();
                [String::new(), name, quantity.to_string(), unit, volume]
            })
            .collect()
    }

    fn object(&self, object: &Object) -> [String; 7] {
        let flags = object
            .flags
            .iter()
            .map(|flag| labels::flag(*flag).get(self.locale));
        let seen = object
            .evidence
            .seen_at
            .iter()
            .map(|seconds| clock(*seconds));
        let said = object
            .evidence
            .said
            .then(|| self.say(&words::SAID).to_owned());
        [
            String::new(),
            object.name.clone(),
            object.quantity.to_string(),
            self.number(object.unit_volume, 2),
            self.number(object.volume, 2),
            flags.collect::<Vec<_>>().join(", "),
            seen.chain(said).collect::<Vec<_>>().join(", "),
        ]
    }

    fn staying(&self) -> Option<String> {
        let mut lines = Vec::new();
        for staying in &self.inventory.staying {
            if staying.contents.is_empty() {
                lines.push(self.stay(staying.quantity, &staying.name, staying.room.as_deref()));
            }
            for (room, contents) in &staying.contents {
                let room = Some(room.as_str()).filter(|id| *id != NO_ROOM);
                let named = contents.iter();
                lines.extend(
                    named.map(|(key, quantity)| self.stay(*quantity, self.item_name(key), room)),
                );
            }
        }
        self.list(&words::STAYING, &lines)
    }

    fn stay(&self, quantity: u32, name: &str, room: Option<&str>) -> String {
        let room = room.map_or(String::new(), |id| format!(" ({})", self.room_name(id)));
        format!("{quantity} × {name}{room}")
    }

    fn totals(&self) -> String {
        let inventory = self.inventory;
        let [low, high] = inventory.total_volume_range;
        format!(
            "{} {} m³ ({} {} {}), {} kg\n{}\n{}",
            self.say(&words::TOTAL),
            self.number(inventory.total_volume, 2),
            self.number(low, 2),
            self.say(&words::TO),
            self.number(high, 2),
            self.number(inventory.total_weight_kg, 0),
            self.transport(&words::VEHICLE, &inventory.vehicle),
            self.transport(&words::CONTAINER, &inventory.container),
        )
    }

    fn transport(&self, title: &Localized, transport: &Transport) -> String {
        format!(
            "{} {} × {} ({} m³)",
            self.say(title),
            transport.count,
            transport.name,
            self.number(transport.capacity, 0),
        )
    }

    fn receipt(&self, receipt: &ErasureReceipt) -> String {
        let statement = &receipt.statement;
        let (fate, at) = match statement.fate {
            PartsFate::Deleted {
                parts_verified_absent_at: at,
            } => (&words::PARTS_ABSENT, at),
            PartsFate::LeftToExpire {
                parts_left_to_expire_at: at,
            } => (&words::PARTS_LEFT, at),
        };
        format!(
            "{} {} {}, {} {} {at}",
            self.say(&words::ERASED),
            self.say(&words::KEY_DESTROYED),
            statement.key_destroyed_at,
            statement.parts,
            self.say(fate),
        )
    }

    fn list(&self, title: &Localized, lines: &[impl AsRef<str>]) -> Option<String> {
        if lines.is_empty() {
            return None;
        }
        let mut text = self.say(title).to_owned();
        for line in lines {
            text.push_str("\n  • ");
            text.push_str(line.as_ref());
        }
        Some(text)
    }

    /// What a key of contents is called.
    fn item_name<'a>(&self, key: &'a str) -> &'a str {
        catalogue::item(key).map_or(key, |item| item.name.get(self.locale))
    }

    fn room_name<'a>(&'a self, id: &'a str) -> &'a str {
        let mut rooms = self.inventory.rooms.iter();
        match rooms.find(|total| total.room.as_deref() == Some(id)) {
            Some(total) => &total.name,
            None => catalogue::room(id).map_or(id, |room| room.name.get(self.locale)),
        }
    }

    fn say(&self, words: &Localized) -> &'static str {
        words.get(self.locale)
    }

    /// French and Spanish write a decimal comma.
    fn number(&self, value: f64, decimals: usize) -> String {
        let text = format!("{value:.decimals$}");
        match self.locale {
            Locale::En => text,
            Locale::Fr | Locale::Es => text.replace('.', ","),
        }
    }
}

fn is_group(object: &Object) -> bool {
    !object.contents.is_empty()
}

/// Whether an entry holds more than it names.
fn has_unnamed(object: &Object) -> bool {
    let lines = object.contents.values().flat_map(|room| room.values());
    let named = lines.fold(0_u32, |sum, (quantity, _)| sum.saturating_add(*quantity));
    is_group(object) && named < object.quantity
}

/// Seconds as minutes and seconds.
fn clock(seconds: f64) -> String {
    let whole = seconds.max(0.0) as u64;
    format!("{}:{:02}", whole / 60, whole % 60)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::fixture;

    #[test]
    fn an_inventory_is_a_table_by_room_and_a_few_lines() {
        let text = render(&fixture::inventory(), Some(&fixture::receipt()), false);
        assert_eq!(text, include_str!("inventory.txt").trim_end());
    }

    #[test]
    fn speaks_the_language_of_the_inventory() {
        let mut inventory = fixture::inventory();
        inventory.locale = Locale::Fr;
        inventory.rooms.pop();
        let text = render(&inventory, None, false);
        for words in [
            "Pièce ",
            "fragile, indécis",
            "0:02, 1:01, dit",
            "Pièce inconnue",
            "Total : 2,60 m³ (2,10 à 3,40), 104 kg",
            "la vidéo n’a pas de son",
        ] {
            assert!(text.contains(words), "{words} is not in\n{text}");
        }
        assert!(!text.contains("Effacé"));
    }

    #[test]
    fn what_is_grouped_is_shown_in_its_room() {
        let mut inventory = fixture::inventory();
        fn in_room<T>(room: &str, key: &str, line: T) -> (String, BTreeMap<String, T>) {
            (room.to_owned(), BTreeMap::from([(key.to_owned(), line)]))
        }
        inventory.objects[1].room = None;
        inventory.objects[1].name = "Other objects".to_owned();
        inventory.objects[1].contents =
            BTreeMap::from([in_room("living_room", "kettle", (2, 0.5))]);
        inventory.staying[0].contents = BTreeMap::from([
            in_room("cellar", "tv", 1),
            in_room(NO_ROOM, "Marble bust", 2),
        ]);
        let rows = |inventory: &Inventory| -> Vec<String> {
            let text = render(inventory, None, false);
            let row = |line: &str| line.split('┆').map(str::trim).collect::<Vec<_>>().join("|");
            text.lines().map(row).collect()
        };
        let shown = rows(&inventory);
        let row = |shown: &[String], text: &str| shown.iter().any(|row| row.contains(text));
        assert!(row(&shown, "|Kettle|2|0.25|0.50|"), "{shown:#?}");
        assert!(!row(&shown, "Other objects"), "{shown:#?}");
        assert!(row(&shown, "• 1 × TV (Cellar)") && row(&shown, "• 2 × Marble bust"));
        inventory.objects[1].quantity = 3;
        let shown = rows(&inventory);
        assert!(row(&shown, "|Other objects|3|"), "{shown:#?}");
    }

    #[test]
    fn an_empty_home_has_no_table() {
        let inventory = Inventory {
            objects: vec![],
            rooms: vec![],
            staying: vec![],
            ..fixture::inventory()
        };
        let text = render(&inventory, None, false);
        assert!(
            text.starts_with("Nothing to move was found.\nTotal: "),
            "{text}"
        );
    }
}
