use super::*;
use crate::{boxes::boxed, testing::steps};

const UNIT: Unit = Unit::per_second(1000);

/// A sample table: packets of one byte in one chunk, the first at 100; counts and durations as given.
fn tables(durations: &[(u32, u32)]) -> Vec<u8> {
    let long = |numbers: &[u32]| {
        numbers
            .iter()
            .flat_map(|number| number.to_be_bytes())
            .collect::<Vec<_>>()
    };
    let count = durations.iter().map(|(count, _)| count).sum();
    let runs: Vec<_> = durations
        .iter()
        .flat_map(|(count, duration)| [*count, *duration])
        .collect();
    [
        boxed(b"stsz", &[&long(&[0, 1, count])]),
        boxed(b"stco", &[&long(&[0, 1, 100])]),
        boxed(b"stsc", &[&long(&[0, 1, 1, count, 1])]),
        boxed(
            b"stts",
            &[&long(&[0, durations.len() as u32]), &long(&runs)],
        ),
    ]
    .concat()
}

/// Which packets of `durations` `edits` present, and when; and when the last ends.
fn shown(durations: &[(u32, u32)], edits: &[Edit]) -> (Vec<(u32, u64)>, u64) {
    let tables = tables(durations);
    let samples = Samples::parse(&tables, 1 << 40).unwrap();
    let shown = Shown::new(&samples, edits, UNIT, samples.usual_duration()).unwrap();
    assert!(!shown.cut);
    (
        shown
            .packets()
            .map(|sample| (sample.index, sample.dts))
            .collect(),
        shown.end,
    )
}

fn edit(at: u64, length: u64, start: i64) -> Edit {
    Edit {
        at,
        length,
        start,
        dwell: false,
    }
}

#[test]
fn what_is_cut_out_is_not_heard_and_what_is_repeated_is_heard_twice() {
    let (packets, end) = shown(
        &[(100, 20)],
        &[edit(0, 60, 0), edit(60, 40, 1000), edit(100, 40, 0)],
    );
    assert_eq!(
        packets,
        [
            (0, 0),
            (1, 20),
            (2, 40),
            (50, 60),
            (51, 80),
            (0, 100),
            (1, 120)
        ]
    );
    assert_eq!(end, 140);
}

#[test]
fn delays_stay_and_packets_are_presented_by_their_greater_part() {
    let (packets, end) = shown(&[(100, 20)], &[edit(500, 61, 31), edit(700, 20, 0)]);
    assert_eq!(packets, [(2, 509), (3, 529), (4, 549), (0, 700)]);
    assert_eq!(end, 720);
}

#[test]
fn a_dwell_is_silent_and_edits_that_present_nothing_present_everything() {
    let dwell = Edit {
        dwell: true,
        ..edit(0, 60, 0)
    };
    for edits in [&[dwell][..], &[edit(0, 60, 9000)], &[]] {
        let (packets, end) = shown(&[(100, 20)], edits);
        assert_eq!((packets.len(), end), (100, 2000));
    }
}

#[test]
fn packets_that_last_for_hours_last_as_long_as_usual() {
    for durations in [
        &[(50, 20), (1, 9_000_000), (49, 20)][..],
        &[(99, 20), (1, u32::MAX)],
    ] {
        for edits in [&[][..], &[edit(0, u64::MAX, 0)]] {
            let (packets, end) = shown(durations, edits);
            assert_eq!((packets.len(), end), (100, 2000), "{durations:?}");
            assert_eq!(packets.last(), Some(&(99, 1980)));
        }
    }
    assert_eq!(shown(&[(100, u32::MAX)], &[]).1, 2000);
    assert_eq!(shown(&[(50, 20), (1, 0), (49, 20)], &[]).1, 2000);
    // A beginning that is hours off.
    assert_eq!(shown(&[(100, 20)], &[edit(9_000_000, 2000, 0)]).1, 2000);
}

#[test]
fn packets_beyond_the_file_are_told_and_count_as_time() {
    let tables = tables(&[(100, 20)]);
    let samples = Samples::parse(&tables, 150).unwrap();
    let shown = Shown::new(&samples, &[], UNIT, 20).unwrap();
    assert!(shown.cut && shown.end == 2000 && shown.packets().count() == 50);
    let shown = Shown::new(&samples, &[edit(0, 200, 0)], UNIT, 20).unwrap();
    assert!(!shown.cut, "what is cut off is not presented");
}

#[test]
fn edits_times_packets_do_not_multiply() {
    const COUNT: u32 = 1 << 20;
    let tables = tables(&[(COUNT, 1)]);
    let samples = Samples::parse(&tables, 1 << 40).unwrap();
    let edits: Vec<_> = (0..4096)
        .map(|i| edit(i, 1, i64::from(COUNT) - 2))
        .collect();
    steps();
    let shown = Shown::new(&samples, &edits, UNIT, 1).unwrap();
    assert_eq!((shown.end, shown.packets().count()), (4096, 4096));
    assert!(steps() < 12 * u64::from(COUNT));
    let all: Vec<_> = (0..4096).map(|i| edit(i << 20, 1 << 20, 0)).collect();
    assert!(matches!(
        Shown::new(&samples, &all, UNIT, 1),
        Err(MediaError::TooLarge)
    ));
}
