//! The index reader against damaged files: it may refuse them, but never panic, and never ask for what is not there.

mod fuzz;
mod tracks;

use std::time::Duration;

use super::{
    aac,
    boxes::{boxed, find, u32_at},
    gather::gather,
    index,
    mp4_writer::{Content, Mp4File, Mp4Writer},
    plan::Plan,
    samples::Sample,
    tables::Movie,
    testing::{Slice, TINY, moov_at, movie, steps},
    tracks::Track,
};
use dodolens_app::ports::MediaError;

/// Does with a file all that is done before a decoder sees it; gives what was planned.
fn walk(file: &[u8]) -> Result<Option<(Plan, usize)>, MediaError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let source = Slice::new(file); // checks that every read lies within the file
    runtime.block_on(async {
        let Some(index) = index::find(&source).await? else {
            return Ok(None);
        };
        let Some(movie) = Movie::parse(index.moov.expose(), file.len() as u64)? else {
            return Ok(None);
        };
        let mut files = Vec::new();
        if let Some(picture) = &movie.picture {
            let samples = picture.track.samples.clone();
            files.extend(copy(
                &picture.track,
                samples,
                Content::Pictures(movie.matrix),
            ));
        }
        if let Some(sound) = &movie.sound {
            files.extend(copy(&sound.track, sound.shown(), Content::Sound));
        }
        for mini in &files {
            assert!(
                mini.spans
                    .iter()
                    .all(|span| span.source.end <= file.len() as u64)
            );
        }
        let mut files: Vec<_> = files.iter_mut().collect();
        gather(&source, &mut files).await?;
        Ok(movie.picture.and_then(|track| {
            let plan = Plan::choose(&track.pictures, 8)?;
            Some((plan, files.len()))
        }))
    })
}

/// A file of `samples` of `track`.
fn copy(
    track: &Track<'_>,
    samples: impl Iterator<Item = Sample>,
    content: Content,
) -> Option<Mp4File> {
    let mut writer = Mp4Writer::default();
    for sample in samples {
        writer.push(sample, 1 << 20)?;
    }
    writer.finish(content, track, track.entry, track.timescale, b"isom")
}

#[test]
fn a_real_file_is_read() {
    let (plan, files) = walk(TINY).unwrap().unwrap();
    assert_eq!(files, 2);
    let alone = plan.shots.iter().filter(|shot| shot.alone()).count();
    assert_eq!(
        (alone, plan.shots.len()),
        (4, 8),
        "four keys, and between them"
    );
    assert_eq!(plan.duration, Duration::from_secs(4));
}

#[test]
fn a_new_file_reads_back_as_what_was_put_in() {
    let movie = movie(TINY).unwrap().unwrap();
    let sound = &movie.sound.as_ref().unwrap().track;
    let pictures = &movie.picture.as_ref().unwrap().track;
    for (track, content) in [
        (pictures, Content::Pictures(movie.matrix)),
        (sound, Content::Sound),
    ] {
        let mini = copy(track, track.samples.clone(), content).unwrap();
        let again = find(&mini.bytes, &[b"moov"]).unwrap();
        let again = Movie::parse(again, mini.bytes.len() as u64)
            .unwrap()
            .unwrap();
        let again = again
            .picture
            .map(|it| it.track)
            .or(again.sound.map(|it| it.track))
            .unwrap();
        assert_eq!(again.entry, track.entry);
        assert_eq!(again.matrix, track.matrix);
        let (old, new) = (track.samples.clone(), again.samples.clone());
        assert_eq!(old.clone().count(), new.clone().count());
        for (old, mut new) in old.zip(new) {
            new.offset = old.offset;
            assert_eq!(new, old);
        }
    }
}

#[test]
fn aac_entries_of_quicktime_become_plain() {
    let movie = movie(TINY).unwrap().unwrap();
    let plain = movie.sound.unwrap().track.entry;
    let esds = find(&plain[36..], &[b"esds"]).unwrap();
    let expected = aac::plain_entry(plain).unwrap();
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
    let movie = Movie::parse(&moov[8..], samples.len() as u64 / 2)
        .unwrap()
        .unwrap();
    let picture = movie.picture.unwrap();
    assert_eq!(picture.duration(), Duration::from_secs(4));
    assert!(movie.sound.unwrap().cut());
    let kept = picture.pictures.points.len();
    assert!(kept > 5 && kept < 40, "{kept}");
}

/// TINY with other sample sizes, all the same, so that no table bounds the number of samples: `size` and `count` of the
/// pictures, which come first, or of the sound.
fn claiming(sound: bool, size: u32, count: u32) -> Vec<u8> {
    let mut file = TINY.to_vec();
    let mut places = (0..file.len() - 4).filter(|at| file[*at..].starts_with(b"stsz"));
    let at = places.nth(usize::from(sound)).unwrap() + 8;
    file[at..at + 4].copy_from_slice(&size.to_be_bytes());
    file[at + 4..at + 8].copy_from_slice(&count.to_be_bytes());
    file
}

#[test]
fn enormous_counts_are_refused_before_any_sample_is_walked() {
    for (sound, most) in [(false, 1 << 20), (true, 1 << 25)] {
        for count in [most + 1, u32::MAX] {
            let file = claiming(sound, 1, count);
            steps();
            assert_eq!(movie(&file).err(), Some(MediaError::TooLarge));
            assert_eq!(walk(&file), Err(MediaError::TooLarge));
            assert_eq!(steps(), 0, "{sound} {count}");
        }
        assert!(movie(&claiming(sound, 1, most)).unwrap().is_some());
        // A table of as many sizes does not fit its box: damaged, which the decoder may know to read.
        let file = claiming(sound, 0, u32::MAX);
        let damaged = movie(&file).unwrap().unwrap();
        assert!(damaged.picture.is_none() != sound && damaged.sound.is_none() == sound);
    }
}

/// TINY's index with its picture or sound track `times` times, each claiming `count` samples, of which its edit list
/// shows none: to see that takes a walk over all of them.
fn crowd(kind: &[u8; 4], times: usize, count: u32) -> Vec<u8> {
    let file = claiming(kind == b"soun", 1, count);
    let moov = &file[moov_at()..];
    let tracks = super::boxes::boxes(moov).filter(|(name, _)| name == b"trak");
    let handler = |trak: &[u8]| find(trak, &[b"mdia", b"hdlr"]).and_then(|it| u32_at(it, 8));
    let wanted = Some(u32::from_be_bytes(*kind));
    let mut tracks = tracks.filter(|(_, trak)| handler(trak) == wanted);
    let mut trak = tracks.next().unwrap().1.to_vec();
    // The second field of the first entry: when the edit begins, and how many samples are in the first chunk.
    for (table, value) in [(b"elst", 0x7fff_0000), (b"stsc", u32::MAX)] {
        let at = trak.windows(4).position(|kind| kind == table).unwrap() + 16;
        trak[at..at + 4].copy_from_slice(&value.to_be_bytes());
    }
    let mut crowd = boxed(b"mvhd", &[find(moov, &[b"mvhd"]).unwrap()]);
    crowd.extend(boxed(b"trak", &[&trak]).repeat(times));
    crowd
}

#[test]
fn many_tracks_share_one_budget() {
    // All picture tracks are walked once, to see which lasts longest; of the sound tracks, the chosen one twice: its edits
    // show nothing.
    for (kind, most, walks) in [(b"vide", 1 << 20, 32), (b"soun", 1 << 25, 2)] {
        steps();
        let parse = |times, count| {
            let crowd = crowd(kind, times, count);
            Movie::parse(&crowd, 1 << 40).map(|movie| {
                let movie = movie.unwrap();
                movie.picture.is_some() || movie.sound.is_some()
            })
        };
        assert_eq!(parse(32, most / 32), Ok(true));
        assert_eq!(steps(), walks * (u64::from(most / 32) + 1));
        assert_eq!(parse(32, most / 32 + 1), Err(MediaError::TooLarge));
        assert_eq!(parse(64, most), Err(MediaError::TooLarge));
        assert_eq!(parse(64, u32::MAX), Err(MediaError::TooLarge));
        assert_eq!(steps(), 0);
    }
}
