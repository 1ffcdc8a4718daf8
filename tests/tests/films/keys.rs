//! Films that do not say, or say wrongly, which of their pictures can be decoded alone.

use dodolens_tests::boxes::{Boxes, Node, number, resampled};

use super::film::{H264, HEVC, base, edited, make, remake, shows};

fn hevc() -> Vec<u8> {
    make(16, &format!("{HEVC}:bframes=2 -c:a aac"), "mp4")
}

fn vp9() -> Vec<u8> {
    make(
        16,
        "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 50 -c:a aac",
        "mp4",
    )
}

/// A film whose list of keys is another.
fn with_keys(film: &[u8], keys: Option<Vec<u32>>) -> Vec<u8> {
    edited(film, |film| {
        let samples = film.track(b"vide").samples();
        samples.remove(b"stss");
        if let Some(keys) = keys {
            let rows: Vec<_> = keys.into_iter().map(|key| [key]).collect();
            samples.put(Node::table(*b"stss", &rows));
        }
    })
}

/// The first of every group, and another.
fn and_more(film: &[u8]) -> Vec<u8> {
    let mut boxes = Boxes::read(film);
    let count = number(boxes.track(b"vide").samples().at(&[b"stsz"]).body(), 8);
    with_keys(
        film,
        Some(
            (1..=count)
                .filter(|number| matches!(number % 25, 1 | 13))
                .collect(),
        ),
    )
}

/// A fragmented film whose fragments say that each picture stands alone.
fn fragments_of_keys() -> Vec<u8> {
    let film = make(
        16,
        &format!("{H264} -c:a aac -movflags +frag_keyframe+empty_moov"),
        "mp4",
    );
    edited(&film, |film| {
        for moof in film.0.iter_mut().filter(|node| node.kind == *b"moof") {
            let tfhd = moof.at(&[b"traf", b"tfhd"]);
            let at = tfhd.body().len() - 4;
            tfhd.set(at, 0x0200_0000);
        }
    })
}

/// The base with the pictures in a stretch made noise.
fn damaged(film: &[u8], numbers: std::ops::Range<usize>) -> Vec<u8> {
    resampled(film, |number, bytes| {
        if numbers.contains(&number) {
            // Behind the length and the head of the first unit.
            for (i, byte) in bytes.iter_mut().enumerate().skip(5) {
                *byte = ((i * 151) >> 2) as u8 | 1;
            }
        }
    })
}

films! {
    no_list: with_keys(&base(), None) => shows(16.0).either();
    no_list_in_hevc: with_keys(&hevc(), None) => shows(16.0).either();
    no_list_in_vp9: with_keys(&vp9(), None) => shows(16.0).either();
    none_in_the_list: with_keys(&base(), Some(Vec::new())) => shows(16.0).either();
    all_in_the_list: with_keys(&base(), Some((1..=400).collect())) => shows(16.0).either();
    only_wrong_ones: with_keys(&base(), Some((0..16).map(|i| i * 25 + 13).collect())) => shows(16.0).either();
    only_wrong_ones_in_hevc: with_keys(&hevc(), Some((0..16).map(|i| i * 25 + 13).collect())) => shows(16.0).either();
    wrong_ones_between: and_more(&base()) => shows(16.0).either();
    wrong_ones_between_in_hevc: and_more(&hevc()) => shows(16.0).either();
    all_in_a_fragmented_file: fragments_of_keys() => shows(16.0).mp3();
    a_damaged_key: damaged(&base(), 75..76) => shows(16.0).either();
    damaged_keys_in_hevc: damaged(&hevc(), 75..76) => shows(16.0).either();
    a_damaged_stretch: damaged(&base(), 150..300) => shows(16.0).pictures(5..=9).lost(2..=4).unseen(6.0..12.0).either();
    a_damaged_stretch_in_matroska: remake(&damaged(&base(), 150..300), "-i INPUT -c copy", "mkv")
        => shows(16.0).pictures(5..=9).lost(2..=4).unseen(6.0..12.0).mp3();
}
