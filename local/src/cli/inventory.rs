//! An inventory as a table and a few lines.

use comfy_table::{
    Attribute, Cell, CellAlignment, ContentArrangement, Table, presets::UTF8_FULL_CONDENSED,
};
use dodolens::domain::{
    catalogue,
    inventory::{Inventory, NO_ROOM, Object, Transport, clock},
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
    parts.push(view.coverage());
    parts.extend(view.list(&words::REMARKS, &inventory.remarks));
    let advice = inventory.advice.iter();
    let advice: Vec<String> = advice.map(|it| it.text(view.locale)).collect();
    parts.extend(view.list(&words::ADVICE, &advice));
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
        if self.inventory.rooms.is_empty() {
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
        let objects = self.inventory.objects();
        for room in &self.inventory.rooms {
            let name = self.room_name(room.room.as_deref());
            let volume = self.number(room.volume, 2);
            let row = [name, "", &room.quantity.to_string(), "", &volume];
            table.add_row(row.map(|text| Cell::new(text).add_attribute(Attribute::Bold)));
            for object in objects.iter().filter(|object| object.room == room.room) {
                table.add_row(self.object(object));
            }
        }
        if let Some(others) = &self.inventory.others {
            let (quantity, volume) = (others.quantity.to_string(), self.number(others.volume, 2));
            table.add_row(["", self.say(&words::OTHERS), &quantity, "", &volume]);
        }
        table.trim_fmt()
    }

    fn object(&self, object: &Object) -> [String; 7] {
        let flags = object.flags.iter();
        let flags = flags.map(|flag| labels::flag(*flag).get(self.locale));
        let seen = object.seen_at.map(|seconds| clock(seconds.into()));
        let said = object.said.then(|| self.say(&words::SAID).to_owned());
        [
            String::new(),
            object.name.clone(),
            object.quantity.to_string(),
            self.number(object.unit_volume, 2),
            self.number(object.volume, 2),
            flags.collect::<Vec<_>>().join(", "),
            seen.into_iter().chain(said).collect::<Vec<_>>().join(", "),
        ]
    }

    fn staying(&self) -> Option<String> {
        let mut lines = Vec::new();
        for (room, things) in &self.inventory.staying {
            let room = match room.as_str() {
                NO_ROOM => String::new(),
                id => format!(" ({})", self.room_name(Some(id))),
            };
            for (key, quantity) in things {
                lines.push(format!("{quantity} × {}{room}", self.item_name(key)));
            }
        }
        self.list(&words::STAYING, &lines)
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

    fn coverage(&self) -> String {
        let seen = &self.inventory.coverage;
        format!(
            "{} {}, {} {} s",
            self.say(&words::COVERAGE),
            seen.pictures,
            self.say(&words::LONGEST_GAP),
            self.number(seen.longest_gap, 1),
        )
    }

    fn transport(&self, title: &Localized, transport: &Transport) -> String {
        format!(
            "{} {} × {} ({} m³)",
            self.say(title),
            transport.count,
            transport.name(self.locale),
            self.number(transport.capacity(), 0),
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

    fn room_name<'a>(&'a self, id: Option<&'a str>) -> &'a str {
        match id {
            Some(id) => catalogue::room(id).map_or(id, |room| room.name.get(self.locale)),
            None => self.say(&words::ELSEWHERE),
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

#[cfg(test)]
mod tests {
    use dodolens::domain::inventory::{Contents, Others};

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
        let text = render(&inventory, None, false);
        for words in [
            "Pièce ",
            "fragile, indécis",
            "0:02, dit",
            "Pièce inconnue",
            "Total : 2,23 m³ (1,50 à 3,40), 104 kg",
            "Images regardées : 8, plus long intervalle : 2,1 s",
            "De 0:42 à 0:50, c'est trop sombre",
            "la vidéo n’a pas de son",
        ] {
            assert!(text.contains(words), "{words} is not in\n{text}");
        }
        assert!(!text.contains("Effacé"));
    }

    #[test]
    fn what_has_no_line_of_its_own_is_counted() {
        let others = Others {
            lines: 4,
            quantity: 7,
            volume: 0.5,
            volume_range: [0.2, 0.9],
            weight_kg: 3.0,
        };
        let inventory = Inventory {
            others: Some(others),
            ..fixture::inventory()
        };
        let text = render(&inventory, None, false);
        let row = |line: &str| line.split('┆').map(str::trim).collect::<Vec<_>>().join("|");
        assert!(
            text.lines()
                .any(|line| row(line).contains("|Other small objects|7||0.50|")),
            "{text}"
        );
    }

    #[test]
    fn an_empty_home_has_no_table() {
        let inventory = Inventory {
            rooms: vec![],
            staying: Contents::new(),
            ..fixture::inventory()
        };
        let text = render(&inventory, None, false);
        assert!(
            text.starts_with("Nothing to move was found.\nTotal: "),
            "{text}"
        );
    }
}
