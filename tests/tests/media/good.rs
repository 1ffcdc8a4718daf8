//! Videos as phones, browsers and editors write them.

use dodolens::{
    app::ports::MediaExtractor,
    domain::media::{ExtractedMedia, Losses, SoundFormat, SoundLoss},
};
use dodolens_tests::media::{InMemory, run_ffmpeg};

use super::videos::{
    LIMITS, check_pictures, check_sound, check_times, extract, extractor, make, marked_corner,
};

const H264: &str = "-c:v libx264 -preset veryfast -g 25 -sc_threshold 0 -bf 2";

#[tokio::test]
async fn h264_mp4_with_its_index_at_the_end() {
    let video = make(
        "320x240",
        16,
        &format!(
            "{H264} -b:v 4M -minrate 4M -maxrate 4M -bufsize 4M -x264-params nal-hrd=cbr -c:a aac"
        ),
        "mp4",
    );
    let source = InMemory::new(video);
    let media = extractor().await.extract(&source, &LIMITS).await.unwrap();
    check_pictures(&media, 8, (320, 240), 16.0);
    check_sound(&media, SoundFormat::M4a, 16.0);
    assert_eq!(
        source.reads(),
        4,
        "head, tail, all that is needed at once, and pictures between, for each of these shows something else"
    );
    let (given, len) = (
        source.given(),
        dodolens::app::ports::VideoSource::len(&source),
    );
    assert!(given * 4 < len, "{given} bytes of {len} were read");
}

#[tokio::test]
async fn h264_mp4_with_its_index_at_the_start() {
    let media = extract(make(
        "320x240",
        16,
        &format!("{H264} -c:a aac -movflags +faststart"),
        "mp4",
    ))
    .await
    .unwrap();
    check_pictures(&media, 8, (320, 240), 16.0);
    check_sound(&media, SoundFormat::M4a, 16.0);
}

#[tokio::test]
async fn hevc_mov_larger_than_pictures_may_be() {
    let arguments = "-vf fps=5,scale=1920:1080 -c:v libx265 -x265-params log-level=none:keyint=5 -preset ultrafast -tag:v hvc1 -c:a aac";
    let media = extract(make("320x180", 8, arguments, "mov")).await.unwrap();
    check_pictures(&media, 8, (1024, 576), 8.0);
    check_sound(&media, SoundFormat::M4a, 8.0);
}

#[tokio::test]
async fn webm_as_a_browser_writes_it() {
    // On a pipe: no cues, no length, clusters of unknown size.
    let arguments =
        "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 25 -c:a libopus -f webm -live 1";
    let media = extract(make("320x240", 16, arguments, "pipe"))
        .await
        .unwrap();
    check_pictures(&media, 8, (320, 240), 16.0);
    check_sound(&media, SoundFormat::Mp3, 16.0);
}

#[tokio::test]
async fn webm_with_few_keys() {
    let arguments = "-c:v libvpx -deadline realtime -cpu-used 8 -g 9999 -c:a libopus";
    let media = extract(make("320x240", 12, arguments, "webm"))
        .await
        .unwrap();
    check_pictures(&media, 8, (320, 240), 12.0);
}

#[tokio::test]
async fn fragmented_mp4_that_is_turned() {
    let upright = make("320x240", 16, &format!("{H264} -c:a aac"), "mp4");
    let arguments = "-display_rotation 90 -i INPUT -c copy -movflags +frag_keyframe+empty_moov";
    let media = extract(run_ffmpeg(&upright, arguments, "mp4"))
        .await
        .unwrap();
    check_pictures(&media, 8, (240, 320), 16.0);
    check_sound(&media, SoundFormat::Mp3, 16.0);
    assert_eq!(marked_corner(&media), (true, false));
}

#[tokio::test]
async fn turned_by_every_quarter() {
    let upright = make("320x240", 16, &format!("{H264} -an"), "mp4");
    for (degrees, size, corner) in [
        (0, (320, 240), (true, true)),
        (90, (240, 320), (true, false)),
        (180, (320, 240), (false, false)),
        (270, (240, 320), (false, true)),
    ] {
        let arguments = format!("-display_rotation {degrees} -i INPUT -c copy");
        let media = extract(run_ffmpeg(&upright, &arguments, "mov"))
            .await
            .unwrap();
        check_pictures(&media, 8, size, 16.0);
        assert_eq!(marked_corner(&media), corner, "{degrees}°");
        assert!(media.sound.is_none() && media.losses.sound.is_none());
    }
}

#[tokio::test]
async fn pictures_at_uneven_times() {
    // 25 a second at first, 5 a second from the middle on.
    let arguments = "-vf select='lt(t,8)+not(mod(n,5))' -fps_mode vfr -c:v libx264 -g 10 -c:a aac";
    let media = extract(make("320x240", 16, arguments, "mp4"))
        .await
        .unwrap();
    check_pictures(&media, 8, (320, 240), 16.0);
}

#[tokio::test]
async fn a_single_key() {
    let arguments = "-c:v libx264 -preset veryfast -g 9999 -sc_threshold 0 -bf 3 -c:a aac";
    let media = extract(make("320x240", 16, arguments, "mp4"))
        .await
        .unwrap();
    check_pictures(&media, 8, (320, 240), 16.0);
    check_sound(&media, SoundFormat::M4a, 16.0);
}

#[tokio::test]
async fn few_pictures_a_second() {
    for rate in [5.0, 0.5] {
        let arguments =
            format!("-vf fps={rate} -c:v libx264 -preset veryfast -g 9999 -sc_threshold 0 -an");
        let media = extract(make("160x120", 40, &arguments, "mp4"))
            .await
            .unwrap();
        assert_eq!(media.frames.len(), 8, "{rate} a second");
        assert_eq!(media.losses, Losses::default());
    }
}

#[tokio::test]
async fn shorter_than_eight_pictures() {
    let media = extract(make("320x240", 1, "-frames:v 3 -c:v libx264 -an", "mp4"))
        .await
        .unwrap();
    assert_eq!(media.frames.len(), 3);
}

#[tokio::test]
async fn only_what_an_edit_shows() {
    // Cut without encoding: the pictures from the key before the cut stay in the file, hidden by its edit list.
    let whole = make("320x240", 16, "-c:v libx264 -g 100 -c:a aac", "mp4");
    let media = extract(run_ffmpeg(&whole, "-ss 6 -i INPUT -c copy", "mp4"))
        .await
        .unwrap();
    let length = media.duration.as_secs_f64();
    assert!((length - 10.0).abs() < 0.3, "{length}");
    assert!(
        media
            .frames
            .iter()
            .all(|frame| frame.at.as_secs_f64() < 10.1)
    );
    check_sound(&media, SoundFormat::M4a, 10.0);
}

#[tokio::test]
async fn sound_that_is_not_aac_is_converted() {
    for (codec, ending) in [
        ("pcm_s16le", "mov"),
        ("libopus", "mp4"),
        ("alac", "mov"),
        ("libmp3lame", "mp4"),
    ] {
        let media = extract(make("160x120", 10, &format!("{H264} -c:a {codec}"), ending))
            .await
            .unwrap();
        check_pictures(&media, 8, (160, 120), 10.0);
        check_sound(&media, SoundFormat::Mp3, 10.0);
    }
}

#[tokio::test]
async fn av1_of_newer_phones_and_of_browsers() {
    for (sound, ending, form) in [
        ("aac", "mp4", SoundFormat::M4a),
        ("libopus", "webm", SoundFormat::Mp3),
    ] {
        let video = "-vf fps=10 -c:v libaom-av1 -usage realtime -cpu-used 8 -g 20";
        let arguments = format!("{video} -c:a {sound}");
        let media = extract(make("320x240", 8, &arguments, ending)).await;
        let media = media.unwrap();
        check_pictures(&media, 8, (320, 240), 8.0);
        check_sound(&media, form, 8.0);
    }
}

#[tokio::test]
async fn aac_of_quicktime_and_of_3gpp() {
    for ending in ["mov", "3gp"] {
        let media = extract(make(
            "176x144",
            10,
            &format!("{H264} -c:a aac -ac 1"),
            ending,
        ))
        .await
        .unwrap();
        check_sound(&media, SoundFormat::M4a, 10.0);
    }
}

#[tokio::test]
async fn the_largest_of_several_tracks_and_the_aac_one() {
    let arguments = format!(
        "{H264} -map 0:v -map 0:v -map 1:a -map 1:a -disposition:v default -disposition:a default -filter:v:0 scale=160:120 -c:a:0 pcm_s16le -c:a:1 aac"
    );
    let media = extract(make("320x240", 10, &arguments, "mov"))
        .await
        .unwrap();
    check_pictures(&media, 8, (320, 240), 10.0);
    check_sound(&media, SoundFormat::M4a, 10.0);
}

#[tokio::test]
async fn a_file_cut_off_behind_its_index() {
    let mut video = make(
        "320x240",
        16,
        &format!("{H264} -c:a aac -movflags +faststart"),
        "mp4",
    );
    video.truncate(video.len() * 6 / 10);
    let media = extract(video).await.unwrap();
    assert!(media.frames.len() >= 4);
    check_times(&media, 16.0);
    let length = media.duration.as_secs_f64();
    assert!((length - 16.0).abs() < 0.3, "{length}");
    // What the index promises and the file lacks is told.
    let [unseen] = &media.losses.unseen[..] else {
        panic!("{:?}", media.losses);
    };
    assert!(
        unseen.start.as_secs() > 4 && unseen.end == media.duration,
        "{unseen:?}"
    );
    let heard = media.sound.unwrap().duration;
    assert!(
        heard.as_secs_f64() > 5.0 && heard.as_secs_f64() < 14.0,
        "{heard:?}"
    );
    assert_eq!(media.losses.sound, Some(SoundLoss::Cut { heard }));
}

const KEYS: &str = "-c:v libx264 -preset veryfast -g 25 -sc_threshold 0 -bf 0";
const FRAGMENTS: &str = "-movflags +frag_keyframe+empty_moov";

/// When the pictures of `media` are shown, in whole seconds.
fn seconds(media: &ExtractedMedia) -> Vec<u64> {
    media
        .frames
        .iter()
        .map(|frame| frame.at.as_secs())
        .collect()
}

#[tokio::test]
async fn a_picture_that_can_not_be_decoded_is_replaced_and_does_not_shift_the_others() {
    // The key at 3 s is made noise.
    let upright = make("320x240", 16, &format!("{KEYS} -an"), "mp4");
    let damage = "-i INPUT -c copy -bsf:v noise=amount=eq(n\\,75)";
    // Without an index, ffmpeg looks into the packets and sees itself that this is no key.
    for flags in ["", FRAGMENTS] {
        let video = run_ffmpeg(&upright, &format!("{damage} {flags}"), "mp4");
        let source = InMemory::new(video);
        let media = extractor().await.extract(&source, &LIMITS).await.unwrap();
        let mut times = seconds(&media);
        let neighbour = times.remove(1);
        assert!([2, 4].contains(&neighbour), "{neighbour}");
        assert_eq!(times, [1, 5, 7, 9, 11, 13, 15]);
        check_times(&media, 16.0);
        assert_eq!(media.losses, Losses::default());
        assert!(source.reads() <= 12, "it is searched for by halves");
    }
}

#[tokio::test]
async fn a_damaged_key_among_few_shifts_nothing() {
    let keys = "-c:v libx264 -preset veryfast -g 50 -sc_threshold 0 -bf 0 -an";
    let upright = make("320x240", 16, keys, "mp4");
    let damage = "-i INPUT -c copy -bsf:v noise=amount=eq(n\\,150)";
    let media = extract(run_ffmpeg(&upright, damage, "mp4")).await.unwrap();
    assert!(media.frames.len() >= 7);
    check_times(&media, 16.0);
    assert_eq!(media.losses, Losses::default());
}

#[tokio::test]
async fn a_damaged_stretch_is_told() {
    let damage = "-i INPUT -c copy -bsf:v noise=amount=between(n\\,60\\,215)";
    for (codec, flags, ending) in [
        (KEYS, "", "mp4"),
        (KEYS, FRAGMENTS, "mp4"),
        (KEYS, "", "mkv"),
    ] {
        let upright = make("320x240", 16, &format!("{codec} -an"), ending);
        let video = run_ffmpeg(&upright, &format!("{damage} {flags}"), ending);
        let media = extract(video).await.unwrap();
        check_times(&media, 16.0);
        let inside = |at: f64| at > 2.5 && at < 8.5;
        assert!(
            !media
                .frames
                .iter()
                .any(|frame| inside(frame.at.as_secs_f64())),
            "{:?}",
            seconds(&media)
        );
        assert!(
            media.frames.len() + media.losses.pictures <= 12,
            "{ending} {flags}"
        );
        if flags.is_empty() && ending == "mp4" {
            assert!(media.losses.pictures >= 2, "{:?}", media.losses);
            let [unseen] = &media.losses.unseen[..] else {
                panic!("{:?}", media.losses);
            };
            let (from, to) = (unseen.start.as_secs_f64(), unseen.end.as_secs_f64());
            assert!(
                from > 0.9 && from < 2.5 && to > 8.5 && to < 10.1,
                "{unseen:?}"
            );
        }
    }
}

#[tokio::test]
async fn silence_is_told() {
    for (sound, ending) in [("aac", "mp4"), ("pcm_s16le", "mov"), ("libopus", "webm")] {
        let video = if ending == "webm" {
            "-c:v libvpx -deadline realtime -cpu-used 8"
        } else {
            H264
        };
        let arguments = |volume| format!("{video} -af volume={volume} -c:a {sound}");
        let media = extract(make("160x120", 4, &arguments("0"), ending))
            .await
            .unwrap();
        assert_eq!(media.losses.sound, Some(SoundLoss::Silent), "{sound}");
        assert!(media.sound.is_some());
        // A whisper is none.
        let media = extract(make("160x120", 4, &arguments("-40dB"), ending))
            .await
            .unwrap();
        assert_eq!(media.losses.sound, None, "{sound}");
    }
}

#[tokio::test]
async fn sound_that_the_index_does_not_serve_is_read_from_the_whole_file() {
    let mut video = make("320x240", 10, &format!("{H264} -c:a aac"), "mp4");
    // The last chunks of the sound claim a sample entry that there is not.
    let at = video.windows(4).rposition(|kind| kind == b"stsc").unwrap();
    let count = u32::from_be_bytes(video[at + 8..at + 12].try_into().unwrap()) as usize;
    video[at + 11 + 12 * count] = 2;
    let source = InMemory::new(video);
    let media = extractor().await.extract(&source, &LIMITS).await.unwrap();
    check_pictures(&media, 8, (320, 240), 10.0);
    check_sound(&media, SoundFormat::Mp3, 10.0);
    assert!(source.reads() <= 4, "the whole file is read once");
}

#[tokio::test]
async fn sound_that_ends_early_is_cut_and_sound_that_is_noise_is_unreadable() {
    let whole = make("160x120", 10, &format!("{H264} -c:a alac"), "mov");
    let damaged = |when: &str| {
        let arguments = format!("-i INPUT -c copy -bsf:a noise=amount={when}");
        extract(run_ffmpeg(&whole, &arguments, "mov"))
    };
    let media = damaged("gt(n\\,58)").await.unwrap();
    let heard = media.sound.as_ref().unwrap().duration;
    assert!((heard.as_secs_f64() - 5.0).abs() < 1.0, "{heard:?}");
    assert_eq!(media.losses.sound, Some(SoundLoss::Cut { heard }));
    let media = damaged("1").await.unwrap();
    assert_eq!(
        (media.sound, media.losses.sound),
        (None, Some(SoundLoss::Unreadable))
    );
    assert_eq!(media.frames.len(), 8);
}
