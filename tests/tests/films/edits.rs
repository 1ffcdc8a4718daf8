//! Films whose edit lists show other than what is in the file.

use dodolens::domain::media::SoundFormat;
use dodolens_tests::boxes::{Boxes, Node};

use super::film::{H264, HEVC, Truth, base, edited, make, remake, shows};

/// An edit: how many seconds, and from where in the film; from nowhere for an empty one.
type Edit = (f64, Option<f64>);

/// Edits a track of the base or a film like it. What it is to show begins 1024 units into it.
fn edit(film: &mut Boxes, handler: &[u8; 4], scale: f64, edits: &[Edit], rate: u32) {
    let list: Vec<_> = edits
        .iter()
        .map(|(duration, start)| {
            let start = start.map_or(-1, |start| (start * scale) as i32 + 1024);
            ((duration * 1000.0) as u32, start, rate)
        })
        .collect();
    film.track(handler).edit(&list);
}

/// A film with the same edits of pictures and sound.
fn cut(film: &[u8], edits: &[Edit]) -> Vec<u8> {
    edited(film, |film| {
        edit(film, b"vide", 12_800.0, edits, 1);
        edit(film, b"soun", 48_000.0, edits, 1);
    })
}

/// The base with an edit list in the long form.
fn long_form(edits: &[(u64, i64)]) -> Vec<u8> {
    edited(&base(), |film| {
        for (handler, scale) in [(b"vide", 12_800), (b"soun", 48_000)] {
            let mut body = vec![1, 0, 0, 0, 0, 0, 0, edits.len() as u8];
            for (duration, start) in edits {
                body.extend(duration.to_be_bytes());
                body.extend((start * scale + 1024).to_be_bytes());
                body.extend([0, 1, 0, 0]);
            }
            let track = film.track(handler);
            *track.at(&[b"edts", b"elst"]) = Node::leaf(*b"elst", body);
        }
    })
}

/// The base whose pictures end with an edit that shows one of them for a long time.
fn dwelling() -> Vec<u8> {
    edited(&base(), |film| {
        film.track(b"vide")
            .edit(&[(8000, 1024, 1), (4000, 8 * 12_800 + 1024, 0)]);
        edit(film, b"soun", 48_000.0, &[(12.0, Some(0.0))], 1);
    })
}

fn one_key() -> Vec<u8> {
    make(
        16,
        "-c:v libx264 -preset veryfast -g 9999 -sc_threshold 0 -bf 2 -c:a aac",
        "mp4",
    )
}

fn hevc() -> Vec<u8> {
    make(16, &format!("{HEVC}:bframes=2:b-pyramid=0 -c:a aac"), "mp4")
}

/// Four seconds from the start and four from the end, as a player shows them.
fn without_the_middle() -> Truth {
    shows(16.0)
        .pictures(6..=8)
        .stretches(&[(0.0..4.0, 0.0), (4.0..8.0, 12.0)])
}

const ENDS: [Edit; 2] = [(4.0, Some(0.0)), (4.0, Some(12.0))];

films! {
    none: edited(&base(), |film| {
        film.track(b"vide").remove(b"edts");
        film.track(b"soun").remove(b"edts");
    }) => shows(16.0).aac();
    the_middle_cut_out: cut(&base(), &ENDS) => without_the_middle().aac();
    the_middle_cut_out_between_keys: cut(&base(), &[(4.5, Some(0.0)), (3.5, Some(11.6))])
        => shows(16.0).pictures(6..=8).stretches(&[(0.0..4.5, 0.0), (4.5..8.0, 11.6)]).aac();
    the_middle_cut_out_of_hevc: cut(&hevc(), &ENDS) => without_the_middle().aac();
    the_middle_cut_out_of_a_single_group: cut(&one_key(), &ENDS) => without_the_middle().aac();
    the_middle_cut_out_of_pcm: cut(&make(16, &format!("{H264} -c:a pcm_s16le"), "mov"), &ENDS)
        => without_the_middle().mp3();
    the_middle_cut_out_in_long_form: long_form(&[(4000, 0), (4000, 12)]) => without_the_middle().aac();
    both_ends_cut_off: cut(&base(), &[(6.0, Some(5.0))]) => shows(16.0).pictures(6..=8).stretches(&[(0.0..6.0, 5.0)]).aac();
    a_stretch_that_comes_twice: cut(&base(), &[(4.0, Some(2.0)), (4.0, Some(2.0))])
        => shows(16.0).pictures(4..=8).stretches(&[(0.0..4.0, 2.0), (4.0..8.0, 2.0)]).still(1).aac();
    the_end_first: cut(&base(), &[(8.0, Some(8.0)), (8.0, Some(0.0))])
        => shows(16.0).stretches(&[(0.0..8.0, 8.0), (8.0..16.0, 0.0)]).without_mark().aac();
    a_late_start: cut(&base(), &[(2.0, None), (16.0, Some(0.0))])
        => shows(16.0).stretches(&[(2.0..18.0, 0.0)]).sound(&[SoundFormat::M4a], 17.0).sound_slack(1.3).any_tone();
    nothing_in_between: cut(&base(), &[(8.0, Some(0.0)), (2.0, None), (8.0, Some(8.0))])
        => shows(16.0).stretches(&[(0.0..8.0, 0.0), (10.0..18.0, 8.0)])
            .sound(&[SoundFormat::M4a], 17.0).sound_slack(1.3).any_tone();
    a_picture_that_stays: dwelling()
        => shows(16.0).pictures(5..=8).stretches(&[(0.0..8.0, 0.0), (8.0..12.0, 8.0)]).still(1)
            .sound(&[SoundFormat::M4a], 12.0).any_tone();
    nothing_is_shown: cut(&base(), &[(8.0, Some(1000.0))]) => shows(16.0).aac();
    longer_than_the_film: cut(&base(), &[(1_000_000.0, Some(0.0))]) => shows(16.0).aac();
    without_a_length: cut(&base(), &[(0.0, Some(4.0))]) => shows(16.0).stretches(&[(0.0..12.0, 4.0)]).aac();
    cut_without_encoding: remake(&base(), "-ss 6.4 -i INPUT -c copy", "mp4")
        => shows(16.0).stretches(&[(0.0..9.6, 6.4)]).aac();
    cut_without_encoding_and_fragmented: remake(
        &base(), "-ss 6.4 -i INPUT -c copy -movflags +frag_keyframe+delay_moov", "mp4",
    ) => shows(16.0).stretches(&[(0.0..9.6, 6.4)]).mp3();
}
