//! What a walk is to be: `things=90,rooms=9,view=4,seed=1,chairs=6`.

use std::{ops::RangeInclusive, str::FromStr};

use dodolens_domain::catalogue::ROOMS;

/// How many things a walk passes.
const THINGS: RangeInclusive<u32> = 1..=1_000;
/// How long a thing is in view, seconds.
const VIEW: RangeInclusive<f64> = 0.5..=60.0;

/// A walk through a home, as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WalkSpec {
    /// How many things are passed.
    pub things: u32,
    /// Over how many rooms, one after the other.
    pub rooms: u32,
    /// How long each thing is in view, seconds. The next one comes into view after half of that.
    pub view: f64,
    /// Which home: another one for each number.
    pub seed: u64,
    /// How many of the things are chairs of the first room, all alike, as around a table.
    pub chairs: u32,
}

/// A walk is not one that can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WalkError {
    /// It isn't written as it should be.
    #[error("not `things=N,rooms=N,view=SECONDS,seed=N,chairs=N` with any of these, in any order")]
    Malformed,
    /// The number of things is out of range.
    #[error("a walk passes {} to {} things", THINGS.start(), THINGS.end())]
    Things,
    /// The number of rooms is out of range.
    #[error("a walk goes through 1 to {} rooms, and there is a thing in each", ROOMS.len())]
    Rooms,
    /// The time in view is out of range.
    #[error("a thing is in view for {} to {} s", VIEW.start(), VIEW.end())]
    View,
    /// There are more chairs than things in the first room.
    #[error("the chairs are among the things of the first room, which has `things` / `rooms`")]
    Chairs,
}

impl Default for WalkSpec {
    fn default() -> Self {
        Self {
            things: 90,
            rooms: 9,
            view: 4.0,
            seed: 1,
            chairs: 0,
        }
    }
}

impl WalkSpec {
    /// Fails on what no walk can be.
    pub(super) fn check(&self) -> Result<(), WalkError> {
        if !THINGS.contains(&self.things) {
            return Err(WalkError::Things);
        }
        let rooms = usize::try_from(self.rooms).unwrap_or(usize::MAX);
        if !(1..=ROOMS.len()).contains(&rooms) || self.rooms > self.things {
            return Err(WalkError::Rooms);
        }
        if !VIEW.contains(&self.view) {
            return Err(WalkError::View);
        }
        // The first room has no fewer things than this.
        if self.chairs > self.things / self.rooms {
            return Err(WalkError::Chairs);
        }
        Ok(())
    }
}

impl FromStr for WalkSpec {
    type Err = WalkError;

    fn from_str(text: &str) -> Result<Self, WalkError> {
        fn number<T: FromStr>(text: &str) -> Result<T, WalkError> {
            text.parse().map_err(|_| WalkError::Malformed)
        }
        let mut spec = Self::default();
        for part in text.split(',') {
            let (name, value) = part.split_once('=').ok_or(WalkError::Malformed)?;
            match name {
                "things" => spec.things = number(value)?,
                "rooms" => spec.rooms = number(value)?,
                "view" => spec.view = number(value)?,
                "seed" => spec.seed = number(value)?,
                "chairs" => spec.chairs = number(value)?,
                _ => return Err(WalkError::Malformed),
            }
        }
        spec.check()?;
        Ok(spec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_is_the_default() {
        let parse = |text: &str| text.parse::<WalkSpec>().unwrap();
        assert_eq!(
            parse("seed=7"),
            WalkSpec {
                seed: 7,
                ..WalkSpec::default()
            }
        );
        assert_eq!(
            parse("chairs=2,view=2.5,things=12,rooms=3,seed=9"),
            WalkSpec {
                things: 12,
                rooms: 3,
                view: 2.5,
                seed: 9,
                chairs: 2
            }
        );
    }

    #[test]
    fn a_bad_walk_says_what_is_wrong() {
        use WalkError::{Chairs, Malformed, Rooms, Things, View};
        for (text, error) in [
            ("", Malformed),
            ("things", Malformed),
            ("things=", Malformed),
            ("things=-1", Malformed),
            ("doors=3", Malformed),
            ("seed=1,", Malformed),
            ("things=0", Things),
            ("things=1001", Things),
            ("rooms=0", Rooms),
            ("rooms=1000", Rooms),
            ("things=3,rooms=4", Rooms),
            ("view=0", View),
            ("view=inf", View),
            ("view=NaN", View),
            ("things=9,rooms=2,chairs=5", Chairs),
        ] {
            assert_eq!(text.parse::<WalkSpec>(), Err(error), "{text}");
        }
    }
}
