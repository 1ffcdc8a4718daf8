use comfy_table::{ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use dodolens::domain::{
    catalogue::{ITEMS, ROOMS},
    locale::Localized,
};
use serde_json::{Value, json};

use super::{Output, error::CliError};

type Entry = (&'static str, Localized);

pub(super) fn run(as_json: bool, output: &mut Output<'_>) -> Result<(), CliError> {
    let objects: Vec<Entry> = ITEMS.iter().map(|item| (item.id, item.name)).collect();
    let rooms: Vec<Entry> = ROOMS.iter().map(|room| (room.id, room.name)).collect();
    let text = if as_json {
        format!(
            "{:#}",
            json!({"objects": values(&objects), "rooms": values(&rooms)})
        )
    } else {
        format!("{}\n{}", table("Object", &objects), table("Room", &rooms))
    };
    Ok(output.print(&text)?)
}

fn values(entries: &[Entry]) -> Vec<Value> {
    let value = |(id, name): &Entry| json!({"id": id, "name": {"en": name.en, "fr": name.fr, "es": name.es}});
    entries.iter().map(value).collect()
}

fn table(kind: &str, entries: &[Entry]) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header([kind, "English", "Français", "Español"]);
    for (id, name) in entries {
        table.add_row([id, name.en, name.fr, name.es]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAMP: Entry = (
        "floor_lamp",
        Localized {
            en: "Floor lamp",
            fr: "Lampadaire",
            es: "Lámpara de pie",
        },
    );

    #[test]
    fn an_entry_has_its_id_and_all_names() {
        assert_eq!(
            values(&[LAMP]),
            [json!({
                "id": "floor_lamp",
                "name": {"en": "Floor lamp", "fr": "Lampadaire", "es": "Lámpara de pie"},
            })]
        );
        let text = table("Object", &[LAMP]).to_string();
        for word in ["floor_lamp", "Floor lamp", "Lampadaire", "Lámpara de pie"] {
            assert!(text.contains(word), "{word} is not in\n{text}");
        }
    }
}
