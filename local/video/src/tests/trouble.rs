//! Pictures that show nothing, can't be decoded, or show what is no object; the sound is always as good as ever.

use super::read::{codes, ffmpeg, frames, heard, run};
use crate::{Codec, Container, Pictures, VideoSpec, make, sound::RATE};

/// Of a short video: the codes of each of its pictures, what ffmpeg complains of, and what is said.
async fn shown(spec: &VideoSpec) -> (Vec<Vec<String>>, String, Option<String>) {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("video");
    make(spec, &ffmpeg(), &out).await.unwrap();
    let video = out.to_str().unwrap();
    let seen = frames(video).iter().map(codes).collect();
    let decode = [
        "-loglevel",
        "error",
        "-i",
        video,
        "-map",
        "0:v",
        "-f",
        "null",
        "-",
    ];
    let (_, complaints) = run(&decode);
    let rate = RATE.to_string();
    let listen = [
        "-i", video, "-map", "0:a", "-ac", "1", "-ar", &rate, "-f", "s16le", "-",
    ];
    let (samples, _) = run(&listen);
    let (pairs, _) = samples.as_chunks();
    let samples: Vec<_> = pairs.iter().map(|pair| i16::from_le_bytes(*pair)).collect();
    (seen, complaints, heard(&samples))
}

fn spec() -> VideoSpec {
    VideoSpec {
        seconds: 2.0,
        fps: 4.0,
        size: (640, 360),
        items: vec!["sofa@living_room".parse().unwrap()],
        say: Some("sofa".into()),
        ..VideoSpec::default()
    }
}

#[tokio::test]
async fn black_pictures_show_nothing() {
    let pictures = Pictures::Black;
    let (seen, complaints, said) = shown(&VideoSpec { pictures, ..spec() }).await;
    assert!(seen.len() > 1 && seen.iter().all(Vec::is_empty), "{seen:?}");
    assert_eq!((complaints.as_str(), said.as_deref()), ("", Some("sofa")));
}

#[tokio::test]
async fn damaged_pictures_cannot_be_decoded() {
    for (codec, container) in [
        (Codec::H264, Container::Mp4),
        (Codec::H264, Container::Fmp4),
        (Codec::Vp9, Container::Webm),
        (Codec::Hevc, Container::Mov),
    ] {
        let spec = VideoSpec {
            pictures: Pictures::Damaged,
            codec,
            container,
            ..spec()
        };
        let (seen, complaints, said) = shown(&spec).await;
        assert!(seen.is_empty(), "{codec:?} in {container:?}: {seen:?}");
        assert!(!complaints.is_empty());
        assert_eq!(said.as_deref(), Some("sofa"));
    }
}

#[tokio::test]
async fn writings_are_seen_beside_the_objects() {
    let writings = vec!["Total: 1 m³".to_owned()];
    let (seen, ..) = shown(&VideoSpec { writings, ..spec() }).await;
    assert!(seen.len() > 1);
    for codes in seen {
        assert_eq!(codes, ["Total: 1 m³", "item=sofa;room=living_room"]);
    }
}
