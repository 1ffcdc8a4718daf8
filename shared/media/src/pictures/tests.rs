use super::*;

const UNIT: Unit = Unit::per_second(1000);

/// `n` pictures a tenth of a second apart, every tenth a key. Each second one is decoded after the one behind it.
fn media(n: u32) -> Media {
    let order = (0..n).map(|i| match i % 10 {
        0 | 9 => i,
        odd if odd % 2 == 1 => i + 1,
        _ => i - 1,
    });
    Media::of_samples(order.zip(0..).map(|(place, index)| {
        let sample = Sample {
            index,
            offset: 0,
            size: 1,
            dts: u64::from(index) * 100,
            pts: i64::from(place) * 100,
            duration: 100,
            key: index % 10 == 0,
        };
        (sample, index < 80)
    }))
}

fn edit(at: u64, length: u64, start: i64) -> Edit {
    Edit {
        at,
        length,
        start,
        dwell: false,
    }
}

/// Times in the media, and when that is shown, in tenths of seconds.
fn shown(edits: &[Edit]) -> Vec<(i64, u64)> {
    let pictures = media(80).presented(edits, UNIT, None).unwrap();
    assert_eq!(
        pictures
            .points
            .last()
            .map(|last| last.shown.at + last.shown.length),
        Some(pictures.end)
    );
    pictures
        .points
        .iter()
        .map(|point| (point.pts / 100, point.shown.at / 100))
        .collect()
}

#[test]
fn what_is_cut_out_of_the_middle_is_not_shown() {
    let shown = shown(&[edit(0, 2000, 0), edit(2000, 3000, 5000)]);
    let expected: Vec<_> = (0..20)
        .map(|i| (i, i as u64))
        .chain((50..80).map(|i| (i, i as u64 - 30)))
        .collect();
    assert_eq!(shown, expected);
}

#[test]
fn repeats_other_orders_and_pauses() {
    let edits = [edit(500, 300, 7000), edit(1000, 200, 0), edit(1200, 200, 0)];
    assert_eq!(
        shown(&edits),
        [
            (70, 5),
            (71, 6),
            (72, 7),
            (0, 10),
            (1, 11),
            (0, 12),
            (1, 13)
        ]
    );
    let dwell = Edit {
        dwell: true,
        ..edit(200, 3000, 4250)
    };
    assert_eq!(
        shown(&[edit(0, 200, 0), dwell, edit(3200, 100, 0)]),
        [(0, 0), (1, 1), (42, 2), (0, 32)]
    );
}

#[test]
fn a_sliver_of_a_picture_is_not_shown_unless_the_edit_is_one() {
    assert_eq!(shown(&[edit(0, 210, 190)]), [(2, 0), (3, 1)]);
    assert_eq!(shown(&[edit(0, 210, 195)]), [(2, 0), (3, 1)]);
    assert_eq!(shown(&[edit(0, 210, 140)]), [(1, 0), (2, 0), (3, 1)]);
    assert_eq!(shown(&[edit(0, 200, 140)]), [(1, 0), (2, 0)]);
    assert_eq!(shown(&[edit(0, 10, 193)]), [(1, 0)]);
}

#[test]
fn an_edit_list_that_shows_nothing_shows_everything() {
    for edits in [&[edit(0, 1000, 9_000_000)][..], &[]] {
        assert_eq!(shown(edits).len(), 80);
    }
}

#[test]
fn what_lies_beyond_the_file_counts_as_time_alone() {
    let pictures = media(100).presented(&[], UNIT, None).unwrap();
    assert_eq!((pictures.points.len(), pictures.end), (80, 10_000));
    // Edits that show nothing else show nothing: it was cut out.
    let pictures = media(100)
        .presented(&[edit(0, 1000, 8500)], UNIT, None)
        .unwrap();
    assert_eq!((pictures.points.len(), pictures.end), (0, 1000));
}

#[test]
fn decoding_begins_at_the_key_before_unless_that_is_shown_later() {
    let media = media(20);
    for picture in &media.pictures {
        let point = picture.point;
        assert_eq!(point.from, Some(point.pts as u32 / 1000 * 10), "{point:?}");
    }
    // Decoded behind the key at 1000, shown before it.
    let packet = |index, pts, key| Packet {
        index,
        pts,
        duration: 40,
        key,
    };
    let packets = [
        packet(0, 0, true),
        packet(1, 1000, true),
        packet(2, 960, false),
        packet(3, 1040, false),
    ];
    let pictures = Pictures::of_packets(&packets, UNIT, None);
    let from: Vec<_> = pictures.points.iter().map(|point| point.from).collect();
    assert_eq!(from, [Some(0), Some(0), Some(1), Some(1)]);
}

#[test]
fn thousands_of_edits_of_everything_are_refused() {
    let media = media(1000);
    let edits = |n| {
        (0..n)
            .map(|i| edit(i * 100_000, 100_000, 0))
            .collect::<Vec<_>>()
    };
    assert!(media.presented(&edits(1000), UNIT, None).is_ok());
    assert_eq!(
        media.presented(&edits(1100), UNIT, None),
        Err(MediaError::TooLarge)
    );
}
