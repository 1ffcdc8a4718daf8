//! What would make the next film better.

use serde::{Deserialize, Serialize};

use crate::{catalogue, labels, locale::Locale};

/// One piece of advice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Advice {
    /// What it is about.
    pub about: Topic,
    /// The stretch of the film that it is about, whole seconds from its start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u32>,
    /// Where that stretch ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u32>,
    /// The room that it is about, by its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
}

/// What an advice is about; what matters most comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// It is too dark.
    Dark,
    /// It is blurred.
    Blurred,
    /// The camera moves too fast.
    Fast,
    /// A room is seen for less than two seconds.
    Brief,
    /// No cellar, attic, garage or the like is seen, and none is spoken of.
    Storage,
    /// There are cupboards, and nothing is said of what is in them.
    Cupboards,
}

impl Advice {
    /// The advice as a sentence.
    #[must_use]
    pub fn text(&self, locale: Locale) -> String {
        let room = self.room.as_deref().and_then(catalogue::room);
        let room = room.map_or("", |room| room.name.get(locale));
        let time = |at: Option<u32>| clock(at.unwrap_or(0).into());
        labels::advice(self.about)
            .get(locale)
            .replace("{from}", &time(self.from))
            .replace("{to}", &time(self.to))
            .replace("{room}", room)
    }
}

/// A time of the film, in seconds, as a player shows it.
#[must_use]
pub fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_with_times_and_rooms_in_each_language() {
        let dark = Advice {
            about: Topic::Dark,
            from: Some(42),
            to: Some(50),
            room: None,
        };
        assert_eq!(
            dark.text(Locale::En),
            "0:42 to 0:50 is too dark: film it again."
        );
        let brief = Advice {
            about: Topic::Brief,
            from: Some(61),
            to: Some(62),
            room: Some("kitchen".into()),
        };
        for locale in [Locale::Fr, Locale::En, Locale::Es] {
            let text = brief.text(locale);
            let kitchen = catalogue::room("kitchen").unwrap().name.get(locale);
            assert!(
                text.contains(kitchen) && text.contains("1:01") && !text.contains('{'),
                "{text}"
            );
        }
    }
}
