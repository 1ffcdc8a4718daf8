//! What holds for any evidence, however odd.

use std::time::Duration;

use proptest::{prelude::*, sample::select};

use super::*;
use crate::fusion::transport::class_of;
use crate::{
    catalogue::{ITEMS, ROOMS},
    inventory::MAX_JSON_BYTES,
    media::{Losses, SoundLoss},
    money::Usd,
};
use dodolens_testing::cases;

fn room() -> impl Strategy<Value = Option<&'static catalogue::Room>> {
    prop::option::weighted(0.8, select(ROOMS.iter().collect::<Vec<_>>()))
}

/// Few kinds, so that they meet; or all of them, so that the list gets long.
pub fn kind() -> impl Strategy<Value = (Option<&'static catalogue::Item>, String)> {
    let few: Vec<_> = ITEMS.iter().take(4).collect();
    prop_oneof![
        4 => select(few).prop_map(|item| (Some(item), String::new())),
        4 => select(ITEMS.iter().collect::<Vec<_>>()).prop_map(|item| (Some(item), String::new())),
        1 => "\\PC{0,70}".prop_map(|label| (None, label)),
        1 => any::<String>().prop_map(|label| (None, label)),
    ]
}

fn thing() -> impl Strategy<Value = Thing> {
    let confidence = prop_oneof![9 => 0.0_f32..=1.0, 1 => any::<f32>()];
    let count = || prop_oneof![9 => 0_u32..9, 1 => any::<u32>()];
    let sight = (0_usize..9, count()).prop_map(|(frame, count)| Sight { frame, count });
    (
        prop::collection::vec(sight, 0..4),
        kind(),
        room(),
        [count(), count(), count()],
        "(red|blue)?",
        any::<bool>(),
        confidence,
        any::<bool>(),
    )
        .prop_map(
            |(seen, (item, label), room, sizes, mark, fragile, confidence, perhaps_again)| Thing {
                item,
                label,
                room,
                sizes,
                seen,
                mark,
                fragile,
                confidence,
                perhaps_again,
            },
        )
}

fn cue() -> impl Strategy<Value = Cue> {
    let decisions = vec![Decision::Move, Decision::Leave, Decision::Unsure];
    let count = prop_oneof![4 => Just(None), 4 => (1_u32..9).prop_map(Some), 1 => any::<u32>().prop_map(Some)];
    let remark = prop::option::of("\\PC{0,140}");
    (kind(), room(), count, select(decisions), remark).prop_map(
        |((item, label), room, count, decision, remark)| Cue {
            item,
            label,
            room,
            count,
            decision,
            remark,
        },
    )
}

fn gap() -> impl Strategy<Value = Gap> {
    select(vec![
        Gap::VisionUnavailable,
        Gap::VisionPartial,
        Gap::PicturesSkipped,
        Gap::SpeechUnavailable,
        Gap::NoSound,
        Gap::SoundUnreadable,
        Gap::FewerPictures,
        Gap::PicturesLost,
        Gap::StretchUnseen,
        Gap::SoundCut,
        Gap::SoundSilent,
    ])
}

fn losses() -> impl Strategy<Value = Losses> {
    let second = prop_oneof![9 => 0_u64..10_000, 1 => any::<u64>()];
    let stretch = (second.clone(), second.clone()).prop_map(|(from, to)| {
        Duration::from_secs(from.min(to))..Duration::from_secs(from.max(to))
    });
    let sound = prop_oneof![
        Just(SoundLoss::Unreadable),
        Just(SoundLoss::Silent),
        second.prop_map(|heard| SoundLoss::Cut {
            heard: Duration::from_secs(heard)
        }),
    ];
    let pictures = prop_oneof![4 => Just(0), 4 => 0_usize..100, 1 => any::<usize>()];
    let unseen = prop_oneof![4 => Just(0..1), 4 => Just(0..5), 1 => Just(0..200)]
        .prop_flat_map(move |count| prop::collection::vec(stretch.clone(), count));
    (pictures, unseen, prop::option::of(sound)).prop_map(|(pictures, unseen, sound)| Losses {
        pictures,
        unseen,
        sound,
    })
}

pub fn evidence() -> impl Strategy<Value = Evidence> {
    let seconds = prop_oneof![9 => 0.0_f64..600.0, 1 => any::<f64>()];
    (
        prop_oneof![
            prop::collection::vec(thing(), 0..12),
            prop::collection::vec(thing(), 0..300)
        ],
        prop::collection::vec(seconds, 0..9),
        prop_oneof![
            prop::collection::vec(cue(), 0..12),
            prop::collection::vec(cue(), 0..150)
        ],
        prop::collection::vec(gap(), 0..5),
        losses(),
    )
        .prop_map(|(things, frame_seconds, cues, gaps, losses)| Evidence {
            things,
            frame_seconds,
            cues,
            gaps,
            losses,
            ..Evidence::default()
        })
}

pub fn locale() -> impl Strategy<Value = Locale> {
    select(vec![Locale::Fr, Locale::En, Locale::Es])
}

pub fn json(inventory: &Inventory) -> String {
    serde_json::to_string(inventory).unwrap()
}

pub fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-6
}

/// The first kind of the catalogue that is akin to a kind, or the kind itself.
fn eldest(item: Option<&'static catalogue::Item>, label: &str) -> Kind {
    let kind = Kind::of(item, label);
    let mut all = ITEMS.iter().map(Kind::Known);
    all.find(|other| *other == kind || other.is_akin(&kind))
        .unwrap_or(kind)
}

/// In which everything is seen in a known room that has space for it, so that nothing depends on what is seen with it.
fn placed() -> impl Strategy<Value = Evidence> {
    evidence().prop_map(|mut evidence| {
        evidence.things.truncate(30);
        for seen in &mut evidence.things {
            seen.room = seen.room.or(ROOMS.first());
            seen.sizes = seen.sizes.map(|n| n % 2);
        }
        evidence
    })
}

/// Whether all that was named has its place: what has none depends on what else there is.
fn has_space(inventory: &Inventory) -> bool {
    let no_space = |remark: &String| remark.contains("more than the room can hold");
    !inventory.remarks.iter().any(no_space)
        && !inventory
            .remarks
            .iter()
            .any(|remark| remark.starts_with("Remarks left out"))
}

/// How many stay.
pub fn left(inventory: &Inventory) -> u32 {
    inventory
        .staying
        .values()
        .flat_map(|room| room.values())
        .sum()
}

pub const MOST: Usage = Usage {
    input_tokens: u64::MAX,
    output_tokens: u64::MAX,
    audio_seconds: u64::MAX,
    cost: Usd::from_nanos(u64::MAX),
};

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn a_result_is_small_and_adds_up(evidence in evidence(), locale in locale()) {
        let inventory = fuse(&evidence, locale, MOST);
        let json = json(&inventory);
        prop_assert!(json.len() < MAX_JSON_BYTES, "{} B", json.len());
        prop_assert!(inventory.remarks.iter().all(|remark| remark.chars().count() <= 240));
        let (mut volume, mut low, mut high, mut weight) = (0.0, 0.0, 0.0, 0.0);
        for object in inventory.objects() {
            let [from, to] = object.volume_range;
            prop_assert!(0.0 < from && from <= object.volume && object.volume <= to);
            let units = object.unit_volume * f64::from(object.quantity);
            prop_assert!((units - object.volume).abs() <= 0.000_51 * f64::from(object.quantity));
            prop_assert!(object.quantity > 0 && !object.name.is_empty());
            prop_assert!(object.confidence.is_none_or(|it| (0.0..=1.0).contains(&it)));
            volume += object.volume;
            low += from;
            high += to;
            weight += object.weight_kg;
        }
        if let Some(others) = &inventory.others {
            volume += others.volume;
            low += others.volume_range[0];
            high += others.volume_range[1];
            weight += others.weight_kg;
        }
        prop_assert!(close(volume, inventory.total_volume));
        prop_assert!(close(low, inventory.total_volume_range[0]));
        prop_assert!(close(high, inventory.total_volume_range[1]));
        prop_assert!(close(weight, inventory.total_weight_kg));
        prop_assert!(close(volume, inventory.rooms.iter().map(|room| room.volume).sum()));
        let class = class_of(&inventory.vehicle.id).unwrap();
        let holds = class.capacity as f64 * f64::from(inventory.vehicle.count);
        prop_assert!(holds + 1e-6 >= volume);
    }

    #[test]
    fn every_number_is_short(evidence in evidence()) {
        let inventory = fuse(&evidence, Locale::Fr, Usage::default());
        let mut numbers: Vec<f64> = inventory.total_volume_range.to_vec();
        numbers.extend([inventory.total_volume, inventory.total_weight_kg]);
        numbers.extend(inventory.rooms.iter().map(|room| room.volume));
        for object in inventory.objects() {
            numbers.extend([object.unit_volume, object.volume, object.weight_kg]);
            numbers.extend(object.confidence);
            numbers.extend(object.volume_range);
        }
        for number in numbers {
            let text = number.to_string();
            let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            prop_assert!(decimals <= 3, "{text}");
        }
    }

    #[test]
    fn the_order_of_answers_makes_no_difference(
        (evidence, things, cues) in evidence().prop_flat_map(|evidence| {
            let things = Just(evidence.things.clone()).prop_shuffle();
            let cues = Just(evidence.cues.clone()).prop_shuffle();
            (Just(evidence), things, cues)
        }),
    ) {
        let gaps = evidence.gaps.iter().rev().copied().collect();
        let shuffled = Evidence { things, cues, gaps, ..evidence.clone() };
        let one = json(&fuse(&evidence, Locale::Es, MOST));
        prop_assert_eq!(one, json(&fuse(&shuffled, Locale::Es, MOST)));
    }

    #[test]
    fn what_stays_is_never_counted(mut evidence in placed(), (item, label) in kind()) {
        let kind = Kind::of(item, &label);
        evidence.things.retain(|seen| !kind.is_akin(&Kind::of(seen.item, &seen.label)));
        evidence.cues.retain(|cue| {
            let said = Kind::of(cue.item, &cue.label);
            said != kind && !said.is_akin(&kind)
        });
        let without = Evidence {
            things: evidence
                .things
                .iter()
                .filter(|seen| Kind::of(seen.item, &seen.label) != kind)
                .cloned()
                .collect(),
            ..evidence.clone()
        };
        let decision = Decision::Leave;
        evidence.cues.push(Cue { item, label, room: None, count: None, decision, remark: None });
        let with = fuse(&evidence, Locale::En, Usage::default());
        prop_assume!(has_space(&with));
        let without = fuse(&without, Locale::En, Usage::default());
        prop_assert_eq!(with.total_volume, without.total_volume);
        prop_assert_eq!(with.total_weight_kg, without.total_weight_kg);
    }

    #[test]
    fn a_short_result_loses_nothing(evidence in placed()) {
        let whole = fuse(&evidence, Locale::En, Usage::default());
        prop_assume!(has_space(&whole));
        let kinds: BTreeSet<Kind> = evidence
            .things
            .iter()
            .map(|seen| eldest(seen.item, &seen.label))
            .chain(evidence.cues.iter().map(|cue| eldest(cue.item, &cue.label)))
            .collect();
        let (mut volume, mut weight, mut moving, mut staying) = (0.0, 0.0, 0, 0);
        for kind in kinds {
            let mut alone = evidence.clone();
            alone.things.retain(|seen| eldest(seen.item, &seen.label) == kind);
            alone.cues.retain(|cue| eldest(cue.item, &cue.label) == kind);
            let alone = fuse(&alone, Locale::En, Usage::default());
            volume += alone.total_volume;
            weight += alone.total_weight_kg;
            moving += alone.rooms.iter().map(|room| room.quantity).sum::<u32>();
            staying += left(&alone);
        }
        prop_assert!(close(volume, whole.total_volume));
        prop_assert!(close(weight, whole.total_weight_kg));
        prop_assert_eq!(moving, whole.rooms.iter().map(|room| room.quantity).sum::<u32>());
        prop_assert_eq!(staying, left(&whole));
    }
}
