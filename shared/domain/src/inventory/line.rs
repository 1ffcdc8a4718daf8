//! One line of the inventory, as short as it can be.

use serde::{Deserialize, Serialize};

/// Objects of one kind in one room. On the wire a list of three or four: how many; their volume, m³; the second of the
/// film at which the first of them is seen, or null; and what else there is to say of them, if anything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(from = "Wire", into = "Wire")]
#[cfg_attr(test, schemars(with = "Wire"))]
pub struct Line {
    /// How many.
    pub quantity: u32,
    /// m³ of all.
    pub volume: f64,
    /// Whole seconds from the start of the film; `None` where they were only spoken of.
    pub seen_at: Option<u32>,
    /// What else there is to say.
    pub details: Details,
}

/// What is not as usual.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Details {
    /// How many of them are smaller than usual.
    #[serde(skip_serializing_if = "is_default")]
    pub small: u32,
    /// How many of them are larger than usual.
    #[serde(skip_serializing_if = "is_default")]
    pub large: u32,
    /// Fragile, though that kind is not usually.
    #[serde(skip_serializing_if = "is_default")]
    pub fragile: bool,
    /// They were spoken of.
    #[serde(skip_serializing_if = "is_default")]
    pub said: bool,
    /// The family is undecided whether they come.
    #[serde(skip_serializing_if = "is_default")]
    pub unsure: bool,
    /// 0 to 1, where it is below 0.9.
    #[serde(skip_serializing_if = "is_default")]
    #[cfg_attr(test, schemars(inner(range(min = 0, max = 1))))]
    pub confidence: Option<f64>,
    /// Both sides of a contradiction: a human should ask.
    #[serde(skip_serializing_if = "is_default")]
    pub conflict: Option<Conflict>,
}

/// Two things that can't both be true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "about", rename_all = "camelCase")]
pub enum Conflict {
    /// How many there are. The larger number is counted.
    Quantity {
        /// In the pictures; in all rooms, when what was said is of no room.
        seen: u32,
        /// By the family's word.
        said: u32,
    },
    /// Whether they come. They are counted as coming.
    Decision {
        /// How many were said to come.
        moving: u32,
        /// How many were said to stay.
        staying: u32,
    },
    /// Whether some are the same, filmed twice. The larger number is counted.
    Again {
        /// How many there are if they are.
        least: u32,
        /// How many there are if none is.
        most: u32,
    },
    /// More was named than a room can hold. The smaller number is counted.
    Space {
        /// How many a model named.
        named: u32,
        /// How many were counted.
        counted: u32,
    },
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
enum Wire {
    Plain(u32, f64, Option<u32>),
    Detailed(u32, f64, Option<u32>, Details),
}

impl From<Wire> for Line {
    fn from(wire: Wire) -> Self {
        let (quantity, volume, seen_at, details) = match wire {
            Wire::Plain(quantity, volume, seen_at) => {
                (quantity, volume, seen_at, Details::default())
            }
            Wire::Detailed(quantity, volume, seen_at, details) => {
                (quantity, volume, seen_at, details)
            }
        };
        Self {
            quantity,
            volume,
            seen_at,
            details,
        }
    }
}

impl From<Line> for Wire {
    fn from(line: Line) -> Self {
        match line.details == Details::default() {
            true => Self::Plain(line.quantity, line.volume, line.seen_at),
            false => Self::Detailed(line.quantity, line.volume, line.seen_at, line.details),
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_is_as_short_as_it_can_be() {
        let mut line = Line {
            quantity: 2,
            volume: 0.3,
            seen_at: Some(137),
            details: Details::default(),
        };
        let read =
            |line: &Line| serde_json::from_value::<Line>(serde_json::to_value(line).unwrap());
        assert_eq!(serde_json::to_value(&line).unwrap(), json!([2, 0.3, 137]));
        assert_eq!(read(&line).unwrap(), line);
        line.seen_at = None;
        line.details.said = true;
        line.details.conflict = Some(Conflict::Again { least: 1, most: 2 });
        let expected = json!([2, 0.3, null, {"said": true, "conflict": {"about": "again", "least": 1, "most": 2}}]);
        assert_eq!(serde_json::to_value(&line).unwrap(), expected);
        assert_eq!(read(&line).unwrap(), line);
    }
}
