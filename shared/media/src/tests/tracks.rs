//! Which tracks are taken, from movies of TINY's tracks changed a little.

use super::*;
use crate::boxes;

/// TINY's track of one kind of media, a body.
fn trak(kind: &[u8; 4]) -> Vec<u8> {
    let tracks = boxes::boxes(&TINY[moov_at()..]).filter(|(name, _)| name == b"trak");
    let mut tracks =
        tracks.filter(|(_, trak)| find(trak, &[b"mdia", b"hdlr"]).unwrap()[8..12] == *kind);
    tracks.next().unwrap().1.to_vec()
}

/// `trak` with `bytes` at `at` behind the first `kind`.
fn with(mut trak: Vec<u8>, kind: &[u8; 4], at: usize, bytes: &[u8]) -> Vec<u8> {
    let at = trak.windows(4).position(|four| four == kind).unwrap() + 4 + at;
    trak[at..at + bytes.len()].copy_from_slice(bytes);
    trak
}

/// `trak` with another width.
fn wide(trak: Vec<u8>, width: u8) -> Vec<u8> {
    with(trak, b"avc1", 25, &[width])
}

/// `trak` of fewer samples.
fn short(trak: Vec<u8>, samples: u8) -> Vec<u8> {
    // TINY has a size for each.
    with(trak, b"stsz", 8, &[0, 0, 0, samples])
}

fn off(trak: Vec<u8>) -> Vec<u8> {
    with(trak, b"tkhd", 3, &[0])
}

fn moov(tracks: &[Vec<u8>]) -> Vec<u8> {
    let mut moov = boxed(b"mvhd", &[find(&TINY[moov_at()..], &[b"mvhd"]).unwrap()]);
    moov.extend(tracks.iter().flat_map(|trak| boxed(b"trak", &[trak])));
    moov
}

/// The width of the picture track that is taken of `tracks`.
fn taken(tracks: &[Vec<u8>]) -> u64 {
    let moov = moov(tracks);
    let movie = Movie::parse(&moov, TINY.len() as u64).unwrap().unwrap();
    movie.picture.unwrap().pixels() / 24
}

#[test]
fn the_picture_track_that_a_player_shows() {
    let pictures = || trak(b"vide");
    let poster = || wide(short(pictures(), 1), 200);
    let brief = || wide(short(pictures(), 20), 100);
    let small = || wide(pictures(), 16);
    for tracks in [
        vec![poster(), pictures(), small()],
        vec![small(), pictures(), poster()],
        vec![brief(), pictures()],
        vec![off(wide(pictures(), 100)), pictures()],
        vec![wide(short(pictures(), 0), 100), pictures()],
        vec![pictures(), off(poster())],
        vec![off(pictures())],
    ] {
        assert_eq!(taken(&tracks), 32, "{}", tracks.len());
    }
    assert_eq!(
        taken(&[poster()]),
        200,
        "a single picture is better than none"
    );
    // A few pictures less than the other.
    assert_eq!(taken(&[pictures(), wide(short(pictures(), 38), 64)]), 64);
}

#[test]
fn pictures_of_chapters_are_not_the_film() {
    let chapters = with(wide(trak(b"vide"), 100), b"tkhd", 12, &[0, 0, 0, 9]);
    let list = boxed(b"tref", &[&boxed(b"chap", &[&[0, 0, 0, 9]])]);
    let film = [trak(b"vide"), list].concat();
    assert_eq!(taken(&[chapters, film]), 32);
}

#[test]
fn encrypted_pictures_are_told_and_encrypted_sound_is_none() {
    let encrypted = with(trak(b"vide"), b"stsd", 12, b"encv");
    let parse = |tracks: &[Vec<u8>], more: &[u8]| {
        let moov = [moov(tracks), more.to_vec()].concat();
        let movie = Movie::parse(&moov, TINY.len() as u64)?;
        Ok(movie.map(|movie| {
            (
                movie.sound.is_some(),
                movie.has_sound,
                movie.sound_encrypted,
            )
        }))
    };
    let fragmented = boxed(b"mvex", &[]);
    let poster = short(trak(b"vide"), 1);
    assert_eq!(
        parse(&[encrypted.clone(), poster, trak(b"soun")], &[]),
        Err(MediaError::Encrypted)
    );
    assert_eq!(
        parse(&[encrypted, trak(b"soun")], &fragmented),
        Err(MediaError::Encrypted)
    );
    assert_eq!(
        parse(&[trak(b"vide"), trak(b"soun")], &fragmented),
        Ok(None)
    );
    let locked = || with(trak(b"soun"), b"stsd", 12, b"enca");
    assert_eq!(
        parse(&[trak(b"vide"), locked()], &[]),
        Ok(Some((false, true, true)))
    );
    assert_eq!(
        parse(&[trak(b"vide"), locked(), trak(b"soun")], &[]),
        Ok(Some((true, true, false)))
    );
    assert_eq!(
        parse(&[trak(b"vide")], &[]),
        Ok(Some((false, false, false)))
    );
}

#[test]
fn sound_that_can_be_copied_is_preferred_and_what_the_index_can_not_serve_is_left_to_the_decoder() {
    let sound = || trak(b"soun");
    let sound_of = |tracks: &[Vec<u8>]| {
        let moov = moov(tracks);
        let movie = Movie::parse(&moov, TINY.len() as u64).unwrap().unwrap();
        assert!(movie.has_sound);
        movie
            .sound
            .map(|sound| (sound.aac.is_some(), sound.track.samples.claimed()))
    };
    let all = sound_of(&[sound()]).unwrap().1;
    let spatial = || with(sound(), b"stsd", 12, b"apac");
    let other = || with(short(sound(), 9), b"stsd", 12, b"Opus");
    assert_eq!(sound_of(&[spatial(), other(), sound()]), Some((true, all)));
    assert_eq!(
        sound_of(&[spatial(), other(), off(sound())]),
        Some((false, 9))
    );
    assert_eq!(sound_of(&[short(sound(), 0), sound()]), Some((true, all)));
    assert_eq!(
        sound_of(&[short(sound(), 9), sound()]),
        Some((true, 9)),
        "of those alike, the first"
    );
    // Two sample entries; and uncompressed sound whose packets are of all sizes.
    let two = || with(sound(), b"stsd", 4, &[0, 0, 0, 2]);
    assert_eq!(sound_of(&[two()]), None);
    assert_eq!(sound_of(&[two(), sound()]), Some((true, all)));
    assert_eq!(sound_of(&[with(sound(), b"stsd", 12, b"sowt")]), None);
}

#[test]
fn a_picture_that_lasts_for_days_lasts_until_the_sound_ends() {
    // The times of TINY's pictures are one run: count, duration. Half of it says that each lasts for an hour.
    let pictures = with(
        trak(b"vide"),
        b"stts",
        8,
        &[0, 0, 0, 40, 0x02, 0x32, 0x80, 0],
    );
    let moov = moov(&[pictures, trak(b"soun")]);
    let movie = Movie::parse(&moov, TINY.len() as u64).unwrap().unwrap();
    let (picture, sound) = (movie.picture.unwrap(), movie.sound.unwrap());
    let seconds = sound.shown_duration().as_secs_f64();
    assert!((3.9..4.2).contains(&seconds), "{seconds}");
    let apart = picture.duration().as_secs_f64() - seconds;
    assert!(apart.abs() < 0.2, "{apart}");
}
