//! What can't be made, and why.

use std::path::Path;

use super::read::ffmpeg;
use crate::{Codec, Container, VideoError, VideoSpec, make};

fn spec() -> VideoSpec {
    VideoSpec {
        seconds: 1.0,
        items: vec!["sofa@living_roomx2".parse().unwrap()],
        size: (640, 360),
        ..VideoSpec::default()
    }
}

#[tokio::test]
async fn what_cannot_be_made_is_refused() {
    async fn refused(spec: VideoSpec) -> String {
        let dir = tempfile::tempdir().unwrap();
        let error = make(&spec, &ffmpeg(), &dir.path().join("out"))
            .await
            .unwrap_err();
        assert!(!dir.path().join("out").exists());
        format!("{error:?}")
            .split([' ', '('])
            .next()
            .unwrap()
            .to_owned()
    }
    for size in [(62, 360), (641, 360), (640, 10_002)] {
        assert_eq!(refused(VideoSpec { size, ..spec() }).await, "Size");
    }
    for seconds in [0.0, -1.0, f64::NAN, f64::INFINITY, 901.0] {
        assert_eq!(refused(VideoSpec { seconds, ..spec() }).await, "Seconds");
    }
    for fps in [0.0, f64::NAN, 121.0] {
        assert_eq!(refused(VideoSpec { fps, ..spec() }).await, "Fps");
    }
    for key_every in [0.0, f64::NAN, 61.0] {
        assert_eq!(
            refused(VideoSpec {
                key_every,
                ..spec()
            })
            .await,
            "KeyEvery"
        );
    }
    for bitrate in [0, 999, u64::MAX] {
        assert_eq!(
            refused(VideoSpec {
                bitrate: Some(bitrate),
                ..spec()
            })
            .await,
            "Bitrate"
        );
    }
    assert_eq!(
        refused(VideoSpec {
            say: Some("x".repeat(9000)),
            ..spec()
        })
        .await,
        "Say"
    );
    assert_eq!(
        refused(VideoSpec {
            codec: Codec::Vp9,
            container: Container::Mov,
            ..spec()
        })
        .await,
        "Incompatible"
    );
    assert_eq!(
        refused(VideoSpec {
            container: Container::Webm,
            ..spec()
        })
        .await,
        "Incompatible"
    );
    assert_eq!(
        refused(VideoSpec {
            items: vec!["a@bx50".parse().unwrap()],
            ..spec()
        })
        .await,
        "TooManyCodes"
    );
    assert_eq!(
        refused(VideoSpec {
            items: vec!["a@b:1-2".parse().unwrap()],
            ..spec()
        })
        .await,
        "NeverVisible"
    );
}

#[tokio::test]
async fn a_failing_ffmpeg_says_why() {
    let nowhere = make(&spec(), &ffmpeg(), Path::new("/no/such/place/out.mp4")).await;
    assert!(matches!(nowhere, Err(VideoError::Ffmpeg(why)) if why.contains("No such file")));
    let missing = make(
        &spec(),
        Path::new("/no/such/ffmpeg"),
        Path::new("/no/such/out.mp4"),
    )
    .await;
    assert!(matches!(missing, Err(VideoError::Start(_))));
}
