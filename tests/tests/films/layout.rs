//! How the boxes lie in the file, and files that are cut off.

use dodolens::{app::ports::MediaError, domain::media::SoundFormat};
use dodolens_tests::boxes::{Form, Node};

use super::film::{H264, base, edited, fails, make, remake, shows};

fn index_first() -> Vec<u8> {
    remake(&base(), "-i INPUT -c copy -movflags +faststart", "mp4")
}

fn fragmented(flags: &str) -> Vec<u8> {
    make(16, &format!("{H264} -c:a aac -movflags {flags}"), "mp4")
}

/// The base with chunk offsets of 64 bits.
fn long_offsets() -> Vec<u8> {
    edited(&base(), |film| {
        for handler in [b"vide", b"soun"] {
            let samples = film.track(handler).samples();
            let offsets = samples.at(&[b"stco"]).body().split_off(8);
            let count = (offsets.len() / 4) as u32;
            let mut body = [0, count].map(u32::to_be_bytes).concat();
            body.extend(
                offsets
                    .as_chunks::<4>()
                    .0
                    .iter()
                    .flat_map(|offset| [[0; 4], *offset].concat()),
            );
            samples.remove(b"stco");
            samples.children().push(Node::leaf(*b"co64", body));
        }
    })
}

/// The base with its samples in two boxes, the index between them.
fn parted() -> Vec<u8> {
    edited(&base(), |film| {
        let at = film
            .0
            .iter()
            .position(|node| node.kind == *b"mdat")
            .unwrap();
        let (first, second) = film.0[at].clone().split(60_000);
        film.0.splice(at..=at, [first]);
        film.0.push(Node::leaf(*b"free", vec![1; 3000]));
        film.0.push(second);
    })
}

/// The base with a box before all others.
fn behind(kind: &[u8; 4]) -> Vec<u8> {
    edited(&base(), |film| {
        film.0.insert(0, Node::leaf(*kind, vec![7; 500]))
    })
}

fn of_form(form: Form) -> Vec<u8> {
    edited(&index_first(), |film| film.top(b"mdat").form = form)
}

fn turned(arguments: &str, ending: &str) -> Vec<u8> {
    remake(&base(), &format!("{arguments} -i INPUT -c copy"), ending)
}

/// The base with longer headers, times of 64 bits in them.
fn long_headers() -> Vec<u8> {
    /// Turns a header into version 1: the fields at these places become 64 bits long.
    fn lengthen(node: &mut Node, fields: &[usize]) {
        for at in fields.iter().rev() {
            node.body().splice(at..at, [0; 4]);
        }
        node.body()[0] = 1;
    }
    edited(&base(), |film| {
        lengthen(film.top(b"moov").at(&[b"mvhd"]), &[4, 8, 16]);
        for handler in [b"vide", b"soun"] {
            let track = film.track(handler);
            lengthen(track.at(&[b"tkhd"]), &[4, 8, 20]);
            lengthen(track.at(&[b"mdia", b"mdhd"]), &[4, 8, 16]);
        }
    })
}

fn cut_off(mut film: Vec<u8>, part: f64) -> Vec<u8> {
    film.truncate((film.len() as f64 * part) as usize);
    film
}

fn followed(mut film: Vec<u8>, bytes: &[u8]) -> Vec<u8> {
    film.extend(bytes);
    film
}

/// The segments of a stream one after another.
fn dash() -> Vec<u8> {
    make(
        16,
        &format!(
            "{H264} -c:a aac -movflags +dash+cmaf+frag_keyframe+empty_moov+default_base_moof+skip_trailer"
        ),
        "mp4",
    )
}

films! {
    the_index_first: index_first() => shows(16.0).aac();
    chunks_far_into_the_file: long_offsets() => shows(16.0).aac();
    samples_in_two_boxes: parted() => shows(16.0).aac();
    samples_to_the_end_of_the_file: of_form(Form::Open) => shows(16.0).aac();
    samples_in_a_box_of_64_bits: of_form(Form::Long) => shows(16.0).aac();
    padding_first: behind(b"free") => shows(16.0).aac();
    a_box_of_its_own_first: behind(b"uuid") => shows(16.0).aac();
    headers_of_64_bits: long_headers() => shows(16.0).aac();
    garbage_behind: followed(base(), &[0x5a; 10_000]) => shows(16.0).aac();
    zeros_behind: followed(base(), &[0; 10_000]) => shows(16.0).aac();
    garbage_behind_the_samples: followed(index_first(), &[0x5a; 10_000]) => shows(16.0).aac();
    garbage_behind_fragments: followed(fragmented("+frag_keyframe+empty_moov"), &[0x5a; 10_000]) => shows(16.0).mp3();
    turned_by_90: turned("-display_rotation 90", "mp4") => shows(16.0).size(120, 160).corner(true, false).aac();
    turned_by_180: turned("-display_rotation 180", "mov") => shows(16.0).corner(false, false).aac();
    turned_by_270: turned("-display_rotation 270", "mp4") => shows(16.0).size(120, 160).corner(false, true).aac();
    mirrored: turned("-display_hflip", "mp4") => shows(16.0).corner(false, true).aac();
    upside_down: turned("-display_vflip", "mp4") => shows(16.0).corner(true, false).aac();
    turned_in_matroska: turned("-display_rotation 90", "mkv") => shows(16.0).size(120, 160).corner(true, false).mp3();
    fragments_of_a_browser: fragmented("+frag_keyframe+empty_moov+default_base_moof") => shows(16.0).mp3();
    fragments_of_a_few_pictures: fragmented("+empty_moov+default_base_moof -frag_duration 100000") => shows(16.0).mp3();
    fragments_with_the_first_in_the_index: fragmented("+frag_keyframe") => shows(16.0).mp3();
    segments_of_a_stream: dash() => shows(16.0).mp3();
    turned_fragments: remake(
        &base(), "-display_rotation 90 -i INPUT -c copy -movflags +frag_keyframe+empty_moov", "mp4",
    )
        => shows(16.0).size(120, 160).corner(true, false).mp3();
    cut_off_behind_the_index: cut_off(index_first(), 0.6)
        => shows(16.0).cut(9.5).sound(&[SoundFormat::M4a], 9.5).sound_slack(1.0);
    cut_off_soon_behind_the_index: cut_off(index_first(), 0.2) => shows(16.0).cut(1.8).sound(&[SoundFormat::M4a], 1.8).sound_slack(1.0);
    cut_off_in_the_index: cut_off(index_first(), 0.05) => fails(MediaError::Unreadable);
    cut_off_before_the_index: cut_off(base(), 0.6) => fails(MediaError::Unreadable);
    fragments_cut_off: cut_off(fragmented("+frag_keyframe+empty_moov"), 0.6) => shows(16.0).ends(9.5).mp3().sound_slack(1.0);
    webm_cut_off: cut_off(make(16, "-c:v libvpx -deadline realtime -cpu-used 16 -g 25 -c:a libopus", "webm"), 0.6)
        => shows(16.0).ends(9.5).mp3().sound_slack(1.0);
    matroska_cut_off: cut_off(make(16, &format!("{H264} -c:a aac"), "mkv"), 0.6) => shows(16.0).ends(9.5).mp3().sound_slack(1.0);
}
