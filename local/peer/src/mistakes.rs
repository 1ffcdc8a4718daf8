//! How the simulated models err: the same model errs the same way about the same thing, whenever it is asked.

use std::collections::BTreeMap;

use dodolens_domain::catalogue::ITEMS;
use dodolens_video::markers::Marker;
use sha2::{Digest as _, Sha256};

use super::PeerOptions;

/// Shares, from 0 to 1: of all models, and of single ones.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rates {
    /// Of every model that is not named.
    pub usual: f64,
    /// Of single models, by their names.
    pub models: BTreeMap<String, f64>,
}

impl Rates {
    fn of(&self, model: &str) -> f64 {
        self.models.get(model).copied().unwrap_or(self.usual)
    }
}

/// How one model sees.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight<'a> {
    pub(super) options: &'a PeerOptions,
    pub(super) model: &'a str,
}

impl Sight<'_> {
    /// Whether it does not see this thing, in any picture.
    pub(super) fn misses(&self, marker: &Marker) -> bool {
        self.happens("miss", &self.options.miss, marker)
    }

    /// The catalogue id of what it takes this thing for.
    pub(super) fn kind<'a>(&self, marker: &'a Marker) -> &'a str {
        if !self.happens("confuse", &self.options.confuse, marker) {
            return marker.item();
        }
        let others = || ITEMS.iter().filter(|item| item.id != marker.item());
        let which = self.draw("kind", marker) % (others().count() as u64).max(1);
        let other = usize::try_from(which).ok().and_then(|at| others().nth(at));
        other.map_or(marker.item(), |item| item.id)
    }

    fn happens(&self, what: &str, rates: &Rates, marker: &Marker) -> bool {
        // 53 bits, as a number from 0 to 1 has.
        let drawn = (self.draw(what, marker) >> 11) as f64 / (1_u64 << 53) as f64;
        drawn < rates.of(self.model)
    }

    /// A number that is always the same for this seed, model and thing.
    fn draw(&self, what: &str, marker: &Marker) -> u64 {
        let text = format!("{}\n{what}\n{}\n{marker}", self.options.seed, self.model);
        let digest = Sha256::digest(text);
        digest
            .iter()
            .take(8)
            .fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn things() -> Vec<Marker> {
        let chair = |number| {
            Marker::new("chair", "kitchen")
                .unwrap()
                .numbered(number)
                .unwrap()
        };
        (1..=1_000).map(chair).collect()
    }

    fn options(confuse: f64, miss: f64) -> PeerOptions {
        let mut options = PeerOptions::new("k");
        (options.confuse.usual, options.miss.usual) = (confuse, miss);
        options
    }

    fn missed(options: &PeerOptions, model: &str) -> Vec<bool> {
        let sight = Sight { options, model };
        things().iter().map(|thing| sight.misses(thing)).collect()
    }

    #[test]
    fn a_model_errs_as_often_as_it_is_told() {
        let options = options(0.05, 0.1);
        let sight = Sight {
            options: &options,
            model: "m",
        };
        let things = things();
        let confused = things.iter().filter(|thing| sight.kind(thing) != "chair");
        assert!((30..=70).contains(&confused.clone().count()));
        assert!(
            confused
                .clone()
                .all(|it| dodolens_domain::catalogue::item(sight.kind(it)).is_some())
        );
        let missed = things.iter().filter(|thing| sight.misses(thing)).count();
        assert!((70..=130).contains(&missed), "{missed}");
    }

    #[test]
    fn it_errs_never_or_always_at_the_ends() {
        let (never, always) = (options(0.0, 0.0), options(1.0, 1.0));
        let [never, always] = [&never, &always].map(|options| Sight {
            options,
            model: "m",
        });
        for thing in things() {
            assert!(!never.misses(&thing) && never.kind(&thing) == "chair");
            assert!(always.misses(&thing) && always.kind(&thing) != "chair");
        }
    }

    #[test]
    fn seed_and_model_say_where_it_errs() {
        let mut options = options(0.0, 0.5);
        let first = missed(&options, "m");
        assert_eq!(missed(&options, "m"), first);
        assert_ne!(missed(&options, "other"), first);
        options.seed = 1;
        assert_ne!(missed(&options, "m"), first);
    }

    #[test]
    fn a_single_model_has_its_own_rate() {
        let mut options = options(0.0, 0.0);
        options.miss.models.insert("blind".into(), 1.0);
        assert!(missed(&options, "blind").iter().all(|missed| *missed));
        assert!(!missed(&options, "m").iter().any(|missed| *missed));
    }
}
