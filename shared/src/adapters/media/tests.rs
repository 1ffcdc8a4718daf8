//! The index reader against damaged files: it may refuse them, but never panic, and never ask for what is not there.

use proptest::prelude::*;

use super::{
    aac,
    boxes::find,
    gather::gather,
    index,
    mini::{Content, MiniWriter},
    plan::{Plan, Point},
    tables::Movie,
    testing::Slice,
};

/// 4 s of 32×24 px H.264 at 10 pictures a second, a key every second, B-pictures, an edit list, and AAC; its index is
/// last. Made by ffmpeg 7.0.2.
const TINY: &[u8] = include_bytes!("fixtures/tiny.mp4");

/// Where the body of the index begins.
fn moov_at() -> usize {
    TINY.windows(4).rposition(|kind| kind == b"moov").unwrap() + 4
}

/// Does with a file all that is done before a decoder sees it; gives what was planned.
fn walk(file: &[u8]) -> Option<(Plan, usize)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let source = Slice::new(file); // checks that every read lies within the file
    runtime.block_on(async {
        let index = index::find(&source).await.unwrap()?;
        let movie = Movie::parse(index.moov.expose(), file.len() as u64)?;
        let mut files = Vec::new();
        for (track, content) in [
            (&movie.picture, Content::Pictures(movie.matrix)),
            (&movie.sound, Content::Sound),
        ] {
            let Some(track) = track else { continue };
            let _ = aac::plain_entry(track.entry);
            let mut writer = MiniWriter::default();
            let written = track.samples.clone().try_for_each(|sample| {
                assert!(sample.offset + u64::from(sample.size) <= file.len() as u64);
                writer.push(sample, 1 << 20)
            });
            let file = written.and_then(|()| {
                writer.finish(content, track, track.entry, track.timescale, b"isom")
            });
            files.extend(file);
        }
        let mut files: Vec<_> = files.iter_mut().collect();
        gather(&source, &mut files).await.unwrap()?;
        let track = movie.picture?;
        let points = track.samples.clone().map(|sample| Point {
            index: sample.index,
            pts: sample.pts,
            duration: sample.duration,
            key: sample.key,
        });
        let plan = Plan::choose(points, &track.visible, 8)?;
        Some((plan, files.len()))
    })
}

#[test]
fn a_real_file_is_read() {
    let (plan, files) = walk(TINY).unwrap();
    assert_eq!(files, 2);
    assert!(plan.chained, "four keys are too few for eight pictures");
    assert_eq!(plan.shots.len(), 8);
    assert_eq!(plan.end - plan.start, 4 * 10_240);
}

#[test]
fn a_new_file_reads_back_as_what_was_put_in() {
    let moov = &TINY[moov_at()..];
    let movie = Movie::parse(moov, TINY.len() as u64).unwrap();
    for (track, content) in [
        (
            movie.picture.as_ref().unwrap(),
            Content::Pictures(movie.matrix),
        ),
        (movie.sound.as_ref().unwrap(), Content::Sound),
    ] {
        let mut writer = MiniWriter::default();
        for sample in track.samples.clone() {
            writer.push(sample, 1 << 20).unwrap();
        }
        let mini = writer
            .finish(content, track, track.entry, track.timescale, b"isom")
            .unwrap();
        let again = find(&mini.bytes, &[b"moov"]).unwrap();
        let again = Movie::parse(again, mini.bytes.len() as u64).unwrap();
        let copy = again.picture.or(again.sound).unwrap();
        assert_eq!(copy.entry, track.entry);
        assert_eq!(copy.matrix, track.matrix);
        let (old, new) = (track.samples.clone(), copy.samples.clone());
        assert_eq!(old.clone().count(), new.clone().count());
        for (old, mut new) in old.zip(new) {
            new.offset = old.offset;
            assert_eq!(new, old);
        }
    }
}

#[test]
fn aac_entries_of_quicktime_become_plain() {
    let movie = Movie::parse(&TINY[moov_at()..], TINY.len() as u64).unwrap();
    let plain = movie.sound.unwrap().entry;
    let esds = find(&plain[36..], &[b"esds"]).unwrap();
    let expected = aac::plain_entry(plain).unwrap();
    let boxed = super::mini::boxed;
    let mut version_1 = plain[8..36].to_vec();
    version_1[9] = 1;
    let wave = boxed(
        b"wave",
        &[&boxed(b"frma", &[b"mp4a"]), &boxed(b"esds", &[esds])],
    );
    let quicktime = boxed(b"mp4a", &[&version_1, &[0; 16], &wave]);
    assert_eq!(aac::plain_entry(&quicktime), Some(expected));
    let mp3 = plain.to_vec();
    let at = mp3
        .windows(2)
        .position(|pair| pair == [0x40, 0x15])
        .unwrap();
    let mut mp3 = mp3;
    mp3[at] = 0x6b;
    assert_eq!(aac::plain_entry(&mp3), None);
}

#[test]
fn a_file_cut_off_behind_its_index_gives_what_is_there() {
    let (samples, moov) = TINY.split_at(moov_at() - 8);
    let movie = Movie::parse(&moov[8..], samples.len() as u64 / 2).unwrap();
    let track = movie.picture.unwrap();
    let kept = track.samples.count();
    assert!(kept > 5 && kept < 40, "{kept}");
}

#[test]
fn enormous_counts_end_soon() {
    // Sizes all the same, so that no table bounds the number of samples.
    let moov = moov_at();
    let at = TINY.windows(4).position(|kind| kind == b"stsz").unwrap() + 8;
    for (size, count) in [
        (1, u32::MAX),
        (1, 1 << 25),
        (0, u32::MAX),
        (u32::MAX, 1 << 25),
    ] {
        let mut file = TINY.to_vec();
        file[at..at + 4].copy_from_slice(&u32::to_be_bytes(size));
        file[at + 4..at + 8].copy_from_slice(&count.to_be_bytes());
        let start = std::time::Instant::now();
        let _ = walk(&file);
        assert!(start.elapsed().as_secs() < 2, "{size} {count}");
        assert!(at > moov);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn random_bytes_never_panic(mut file in proptest::collection::vec(any::<u8>(), 0..2000), first in 0_usize..3) {
        if let Some(kind) = file.get_mut(4..8) {
            kind.copy_from_slice([b"ftyp", b"moov", b"free"][first]);
        }
        walk(&file);
    }

    #[test]
    fn a_damaged_index_never_panics(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<[u8; 4]>(), 1_usize..5), 1..6),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut file = TINY.to_vec();
        let moov = moov_at();
        for (at, bytes, n) in changes {
            let at = moov + at.index(file.len() - moov - 4);
            // Small and huge numbers are what tables trip over.
            let bytes = if bytes[3] & 1 == 0 { bytes } else { [0, 0, 0, bytes[0] & 3] };
            file[at..at + n.min(4)].copy_from_slice(&bytes[..n.min(4)]);
        }
        if let Some(cut) = cut {
            file.truncate(cut.index(TINY.len()));
        }
        walk(&file);
    }

    #[test]
    fn random_index_bodies_never_panic(body in proptest::collection::vec(any::<u8>(), 0..500)) {
        Movie::parse(&body, 1000);
        let _ = aac::plain_entry(&body);
    }
}
