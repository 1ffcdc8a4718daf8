//! Films with other tracks than one of pictures and one of sound, and tracks that can't be read.

use dodolens::app::ports::MediaError;
use dodolens_tests::boxes::{Boxes, Node, resampled};

use super::film::{H264, HEVC, Truth, base, edited, fails, make, remake, shows};

/// The clock's film and a larger picture track; `second` says what is in it.
fn with_larger(second: &str, more: &str, ending: &str) -> Vec<u8> {
    let arguments = format!(
        "{H264} -map 0:v -map 0:v -map 1:a -filter:v:1 {second} -c:a aac -disposition:v default {more}"
    );
    make(16, &arguments, ending)
}

/// The same with the larger one first.
fn behind_larger(first: &str, more: &str, ending: &str) -> Vec<u8> {
    let arguments = format!(
        "{H264} -map 0:v -map 0:v -map 1:a -filter:v:0 {first} -c:a aac -disposition:v default {more}"
    );
    make(16, &arguments, ending)
}

const POSTER: &str = "trim=end_frame=1,scale=640:480";
const FRAGMENTS: &str = "-movflags +frag_keyframe+empty_moov";

/// A film in which the track `number` of pictures is not enabled.
fn disabled(film: &[u8], number: usize) -> Vec<u8> {
    edited(film, |film| {
        film.tracks(b"vide")[number].at(&[b"tkhd"]).body()[3] &= !1
    })
}

/// A film in which the track `number` of pictures has no samples.
fn emptied(film: &[u8], number: usize) -> Vec<u8> {
    edited(film, |film| {
        let samples = film.tracks(b"vide").swap_remove(number).samples();
        samples.remove(b"ctts");
        for kind in [b"stts", b"stss", b"stsc", b"stco"] {
            samples.put(Node::table::<1>(*kind, &[]));
        }
        samples.put(Node::leaf(*b"stsz", vec![0; 12]));
    })
}

/// A film with a track of timed metadata: that of time codes, said to be of another kind.
fn with_metadata(kind: &[u8; 4]) -> Vec<u8> {
    let film = make(8, &format!("{H264} -c:a aac -timecode 10:00:00:00"), "mov");
    edited(&film, |film| {
        let mut tracks = film.tracks(b"tmcd");
        tracks[0].at(&[b"mdia", b"hdlr"]).body()[8..12].copy_from_slice(b"meta");
        tracks[0].entry().kind = *kind;
    })
}

/// Says that the pictures of `film` are encrypted, by which scheme.
fn encrypt(film: &mut Boxes, scheme: &[u8; 4]) {
    let entry = film.track(b"vide").entry();
    let original = std::mem::replace(&mut entry.kind, *b"encv");
    let schm = [&[0; 4], &scheme[..], &[0, 1, 0, 0]].concat();
    let tenc = [&[0, 0, 0, 0, 0, 0, 1, 8][..], &[7; 16]].concat();
    let parts = vec![
        Node::leaf(*b"frma", original.to_vec()),
        Node::leaf(*b"schm", schm),
        Node::parent(*b"schi", vec![Node::leaf(*b"tenc", tenc)]),
    ];
    entry.children().push(Node::parent(*b"sinf", parts));
}

/// The base with its pictures scrambled, as encryption does.
fn encrypted(scheme: &[u8; 4]) -> Vec<u8> {
    let scrambled = resampled(&base(), |number, bytes| {
        for (i, byte) in bytes.iter_mut().enumerate().skip(5) {
            *byte ^= (i * 31 + number * 7 + 101) as u8;
        }
    });
    edited(&scrambled, |film| encrypt(film, scheme))
}

/// Pictures for the other eye in each picture, in a layer of their own, as in a film of two views or with transparency.
fn two_layers() -> Vec<u8> {
    let film = make(16, &format!("{HEVC} -c:a aac"), "mov");
    let film = resampled(&film, |_, bytes| {
        let mut unit = bytes.clone();
        // Units behind a length of four bytes; the layer is in the last bit of the first byte and the next five.
        let mut at = 0;
        while let Some(len) = unit
            .get(at..at + 4)
            .map(|len| u32::from_be_bytes(len.try_into().unwrap()) as usize)
        {
            unit[at + 5] |= 1 << 3;
            at += 4 + len;
        }
        bytes.extend(unit);
    });
    edited(&film, |film| {
        let entry = film.track(b"vide").entry();
        entry
            .children()
            .push(Node::leaf(*b"lhvC", vec![1, 0xf0, 0, 0xfc, 0xcb, 0]));
        entry.children().push(Node::leaf(*b"vexu", vec![0; 8]));
    })
}

/// The base with two sample entries for its pictures, the second from the middle on.
fn two_entries() -> Vec<u8> {
    edited(&resampled(&base(), |_, _| {}), |film| {
        let samples = film.track(b"vide").samples();
        let entries = samples.at(&[b"stsd"]);
        entries.set(4, 2);
        let again = entries.children()[0].clone();
        entries.children().push(again);
        samples.put(Node::table(*b"stsc", &[[1, 1, 1], [201, 1, 2]]));
    })
}

fn whole() -> Truth {
    shows(16.0)
}

films! {
    a_larger_poster_behind: with_larger(POSTER, "", "mp4") => whole().aac();
    a_larger_poster_first: behind_larger(POSTER, "", "mp4") => whole().aac();
    a_larger_poster_first_in_matroska: behind_larger(POSTER, "", "mkv") => whole().mp3();
    a_larger_poster_first_in_a_fragmented_file: behind_larger(POSTER, FRAGMENTS, "mp4") => whole().mp3();
    a_thumbnail_first: behind_larger("scale=80:60,fps=1", "", "mp4") => whole().aac();
    a_thumbnail_first_in_matroska: behind_larger("scale=80:60", "", "mkv") => whole().mp3();
    a_larger_track_that_is_switched_off: disabled(&behind_larger("negate,scale=320:240", "", "mp4"), 0) => whole().aac();
    a_larger_track_without_pictures: emptied(&behind_larger("negate,scale=320:240", "", "mp4"), 0) => whole().aac();
    a_cover: remake(
        &base(),
        "-i INPUT -f lavfi -i color=white:s=640x480:r=25:d=0.04 -map 0 -map 1 -c copy -c:v:1 mjpeg -disposition:v:1 attached_pic",
        "mp4",
    ) => whole().aac();
    timed_metadata_of_a_phone: with_metadata(b"mebx") => shows(8.0).aac();
    timed_metadata_of_an_action_camera: with_metadata(b"gpmd") => shows(8.0).aac();
    time_codes: make(8, &format!("{H264} -c:a aac -timecode 10:00:00:00"), "mov") => shows(8.0).aac();
    everything_is_said_to_be_switched_off: edited(&base(), |film| {
        for track in film.tracks(b"vide") {
            track.at(&[b"tkhd"]).body()[3] &= !1;
        }
    }) => whole().either();
    two_layers_of_hevc: two_layers() => whole().aac();
    two_entries_of_pictures: two_entries() => whole().either();
    encrypted_cenc: encrypted(b"cenc") => fails(MediaError::Encrypted);
    encrypted_cbcs: encrypted(b"cbcs") => fails(MediaError::Encrypted);
    encrypted_and_fragmented: edited(
        &make(8, &format!("{H264} -c:a aac {FRAGMENTS}"), "mp4"), |film| encrypt(film, b"cenc"),
    ) => fails(MediaError::Encrypted);
    sound_alone: make(4, "-vn -c:a aac", "mp4") => fails(MediaError::NoPictures);
    sound_alone_in_webm: make(4, "-vn -c:a libopus", "webm") => fails(MediaError::NoPictures);
}
