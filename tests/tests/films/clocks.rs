//! Films whose clock is uneven, or goes wrong.

use dodolens::domain::media::SoundFormat;
use dodolens_tests::boxes::{Node, number};

use super::{
    film::{H264, Truth, base, edited, make, shows},
    webm::later,
};

/// Units of the base's pictures and sound in a second, and in one picture and packet.
const PICTURES: (u32, u32) = (12_800, 512);
const SOUND: (u32, u32) = (48_000, 1024);

/// The base, its sample `at` lasting for hours; without an edit list that would hide it.
fn lasting(handler: &[u8; 4], (second, each): (u32, u32), at: f64, hours: u32) -> Vec<u8> {
    edited(&base(), |film| {
        film.track(b"vide").remove(b"edts");
        let track = film.track(handler);
        track.remove(b"edts");
        let samples = track.samples();
        let count = number(samples.at(&[b"stsz"]).body(), 8);
        let before = (f64::from(count - 1) * at) as u32;
        let mut rows = vec![[before, each], [1, hours * 3600 * second]];
        if before + 1 < count {
            rows.push([count - before - 1, each]);
        }
        samples.put(Node::table(*b"stts", &rows));
    })
}

/// The base with a picture in the middle that is shown hours later than it is decoded.
fn shown_late() -> Vec<u8> {
    edited(&base(), |film| {
        let track = film.track(b"vide");
        track.remove(b"edts");
        let rows = [[199, 1024], [1, 5 * 3600 * PICTURES.0], [200, 1024]];
        track.samples().put(Node::table(*b"ctts", &rows));
    })
}

/// A fragmented film whose clock jumps by three hours in the middle.
fn fragments_later() -> Vec<u8> {
    let film = make(
        16,
        &format!("{H264} -c:a aac -movflags +frag_keyframe+empty_moov"),
        "mp4",
    );
    edited(&film, |film| {
        let mut fragments: Vec<_> = film
            .0
            .iter_mut()
            .filter(|node| node.kind == *b"moof")
            .collect();
        let middle = fragments.len() / 2;
        for moof in &mut fragments[middle..] {
            for (i, traf) in moof
                .children()
                .iter_mut()
                .filter(|node| node.kind == *b"traf")
                .enumerate()
            {
                let second = [PICTURES.0, SOUND.0][i];
                let tfdt = traf.at(&[b"tfdt"]);
                // The low half of a time of 64 bits.
                let time = number(tfdt.body(), 8);
                tfdt.set(8, time + 3 * 3600 * second);
            }
        }
    })
}

/// A recording of a screen: nothing changes from the second second to the twelfth.
fn screen(arguments: &str, ending: &str) -> Vec<u8> {
    let still = "-vf select='lt(t,2)+gte(t,12)' -fps_mode vfr";
    make(16, &format!("{still} {arguments}"), ending)
}

fn still() -> Truth {
    shows(16.0)
        .pictures(4..=8)
        .stretches(&[(0.0..1.96, 0.0), (1.96..12.0, 1.96), (12.0..16.0, 12.0)])
        .still(1)
        // The encoder gives the last picture a length of its own.
        .lasts(15.7..=22.5)
}

const VP8: &str = "-c:v libvpx -deadline realtime -cpu-used 16 -g 25";

films! {
    the_last_picture_lasts_for_days: lasting(b"vide", PICTURES, 1.0, 39) => shows(16.0).aac();
    the_first_picture_lasts_for_hours: lasting(b"vide", PICTURES, 0.0, 5) => shows(16.0).aac();
    a_picture_in_the_middle_lasts_for_hours: lasting(b"vide", PICTURES, 0.5, 5) => shows(16.0).aac();
    the_last_packet_of_sound_lasts_for_hours: lasting(b"soun", SOUND, 1.0, 5) => shows(16.0).aac();
    a_packet_of_sound_in_the_middle_lasts_for_hours: lasting(b"soun", SOUND, 0.5, 5) => shows(16.0).aac();
    a_picture_is_shown_hours_later: shown_late() => shows(16.0).pictures(7..=8).aac();
    the_clock_jumps_in_a_fragmented_file: fragments_later() => shows(16.0).mp3();
    the_clock_jumps_in_webm: later(&make(16, &format!("{VP8} -c:a libopus"), "webm"), 3 * 3_600_000) => shows(16.0).mp3();
    a_screen_with_a_long_still: screen(&format!("{H264} -c:a aac"), "mp4") => still().sound(&[SoundFormat::M4a], 16.0).any_tone();
    a_screen_with_a_long_still_and_no_sound: screen(&format!("{H264} -an"), "mp4") => still();
    a_screen_with_a_long_still_in_webm: screen(&format!("{VP8} -c:a libopus"), "webm")
        => still().sound(&[SoundFormat::Mp3], 16.0).any_tone();
    a_slideshow: make(40, &format!("-vf fps=0.5 {H264} -c:a aac"), "mp4") => shows(40.0).slack(2.5).aac();
    a_slideshow_in_matroska: make(40, &format!("-vf fps=0.5 {H264} -c:a libmp3lame"), "mkv")
        => shows(40.0).slack(2.5).lasts(37.5..=40.3).mp3();
    uneven: make(16, &format!("-vf select='lt(t,8)+not(mod(n,5))' -fps_mode vfr {H264} -g 10 -c:a aac"), "mp4")
        => shows(16.0).aac();
    slow_motion: make(4, "-vf fps=240 -c:v libx264 -preset ultrafast -g 240 -bf 0 -c:a aac", "mov") => shows(4.0).aac();
    a_time_lapse: make(16, "-c:v libx264 -preset veryfast -g 60 -an -movflags +faststart", "mov") => shows(16.0);
    a_live_photo: make(2, &format!("{H264} -g 8 -c:a pcm_s16le"), "mov") => shows(2.0).pictures(6..=8).mp3();
    a_single_picture: make(2, "-c:v libx264 -frames:v 1 -an", "mp4") => shows(2.0).pictures(1..=1).lasts(0.0..=2.1);
    two_pictures: make(2, "-vf fps=1 -c:v libx264 -an", "mp4") => shows(2.0).slack(0.6).pictures(2..=2);
    a_picture_a_second_in_a_fragmented_file: make(
        16, "-vf fps=1 -c:v libx264 -g 4 -an -movflags +frag_keyframe+empty_moov", "mp4",
    ) => shows(16.0).slack(1.1);
}
