//! Which objects are to be seen, where, how often and when.

use std::str::FromStr;

use dodolens_domain::catalogue;

use crate::markers::{MAX_NUMBER, Marker, number_of};

/// Equal objects that one placement may ask for.
const MAX_COUNT: u32 = 99;

/// Like objects in a room, visible for some time: `<catalogue id>@<room>[#n][xN][:from-to]`, times in seconds.
///
/// With a number they can be told from each other: `chair@kitchen#3x2` is the chairs 3 and 4 of the kitchen.
#[derive(Debug, Clone, PartialEq)]
pub struct Placement {
    /// What it is and where it stands; with a number, the first of them.
    pub marker: Marker,
    /// How many of it are seen at once.
    pub count: u32,
    /// From when to when it is visible, seconds; none is the whole video.
    pub window: Option<(f64, f64)>,
}

/// A placement cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlacementError {
    /// It isn't written as it should be.
    #[error(
        "not `<catalogue id>@<room>[#n][xN][:from-to]` with ids of lower-case letters, digits and underscores"
    )]
    Malformed,
    /// The number of objects is out of range.
    #[error("a count is 1 to {MAX_COUNT}")]
    Count,
    /// The number of a thing is out of range.
    #[error("the number of a thing is 1 to {MAX_NUMBER}")]
    Number,
    /// The times are not two increasing numbers.
    #[error("a time window is `from-to` in seconds, with `to` after `from`")]
    Window,
    /// The catalogue has no such object.
    #[error("`{0}` is not in the catalogue")]
    UnknownItem(String),
    /// The catalogue has no such room.
    #[error("`{0}` is not a room of the catalogue")]
    UnknownRoom(String),
}

impl Placement {
    /// The marker of each of its objects; none if one would have too large a number.
    pub fn markers(&self) -> Result<Vec<Marker>, PlacementError> {
        let marker = |place: u32| match self.marker.number() {
            None => Ok(self.marker.clone()),
            Some(first) => self
                .marker
                .clone()
                .numbered(first.saturating_add(place))
                .map_err(|_| PlacementError::Number),
        };
        (0..self.count).map(marker).collect()
    }

    /// Fails if the catalogue has no such object or room.
    pub fn check_catalogue(&self) -> Result<(), PlacementError> {
        let (item, room) = (self.marker.item(), self.marker.room());
        catalogue::item(item).ok_or_else(|| PlacementError::UnknownItem(item.into()))?;
        catalogue::room(room).ok_or_else(|| PlacementError::UnknownRoom(room.into()))?;
        Ok(())
    }
}

impl FromStr for Placement {
    type Err = PlacementError;

    fn from_str(text: &str) -> Result<Self, PlacementError> {
        let (what, window) = match text.split_once(':') {
            Some((what, window)) => (
                what,
                Some(parse_window(window).ok_or(PlacementError::Window)?),
            ),
            None => (text, None),
        };
        let (item, place) = what.split_once('@').ok_or(PlacementError::Malformed)?;
        let (place, count) = split_count(place)?;
        let (room, number) = match place.split_once('#') {
            Some((room, number)) => (room, Some(number)),
            None => (place, None),
        };
        let mut marker = Marker::new(item, room).map_err(|_| PlacementError::Malformed)?;
        if let Some(number) = number {
            let numbered = number_of(number).and_then(|number| marker.numbered(number));
            marker = numbered.map_err(|_| PlacementError::Number)?;
        }
        let placement = Self {
            marker,
            count,
            window,
        };
        placement.markers()?;
        Ok(placement)
    }
}

/// `bedroomx2` is two in `bedroom`; the x of `box_room` is part of the name.
fn split_count(place: &str) -> Result<(&str, u32), PlacementError> {
    match place.rsplit_once('x') {
        Some((room, count))
            if !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            let count = count
                .parse()
                .ok()
                .filter(|count| (1..=MAX_COUNT).contains(count));
            Ok((room, count.ok_or(PlacementError::Count)?))
        }
        _ => Ok((place, 1)),
    }
}

fn parse_window(text: &str) -> Option<(f64, f64)> {
    let (from, to) = text.split_once('-')?;
    let (from, to): (f64, f64) = (from.parse().ok()?, to.parse().ok()?);
    (from >= 0.0 && from < to && to.is_finite()).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placement_is_read() {
        let cases = [
            ("sofa_3@living_room", "sofa_3", "living_room", 1, None),
            ("chair@kitchenx4", "chair", "kitchen", 4, None),
            (
                "chair@box_roomx12:0-2.5",
                "chair",
                "box_room",
                12,
                Some((0.0, 2.5)),
            ),
            ("box@box:51-64", "box", "box", 1, Some((51.0, 64.0))),
        ];
        for (text, item, room, count, window) in cases {
            let marker = Marker::new(item, room).unwrap();
            assert_eq!(
                text.parse(),
                Ok(Placement {
                    marker,
                    count,
                    window
                }),
                "{text}"
            );
        }
    }

    #[test]
    fn numbered_things_are_told_from_each_other() {
        let markers = |text: &str| {
            let placement: Placement = text.parse().unwrap();
            let markers = placement.markers().unwrap().into_iter();
            markers.map(|marker| marker.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(markers("chair@kitchenx2"), ["item=chair;room=kitchen"; 2]);
        assert_eq!(
            markers("chair@kitchen#3:4-8"),
            ["item=chair;room=kitchen;n=3"]
        );
        assert_eq!(
            markers("chair@kitchen#3x2"),
            ["item=chair;room=kitchen;n=3", "item=chair;room=kitchen;n=4"]
        );
        assert_eq!(markers("chair@box#9990x10").len(), 10);
    }

    #[test]
    fn a_bad_placement_says_what_is_wrong() {
        use PlacementError::{Count, Malformed, Number, Window};
        let cases = [
            (
                Malformed,
                &[
                    "",
                    "sofa",
                    "@",
                    "sofa@",
                    "@room",
                    "Sofa@room",
                    "sofa@room@x",
                    "so fa@room",
                ][..],
            ),
            (
                Count,
                &[
                    "sofa@roomx0",
                    "sofa@roomx100",
                    "sofa@roomx99999999999999",
                    "sofa@room#1x0",
                ],
            ),
            (
                Number,
                &[
                    "sofa@room#",
                    "sofa@room#0",
                    "sofa@room#03",
                    "sofa@room#a",
                    "sofa@room#1#2",
                    "sofa@room#10000",
                    "sofa@room#9999x2",
                ],
            ),
            (
                Window,
                &[
                    "sofa@room:",
                    "sofa@room:3",
                    "sofa@room:3-3",
                    "sofa@room:4-3",
                    "sofa@room:-1-3",
                ],
            ),
            (
                Window,
                &[
                    "sofa@room:1-inf",
                    "sofa@room:NaN-3",
                    "sofa@room:1-2-3",
                    "sofa@room:a-b",
                    "sofa@room:1:2",
                ],
            ),
        ];
        for (error, texts) in cases {
            for text in texts {
                assert_eq!(text.parse::<Placement>(), Err(error.clone()), "{text}");
            }
        }
    }

    #[test]
    fn ids_are_looked_up_in_the_catalogue() {
        let unknown: Placement = "no_such_thing@no_such_room".parse().unwrap();
        assert_eq!(
            unknown.check_catalogue(),
            Err(PlacementError::UnknownItem("no_such_thing".into()))
        );
        for (item, room) in catalogue::ITEMS.iter().zip(catalogue::ROOMS) {
            let place = |room| format!("{}@{room}", item.id).parse::<Placement>().unwrap();
            assert_eq!(place(room.id).check_catalogue(), Ok(()));
            assert_eq!(
                place("no_such_room").check_catalogue(),
                Err(PlacementError::UnknownRoom("no_such_room".into()))
            );
        }
    }
}
