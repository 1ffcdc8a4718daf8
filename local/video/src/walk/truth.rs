//! What there is in the home of a walk, for tests to hold an inventory against.

use std::{collections::BTreeMap, fs, io, path::Path};

use dodolens_domain::catalogue::{Item, Room};
use serde::Serialize;

use super::super::VideoError;

/// All things of a home, by room and kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Truth {
    /// Each kind of thing of each room once, in the order of their ids.
    pub things: Vec<Kept>,
}

/// Things of one kind in one room.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Kept {
    /// The id of the room.
    pub room: &'static str,
    /// The catalogue id of the kind.
    pub catalogue_id: &'static str,
    /// How many.
    pub count: u32,
    /// Their usual volume together, m³.
    pub volume: f64,
}

impl Truth {
    pub(super) fn of(things: &[(&'static Room, &'static Item)]) -> Self {
        let mut counts: BTreeMap<(&str, &str), (u32, f64)> = BTreeMap::new();
        for (room, item) in things {
            let (count, _) = counts.entry((room.id, item.id)).or_insert((0, item.volume));
            *count += 1;
        }
        let kept = |((room, catalogue_id), (count, volume)): (_, (u32, f64))| Kept {
            room,
            catalogue_id,
            count,
            // Volumes of the catalogue are whole litres.
            volume: (volume * f64::from(count) * 1_000.0).round() / 1_000.0,
        };
        Self {
            things: counts.into_iter().map(kept).collect(),
        }
    }

    /// Writes it as JSON.
    pub fn write(&self, path: &Path) -> Result<(), VideoError> {
        let json = serde_json::to_string_pretty(self).map_err(io::Error::from);
        json.and_then(|json| fs::write(path, json + "\n"))
            .map_err(VideoError::Truth)
    }
}

#[cfg(test)]
mod tests {
    use dodolens_domain::catalogue::{item, room};
    use serde_json::json;

    use super::*;

    #[test]
    fn the_truth_is_by_room_and_kind() {
        let thing = |room_id, item_id| (room(room_id).unwrap(), item(item_id).unwrap());
        let truth = Truth::of(&[
            thing("kitchen", "chair"),
            thing("bedroom", "chair"),
            thing("kitchen", "chair"),
            thing("kitchen", "fridge"),
            thing("kitchen", "chair"),
        ]);
        let file = tempfile::NamedTempFile::new().unwrap();
        truth.write(file.path()).unwrap();
        let written: serde_json::Value =
            serde_json::from_slice(&fs::read(file.path()).unwrap()).unwrap();
        let volume = |id, count: f64| (item(id).unwrap().volume * count * 1e3).round() / 1e3;
        assert_eq!(
            written,
            json!({"things": [
                {"room": "bedroom", "catalogueId": "chair", "count": 1, "volume": volume("chair", 1.0)},
                {"room": "kitchen", "catalogueId": "chair", "count": 3, "volume": volume("chair", 3.0)},
                {"room": "kitchen", "catalogueId": "fridge", "count": 1, "volume": volume("fridge", 1.0)},
            ]})
        );
        let nowhere = truth.write(Path::new("/no/such/place"));
        assert!(matches!(nowhere, Err(VideoError::Truth(_))));
    }
}
