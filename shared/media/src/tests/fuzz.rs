//! Whatever bytes come: no panic, no read beyond the file, no more work than the budget allows.

use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
};

use super::{super::probe::Probe, *};
use crate::{boxes, pictures::Pictures};
use dodolens_testing::{damaged, damaged_text, edge};

/// A packet list as ffmpeg writes it.
const LIST: &str = "#tb 0: 1/1000\n#media_type 0: video\n#codec_id 0: vp9\n#dimensions 0: 320x240\n\
    #tb 1: 1/48000\n#media_type 1: audio\n1, -7, -7, 20, 300, 0xb03b9361\n0, 0, 0, 40, 7922, 0x04206d48\n\
    0, 40, 80, 40, 1419, 0xbecbcfff, F=0x0, S=1, 8\n0, 80, 40, 40, 1882, 0x5217b1a4, F=0x4\n";

/// TINY with a damaged index.
fn damaged_index() -> impl Strategy<Value = Vec<u8>> {
    damaged(&TINY[moov_at() - 8..]).prop_map(|index| {
        let mut file = TINY[..moov_at() - 8].to_vec();
        file.extend(index);
        file
    })
}

/// Boxes with boxes in them.
const CONTAINERS: [&[u8; 4]; 6] = [b"trak", b"edts", b"mdia", b"minf", b"dinf", b"stbl"];
/// Boxes with numbers in them.
const TABLES: [&[u8; 4]; 12] = [
    b"mvhd", b"tkhd", b"elst", b"mdhd", b"hdlr", b"stsd", b"stts", b"ctts", b"stss", b"stsc",
    b"stsz", b"stco",
];

/// TINY with 2000 pictures of one byte, all in the first chunk: nothing but two numbers bounds how many there are.
fn even() -> Vec<u8> {
    let mut file = claiming(false, 1, 2000);
    let at = file.windows(4).position(|kind| kind == b"stsc").unwrap() + 16;
    file[at..at + 4].copy_from_slice(&u32::MAX.to_be_bytes());
    file
}

/// TINY, or the even one, with other numbers at the heads of its tables.
fn lying() -> impl Strategy<Value = Vec<u8>> {
    let lie = (select(TABLES.to_vec()), any::<Index>(), 0_usize..12, edge());
    (any::<bool>(), vec(lie, 1..8)).prop_map(|(of_tiny, lies)| {
        let mut file = if of_tiny { TINY.to_vec() } else { even() };
        for (table, which, field, number) in lies {
            let found = |at: &usize| TINY[*at..].starts_with(table);
            let places: Vec<_> = (moov_at()..TINY.len() - 60).filter(found).collect();
            let at = which.get(&places) + 4 + 4 * field;
            file[at..at + 4].copy_from_slice(&(number as u32).to_be_bytes());
        }
        file
    })
}

/// `body` with each box in it left out, there twice, or as it is, as `choices` say.
fn rebuilt(body: &[u8], choices: &mut impl Iterator<Item = usize>) -> Vec<u8> {
    let mut new = Vec::new();
    for (kind, body) in boxes::boxes(body) {
        let times = choices.next().unwrap_or(1);
        let inner = match CONTAINERS.contains(&&kind) {
            true => rebuilt(body, choices),
            false => body.to_vec(),
        };
        new.extend(boxed(&kind, &[&inner]).repeat(times));
    }
    new
}

/// TINY with boxes of its index left out or there twice.
fn reshaped() -> impl Strategy<Value = Vec<u8>> {
    let choice = prop_oneof![8 => Just(1_usize), 1 => Just(0), 1 => Just(2)];
    vec(choice, 80).prop_map(|choices| {
        let (media, moov) = TINY.split_at(moov_at() - 8);
        let moov = rebuilt(&moov[8..], &mut choices.into_iter());
        [media, &boxed(b"moov", &[&moov])].concat()
    })
}

/// Walks a file, and counts the steps: each picture at most five times, and each sound twice, by [`walk`].
fn walk_bounded(file: &[u8]) -> Result<(), TestCaseError> {
    steps();
    if let Ok(Some((plan, _))) = walk(file) {
        prop_assert!((1..=8).contains(&plan.shots.len()));
        prop_assert!(plan.shots.iter().all(|shot| !shot.decode.is_empty()));
        prop_assert!(plan.shots.is_sorted_by(|a, b| a.at <= b.at));
    }
    prop_assert!(steps() < (6 << 20) + (3 << 25));
    Ok(())
}

/// Samples one after another in decoding order, as some track might have them.
fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let sample = (0_u64..3, 1_u32..2000, 0_u32..5, -4_i64..5, any::<bool>());
    vec(sample, 1..40).prop_map(|samples| {
        let (mut offset, mut dts) = (0, 0);
        let with_place = |(i, (gap, size, duration, shift, key))| {
            let sample = Sample {
                index: i as u32,
                offset: offset + gap,
                size,
                dts,
                pts: dts as i64 + shift,
                duration,
                key,
            };
            offset = sample.offset + u64::from(size);
            dts += u64::from(duration);
            sample
        };
        samples.into_iter().enumerate().map(with_place).collect()
    })
}

proptest! {
    #[test]
    fn random_files(mut file in vec(any::<u8>(), 0..2000), first in 0_usize..3) {
        if let Some(kind) = file.get_mut(4..8) {
            kind.copy_from_slice([b"ftyp", b"moov", b"free"][first]);
        }
        walk_bounded(&file)?;
    }

    #[test]
    fn a_damaged_index(file in damaged_index()) {
        walk_bounded(&file)?;
    }

    #[test]
    fn a_damaged_file(file in damaged(TINY)) {
        walk_bounded(&file)?;
    }

    #[test]
    fn lying_tables(file in lying()) {
        walk_bounded(&file)?;
    }

    #[test]
    fn a_reshaped_index(file in reshaped()) {
        walk_bounded(&file)?;
    }

    #[test]
    fn random_index_bodies(body in vec(any::<u8>(), 0..500)) {
        let _ = Movie::parse(&body, 1000);
        let _ = aac::plain_entry(&body);
    }

    #[test]
    fn boxes_are_parts_of_what_they_are_in(bytes in damaged(&TINY[moov_at()..])) {
        let inside: usize = boxes::boxes(&bytes).map(|(_, body)| 8 + body.len()).sum();
        prop_assert!(inside <= bytes.len());
    }

    #[test]
    fn a_damaged_sound_entry_is_rewritten_or_refused(entry in damaged(movie(TINY).unwrap().unwrap().sound.unwrap().track.entry)) {
        if let Some(plain) = aac::plain_entry(&entry) {
            prop_assert!(plain.len() <= entry.len() && plain.len() as u32 == u32_at(&plain, 0).unwrap());
            prop_assert_eq!(aac::plain_entry(&plain), Some(plain));
        }
    }

    #[test]
    fn a_new_file_has_the_samples_that_were_put_in(samples in samples()) {
        let movie = movie(TINY).unwrap().unwrap();
        let track = &movie.picture.as_ref().unwrap().track;
        let mut writer = Mp4Writer::default();
        for sample in &samples {
            writer.push(*sample, 1 << 20).unwrap();
        }
        let content = Content::Pictures(movie.matrix);
        let file = writer.finish(content, track, track.entry, 90_000, b"isom").unwrap();
        let moov = find(&file.bytes, &[b"moov"]).unwrap();
        let again = Movie::parse(moov, file.bytes.len() as u64).unwrap().unwrap();
        let again: Vec<_> = again.picture.unwrap().track.samples.collect();
        prop_assert_eq!(again.len(), samples.len());
        let target = |offset: u64| {
            let span = file.spans.iter().find(|span| span.source.contains(&offset)).unwrap();
            span.target as u64 + (offset - span.source.start)
        };
        for (new, mut old) in again.into_iter().zip(samples) {
            old.offset = target(old.offset);
            prop_assert_eq!(new, old);
        }
    }

    #[test]
    fn a_damaged_list_of_packets(list in damaged_text(LIST), noise: String) {
        let lines = list.lines().count();
        for list in [list, noise] {
            if let Ok(Probe { pictures: Some(pictures), .. }) = Probe::parse(&list) {
                prop_assert!(pictures.packets.len() <= lines);
                let shown = Pictures::of_packets(&pictures.packets, pictures.unit, None);
                let _ = Plan::choose(&shown, 8);
            }
        }
    }
}
