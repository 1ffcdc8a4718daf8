//! Thirty homes of which all is known: what comes out is what is in them, item by item.

mod homes;
mod hostile;

use std::collections::BTreeMap;

use dodolens::domain::{
    catalogue,
    evidence::Gap,
    inventory::{Flag, Inventory},
    locale::Locale,
};
use dodolens_local::video::VideoSpec;
use dodolens_tests::stack::{Setup, TestStack};
use futures::{StreamExt as _, stream};

use super::support::{Case, finish, moving, staying};

/// Videos under way at the same time.
const AT_ONCE: usize = 4;

/// m³ of an object that the catalogue does not have.
const UNLISTED: f64 = 0.25;

/// A home, and what is known of it.
struct Home {
    case: Case,
    /// Ids of what a human has to decide, each with the flag that says why.
    open: Vec<(&'static str, Flag)>,
    /// Names of the objects that the catalogue does not have.
    unlisted: Vec<&'static str>,
}

impl Home {
    /// In which these objects are seen, all of which move, and nothing is said. `seen` as in
    /// [`showing`](dodolens_tests::stack::showing); the videos are short, small, and of few frames.
    fn new(name: &'static str, seen: &[&str]) -> Self {
        let case = Case::seen(name, seen);
        let spec = VideoSpec {
            seconds: 8.0,
            fps: 4.0,
            size: (640, 360),
            ..case.spec
        };
        Self {
            case: Case { spec, ..case },
            open: Vec::new(),
            unlisted: Vec::new(),
        }
    }

    fn saying(mut self, locale: Locale, text: &str) -> Self {
        self.case.locale = locale;
        self.case.spec.say = Some(text.to_owned());
        self
    }

    /// What moves and what stays, as `<catalogue id>@<room>x<quantity>`.
    fn having<const M: usize, const S: usize>(
        mut self,
        moves: [&str; M],
        stays: [&str; S],
    ) -> Self {
        self.case.moves = moves.map(str::to_owned).to_vec();
        self.case.stays = stays.map(str::to_owned).to_vec();
        self.case.moves.sort();
        self.case.stays.sort();
        self
    }

    fn open(mut self, id: &'static str, flag: Flag) -> Self {
        self.open.push((id, flag));
        self
    }

    fn without(mut self, gap: Gap) -> Self {
        self.case.degraded.push(gap);
        self
    }

    fn filmed(mut self, differ: impl FnOnce(&mut VideoSpec)) -> Self {
        differ(&mut self.case.spec);
        self
    }

    /// Checks all but the list of items.
    fn check(&self, inventory: &Inventory) {
        let name = self.case.name;
        let volume: f64 = self
            .case
            .moves
            .iter()
            .map(|line| {
                let (id, _, quantity) = parse(line);
                let volume = catalogue::item(id).map_or(UNLISTED, |item| item.volume);
                volume * f64::from(quantity)
            })
            .sum();
        assert!(
            (inventory.total_volume - volume).abs() < 1e-6,
            "{name}: {} m³ instead of {volume}",
            inventory.total_volume
        );
        let objects = inventory.objects();
        let objects = objects.iter();
        let open: Vec<_> = objects
            .clone()
            .flat_map(|object| object.flags.iter().map(move |flag| (object, *flag)))
            .filter(|(_, flag)| matches!(flag, Flag::Unsure | Flag::Contradiction))
            .map(|(object, flag)| (object.catalogue_id.as_deref().unwrap_or_default(), flag))
            .collect();
        assert_eq!(open, self.open, "{name}");
        for object in objects.clone() {
            let contradicts = object.flags.contains(&Flag::Contradiction);
            assert_eq!(object.conflict.is_some(), contradicts, "{name}");
            assert!(object.said || object.seen_at.is_some(), "{name}");
        }
        let unlisted = objects.filter(|object| object.catalogue_id.is_none());
        let names: Vec<_> = unlisted.map(|object| object.name.as_str()).collect();
        assert_eq!(names, self.unlisted, "{name}");
        let remarks = |gap: &Gap| dodolens::domain::labels::gap(*gap).get(self.case.locale);
        for gap in &self.case.degraded {
            let told = inventory
                .remarks
                .iter()
                .any(|remark| remark == remarks(gap));
            assert!(told, "{name}: no remark on {gap:?}");
        }
    }
}

/// Id, room and quantity of a line.
fn parse(line: &str) -> (&str, &str, u32) {
    let (id, place) = line.split_once('@').unwrap();
    let (room, quantity) = place.rsplit_once('x').unwrap();
    (id, room, quantity.parse().unwrap())
}

/// How many were found, were there, and are both.
#[derive(Debug, Default)]
struct Score {
    found: u32,
    true_items: u32,
    right: u32,
    /// What differs.
    wrong: Vec<String>,
}

impl Score {
    fn add(&mut self, home: &str, what: &str, found: &[String], truth: &[String]) {
        let mut counts = BTreeMap::<(&str, &str), [u32; 2]>::new();
        for (side, lines) in [found, truth].into_iter().enumerate() {
            for line in lines {
                let (id, room, quantity) = parse(line);
                counts.entry((id, room)).or_default()[side] += quantity;
            }
        }
        for ((id, room), [found, truth]) in counts {
            self.found += found;
            self.true_items += truth;
            self.right += found.min(truth);
            if found != truth {
                let line = format!("{home}: {found} {id}@{room} {what} instead of {truth}");
                self.wrong.push(line);
            }
        }
    }
}

#[tokio::test]
async fn every_item_of_every_home_and_no_other() {
    let homes: Vec<Home> = homes::all().into_iter().chain(hostile::all()).collect();
    assert!(homes.len() >= 30);
    let setup = Setup {
        parameters: vec![
            ("SessionsPerClient", "100".into()),
            ("LogLevel", "trace".into()),
        ],
        ..Setup::default()
    };
    let stack = TestStack::start(setup).await;
    let results: Vec<(&Home, Inventory)> = stream::iter(&homes)
        .map(async |home| (home, home.case.send(&stack).await.0))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut score = Score::default();
    for (home, result) in &results {
        let case = &home.case;
        score.add(case.name, "to move", &moving(result), &case.moves);
        score.add(case.name, "to stay", &staying(result), &case.stays);
    }
    assert!(score.wrong.is_empty(), "{:#?}", score.wrong);
    let precision = f64::from(score.right) / f64::from(score.found);
    let recall = f64::from(score.right) / f64::from(score.true_items);
    assert_eq!((precision, recall), (1.0, 1.0), "{score:?}");
    for (home, result) in &results {
        home.check(result);
    }
    let spoken: Vec<_> = homes
        .iter()
        .filter_map(|home| home.case.spec.say.as_deref())
        .collect();
    finish(stack, &spoken).await;
}
