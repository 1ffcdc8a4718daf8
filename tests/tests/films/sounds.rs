//! Sound of every kind, and films without.

use dodolens::domain::media::{SoundFormat, SoundLoss};
use dodolens_tests::boxes::{Boxes, Node, number};

use super::film::{H264, Truth, base, edited, make, remake, shows};

/// Eight seconds of H.264 with other sound.
fn sounding(sound: &str, ending: &str) -> Vec<u8> {
    make(8, &format!("{H264} {sound}"), ending)
}

/// The base with its sound said to be encrypted.
fn encrypted_sound() -> Vec<u8> {
    edited(&base(), |film| film.track(b"soun").entry().kind = *b"enca")
}

/// Says that a sound track is spatial: no AAC any more, and configured in a box of its own.
fn make_spatial(track: &mut Node) {
    let entry = track.entry();
    entry.kind = *b"apac";
    let body = entry.body();
    let at = body.windows(4).position(|kind| kind == b"esds").unwrap();
    body[at..at + 4].copy_from_slice(b"dapa");
}

/// The base as if its sound were of another kind of MPEG-4 audio, behind 31.
fn object_type(behind: u8) -> Vec<u8> {
    edited(&base(), |film| {
        let entry = film.track(b"soun").entry().body();
        // The tag of the decoder's configuration, its length of five bytes, and what it begins with: AAC LC, 48 kHz.
        let tag = [5, 0x80, 0x80, 0x80, 5, 0x11];
        let at = entry.windows(6).position(|bytes| bytes == tag).unwrap() + 5;
        // 11111 and six bits more, then 48 kHz and one channel.
        entry[at..at + 3].copy_from_slice(&[0xf8 | behind >> 3, behind << 5 | 0x06, 0x20]);
    })
}

/// A sound track with two sample entries, the second from the middle on.
fn two_entries(film: &[u8]) -> Vec<u8> {
    edited(film, |film| {
        let samples = film.track(b"soun").samples();
        let entries = samples.at(&[b"stsd"]);
        entries.set(4, 2);
        let again = entries.children()[0].clone();
        entries.children().push(again);
        let chunks = number(samples.at(&[b"stco"]).body(), 4);
        let stsc = samples.at(&[b"stsc"]).body().clone();
        let rows = (8..stsc.len()).step_by(12);
        let mut runs: Vec<_> = rows
            .map(|at| [0, 4, 8].map(|field| number(&stsc, at + field)))
            .collect();
        let here = runs.iter().rfind(|run| run[0] <= chunks / 2).unwrap()[1];
        runs.push([chunks / 2 + 1, here, 1]);
        runs.sort_by_key(|run| run[0]);
        runs.dedup_by_key(|run| run[0]);
        for run in &mut runs {
            run[2] = if run[0] > chunks / 2 { 2 } else { 1 };
        }
        samples.put(Node::table(*b"stsc", &runs));
    })
}

/// Sound whose table gives another size than its entry.
fn sample_size(film: &[u8], size: u32) -> Vec<u8> {
    edited(film, |film| {
        film.track(b"soun").samples().at(&[b"stsz"]).set(4, size)
    })
}

/// A film with two sound tracks, the first of which is renamed.
fn beside(change: impl FnOnce(&mut Boxes)) -> Vec<u8> {
    let arguments =
        format!("{H264} -map 0:v -map 1:a -map 1:a -c:a:0 aac -c:a:1 aac -filter:a:0 volume=0.001");
    edited(&make(8, &arguments, "mov"), change)
}

/// Sizes of samples in 16 bits.
fn compact_sizes(film: &[u8]) -> Vec<u8> {
    edited(film, |film| {
        let samples = film.track(b"soun").samples();
        let sizes = samples.at(&[b"stsz"]).body().clone();
        let mut body = [0, 0, 0, 0, 0, 0, 0, 16].to_vec();
        body.extend(&sizes[8..12]);
        body.extend(
            sizes[12..]
                .as_chunks::<4>()
                .0
                .iter()
                .flat_map(|size| [size[2], size[3]]),
        );
        samples.remove(b"stsz");
        samples.children().push(Node::leaf(*b"stz2", body));
    })
}

fn silent() -> Truth {
    shows(8.0).sound_loss(SoundLoss::Silent)
}

films! {
    none: make(8, &format!("{H264} -an"), "mp4") => shows(8.0);
    none_in_webm: make(8, "-c:v libvpx -deadline realtime -cpu-used 16 -g 25 -an", "webm") => shows(8.0);
    aac_of_six_channels: sounding("-af pan=5.1|FL=c0|FR=c0|FC=c0|LFE=c0|BL=c0|BR=c0 -c:a aac", "mp4") => shows(8.0).aac();
    aac_of_a_telephone: sounding("-c:a aac -ar 8000 -ac 1", "mp4") => shows(8.0).aac();
    aac_of_quicktime: sounding("-c:a aac -ac 2", "mov") => shows(8.0).aac();
    aac_with_compact_sizes: compact_sizes(&sounding("-c:a aac", "3gp")) => shows(8.0).either();
    opus_in_mp4: sounding("-c:a libopus", "mp4") => shows(8.0).mp3();
    flac_in_mp4: sounding("-c:a flac", "mp4") => shows(8.0).mp3();
    alac: sounding("-c:a alac", "mov") => shows(8.0).mp3();
    ac3: sounding("-c:a ac3", "mp4") => shows(8.0).mp3();
    eac3: sounding("-c:a eac3", "mp4") => shows(8.0).mp3();
    mp3: sounding("-c:a libmp3lame", "mp4") => shows(8.0).mp3();
    mp3_of_quicktime: sounding("-c:a libmp3lame", "mov") => shows(8.0).mp3();
    amr_of_a_telephone: make(8, &format!("{H264} -s 176x144 -c:a libopencore_amrnb -ar 8000 -ac 1 -b:a 12.2k"), "3gp")
        => shows(8.0).size(176, 144).mp3();
    wide_amr: sounding("-c:a libvo_amrwbenc -ar 16000 -ac 1", "3gp") => shows(8.0).mp3();
    pcm_of_16_bits_low_byte_first: sounding("-c:a pcm_s16le", "mov") => shows(8.0).mp3();
    pcm_of_16_bits_high_byte_first: sounding("-c:a pcm_s16be -ac 2", "mov") => shows(8.0).mp3();
    pcm_of_24_bits: sounding("-c:a pcm_s24be", "mov") => shows(8.0).mp3();
    pcm_of_fractions: sounding("-c:a pcm_f32le", "mov") => shows(8.0).mp3();
    pcm_of_a_telephone: sounding("-c:a pcm_mulaw -ar 8000", "mov") => shows(8.0).mp3();
    pcm_in_mp4: sounding("-c:a pcm_s16le", "mp4") => shows(8.0).mp3();
    adpcm: sounding("-c:a adpcm_ima_qt", "mov") => shows(8.0).mp3();
    pcm_counted_in_bytes: sample_size(&sounding("-c:a pcm_s16le", "mov"), 1) => shows(8.0).mp3();
    pcm_counted_in_channels: sample_size(&sounding("-c:a pcm_s16le -ac 2", "mov"), 2) => shows(8.0).mp3();
    two_sample_entries: two_entries(&base()) => shows(16.0).either();
    two_sample_entries_of_pcm: two_entries(&sounding("-c:a pcm_s16le", "mov")) => shows(8.0).mp3();
    spatial_sound_beside: beside(|film| make_spatial(film.track(b"soun"))) => shows(8.0).aac();
    a_track_that_is_switched_off_beside: beside(|film| {
        let mut tracks = film.tracks(b"soun");
        tracks[0].at(&[b"tkhd"]).body()[3] &= !1;
        tracks[1].at(&[b"tkhd"]).body()[3] |= 1;
    }) => shows(8.0).aac();
    spatial_sound_alone: edited(&base(), |film| make_spatial(film.track(b"soun"))) => shows(16.0).sound_loss(SoundLoss::Unreadable);
    xhe_aac: object_type(42 - 32) => shows(16.0).sound_loss(SoundLoss::Unreadable);
    encrypted: encrypted_sound() => shows(16.0).sound_loss(SoundLoss::Unreadable);
    longer_than_the_pictures: make(16, &format!("-filter:v trim=end=8 {H264} -c:a aac"), "mp4")
        => shows(8.0).of(16.0).lasts(7.7..=16.3).sound(&[SoundFormat::M4a], 16.0).any_tone();
    shorter_than_the_pictures: make(16, &format!("{H264} -c:a aac -filter:a atrim=end=8"), "mp4")
        => shows(16.0).sound(&[SoundFormat::M4a], 8.0);
    shorter_than_the_pictures_in_webm: make(
        16, "-c:v libvpx -deadline realtime -cpu-used 16 -g 25 -c:a libopus -filter:a atrim=end=8", "webm",
    ) => shows(16.0).sound(&[SoundFormat::Mp3], 8.0);
    that_begins_late: remake(&base(), "-i INPUT -itsoffset 3 -i INPUT -map 0:v -map 1:a -c copy -shortest", "mp4")
        => shows(16.0).sound(&[SoundFormat::M4a], 14.5).sound_slack(1.8).any_tone();
    silent_aac: sounding("-c:a aac -filter:a volume=0", "mp4") => silent();
    silent_opus: sounding("-c:a libopus -filter:a volume=0", "mkv") => silent();
    silent_pcm: sounding("-c:a pcm_s16le -filter:a volume=0", "mov") => silent();
    silent_in_a_fragmented_file: sounding("-c:a aac -filter:a volume=0 -movflags +frag_keyframe+empty_moov", "mp4")
        => silent();
    almost_silent: sounding("-c:a aac -filter:a volume=0.002", "mp4") => shows(8.0).aac().no_tone();
}
