//! What is no video, or is too much: each ends in its error, within the deadline, and leaves nothing running.

use std::{ops::Range, time::Duration};

use dodolens::{
    app::ports::{MediaError, MediaExtractor, MediaLimits, ReadError, VideoSource},
    domain::media::{ContentType, SoundFormat},
};
use dodolens_tests::media::{InMemory, run_ffmpeg};

use super::videos::{LIMITS, check_sound, extract, extractor, make};

#[tokio::test]
async fn what_is_no_video_is_unreadable() {
    let mut noise: Vec<u8> = (0..100_000_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let plain = noise.clone();
    noise[..8].copy_from_slice(b"\0\0\0\x08ftyp");
    let playlist = b"ffconcat version 1.0\nfile '/etc/hostname'\n".to_vec();
    let dash =
        b"<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"></MPD>".to_vec();
    for bytes in [Vec::new(), b"hello".to_vec(), plain, noise, playlist, dash] {
        assert_eq!(extract(bytes).await, Err(MediaError::Unreadable));
    }
}

#[tokio::test]
async fn pictures_and_playlists_are_unreadable() {
    for ending in ["jpg", "png", "gif"] {
        let image = make("160x120", 1, "-frames:v 1 -an", ending);
        assert_eq!(
            extract(image).await,
            Err(MediaError::Unreadable),
            "{ending}"
        );
    }
}

#[tokio::test]
async fn a_file_whose_index_was_cut_off_is_unreadable() {
    let mut video = make("320x240", 4, "-c:v libx264 -c:a aac", "mp4");
    video.truncate(video.len() / 2);
    assert_eq!(extract(video).await, Err(MediaError::Unreadable));
}

/// Damages every picture of a video.
fn damaged(video: &[u8], ending: &str) -> Vec<u8> {
    let arguments = "-i INPUT -map 0 -c copy -bsf:v noise=amount=1";
    run_ffmpeg(video, arguments, ending)
}

#[tokio::test]
async fn pictures_that_can_not_be_decoded_leave_the_sound() {
    for (codecs, ending, form) in [
        ("-c:v libx264 -c:a aac", "mp4", SoundFormat::M4a),
        ("-c:v libx264 -c:a aac", "mkv", SoundFormat::Mp3),
        (
            "-c:v libvpx-vp9 -deadline realtime -c:a libopus",
            "webm",
            SoundFormat::Mp3,
        ),
    ] {
        let video = damaged(&make("320x240", 4, codecs, ending), ending);
        let media = extract(video).await.unwrap();
        assert!(media.frames.is_empty(), "{codecs} in {ending}");
        check_sound(&media, form, 4.0);
        let length = media.duration.as_secs_f64();
        assert!((length - 4.0).abs() < 0.2, "{length} s");
        let all = Duration::ZERO..media.duration;
        assert_eq!(media.losses.unseen, [all], "{codecs} in {ending}");
    }
}

#[tokio::test]
async fn pictures_that_can_not_be_decoded_without_sound_are_unreadable() {
    for ending in ["mp4", "mkv"] {
        let video = damaged(&make("320x240", 4, "-c:v libx264 -an", ending), ending);
        assert_eq!(
            extract(video).await,
            Err(MediaError::Unreadable),
            "{ending}"
        );
    }
}

#[tokio::test]
async fn sound_alone_has_no_pictures() {
    for (codec, ending) in [("aac", "mp4"), ("libopus", "webm")] {
        let sound = make("160x120", 2, &format!("-vn -c:a {codec}"), ending);
        assert_eq!(
            extract(sound).await,
            Err(MediaError::NoPictures),
            "{ending}"
        );
    }
}

#[tokio::test]
async fn enormous_pictures_are_too_large() {
    for ending in ["mp4", "mkv"] {
        let arguments = "-vf scale=10000:10000 -frames:v 1 -c:v mjpeg -an";
        let video = make("100x100", 1, arguments, ending);
        assert_eq!(extract(video).await, Err(MediaError::TooLarge), "{ending}");
    }
}

#[tokio::test]
async fn pictures_just_as_large_as_allowed_are_read() {
    // Of a width that the decoder stores with something to fill it up.
    let arguments = "-vf scale=1080:1920 -c:v libx264 -preset ultrafast -g 10 -an";
    for ending in ["mp4", "mkv"] {
        let limits = MediaLimits {
            source_pixels: 1080 * 1920,
            ..LIMITS
        };
        let video = InMemory::new(make("108x192", 2, arguments, ending));
        let media = extractor().await.extract(&video, &limits).await.unwrap();
        assert!(!media.frames.is_empty(), "{ending}");
        assert_eq!(media.losses.pictures, 0, "{ending}");
    }
}

#[tokio::test]
async fn pictures_that_turn_out_larger_than_announced_are_refused() {
    let mut video = make("1280x720", 2, "-c:v libx264 -an", "mp4");
    let entry = video.windows(4).rposition(|kind| kind == b"avc1").unwrap();
    video[entry + 28..entry + 32].copy_from_slice(&[0, 64, 0, 64]);
    let limits = MediaLimits {
        source_pixels: 640 * 480,
        ..LIMITS
    };
    let result = extractor()
        .await
        .extract(&InMemory::new(video), &limits)
        .await;
    assert!(
        matches!(result, Err(MediaError::TooLarge | MediaError::Unreadable)),
        "{result:?}"
    );
}

#[tokio::test]
async fn a_video_that_takes_for_ever_is_stopped() {
    // One key, large pictures: but for that, everything must be decoded.
    let arguments = "-vf scale=3840:2160 -c:v libx264 -preset ultrafast -g 9999 -an";
    let video = make("96x54", 4, arguments, "mp4");
    let limits = MediaLimits {
        deadline: Duration::from_millis(400),
        ..LIMITS
    };
    let result = extractor()
        .await
        .extract(&InMemory::new(video), &limits)
        .await;
    // On a machine that stands still for so long, it may be reading that does.
    let expected = [MediaError::TooSlow, ReadError::TooSlow.into()];
    match result {
        Ok(media) => assert_eq!(media.coverage.skipped + media.frames.len(), 8),
        Err(error) => assert!(expected.contains(&error), "{error:?}"),
    }
    assert_no_child_is_left().await;
}

/// A store that never answers.
struct Silent;

impl VideoSource for Silent {
    fn len(&self) -> u64 {
        1 << 20
    }

    fn content_type(&self) -> ContentType {
        ContentType::Mp4
    }

    async fn read(
        &self,
        _: &[Range<u64>],
        _: &mut (dyn FnMut(u64, &[u8]) + Send),
    ) -> Result<(), ReadError> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_store_that_never_answers_is_given_up() {
    let limits = MediaLimits {
        deadline: Duration::from_millis(100),
        ..LIMITS
    };
    assert_eq!(
        extractor().await.extract(&Silent, &limits).await,
        Err(ReadError::TooSlow.into())
    );
}

/// Waits until this process has no running ffmpeg that was started for the test.
async fn assert_no_child_is_left() {
    let mine = std::process::id().to_string();
    let running = || {
        std::fs::read_dir("/proc").unwrap().flatten().any(|entry| {
            let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            let Some((_, rest)) = stat.rsplit_once(')') else {
                return false;
            };
            let fields: Vec<_> = rest.split_whitespace().collect();
            let arguments =
                std::fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
            fields[0] != "Z" && fields[1] == mine && arguments.contains("mpjpeg")
        })
    };
    let gone = async {
        while running() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), gone)
        .await
        .expect("the decoder is stopped");
}
