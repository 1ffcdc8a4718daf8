use std::{fs, path::Path};

use super::read::{codes, ffmpeg, frames, heard, run};
use crate::{Codec, Container, MoovAt, Placement, Rotation, VideoSpec, make, sound::RATE};

const ITEM: &str = "sofa@living_roomx2";
const SEEN: [&str; 2] = ["item=sofa;room=living_room"; 2];

fn spec() -> VideoSpec {
    VideoSpec {
        seconds: 1.0,
        items: vec![ITEM.parse().unwrap()],
        size: (640, 360),
        ..VideoSpec::default()
    }
}

/// Makes the video and gives its path to the check.
async fn with(spec: &VideoSpec, check: impl FnOnce(&Path, &str)) {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("-100%d");
    make(spec, &ffmpeg(), &out).await.unwrap();
    check(&out, &format!("file:{}", out.display()));
}

/// The types of an MP4's outermost boxes.
fn boxes(path: &Path) -> Vec<String> {
    let bytes = fs::read(path).unwrap();
    let mut rest = &bytes[..];
    let mut types = Vec::new();
    while let [a, b, c, d, kind @ ..] = rest {
        types.push(String::from_utf8_lossy(&kind[..4]).into_owned());
        rest = &rest[usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).unwrap()..];
    }
    types
}

/// When each packet of the picture is shown, in the stream's own units, and whether it is a keyframe.
fn packets(video: &str) -> Vec<(u64, bool)> {
    let (out, _) = run(&[
        "-i", video, "-map", "0:v", "-c", "copy", "-f", "framecrc", "-",
    ]);
    let lines = String::from_utf8(out).unwrap();
    let lines = lines.lines().filter(|line| !line.starts_with('#'));
    // The flags field is only written for packets that are not keyframes.
    lines
        .map(|line| {
            (
                line.split(',').nth(2).unwrap().trim().parse().unwrap(),
                !line.contains("F=0x0"),
            )
        })
        .collect()
}

#[tokio::test]
async fn every_kind_of_file_shows_and_says_what_was_put_in() {
    let kinds = [
        (Codec::H264, Container::Mp4, "h264", "aac"),
        (Codec::H264, Container::Mov, "h264", "aac"),
        (Codec::H264, Container::Fmp4, "h264", "aac"),
        (Codec::Hevc, Container::Mp4, "hevc", "aac"),
        (Codec::Hevc, Container::Mov, "hevc", "aac"),
        (Codec::Hevc, Container::Fmp4, "hevc", "aac"),
        (Codec::Vp9, Container::Mp4, "vp9", "aac"),
        (Codec::Vp9, Container::Fmp4, "vp9", "aac"),
        (Codec::Vp9, Container::Webm, "vp9", "opus"),
    ];
    for (codec, container, video_name, audio_name) in kinds {
        for rotate in [
            Rotation::None,
            Rotation::Right,
            Rotation::Half,
            Rotation::Left,
        ] {
            let spec = VideoSpec {
                codec,
                container,
                rotate,
                say: Some("ok".into()),
                ..spec()
            };
            let what = format!("{codec:?} in {container:?}, {rotate:?}");
            with(&spec, |_, video| {
                let (_, info) = run(&["-i", video]);
                assert!(
                    info.contains(&format!("Video: {video_name}")) && info.contains("640x360"),
                    "{what}: {info}"
                );
                assert!(
                    info.contains(&format!("Audio: {audio_name}")),
                    "{what}: {info}"
                );
                assert_eq!(
                    info.contains("hvc1"),
                    codec == Codec::Hevc,
                    "{what}: {info}"
                );
                let frames = frames(video);
                assert_eq!(frames.len(), 4, "{what}: lengthened to hold 1.8 s of tones");
                for frame in [frames.first(), frames.last()].into_iter().flatten() {
                    let (width, height) = frame.dimensions();
                    assert_eq!(width.max(height), 1024, "{what}");
                    let stands = matches!(rotate, Rotation::Right | Rotation::Left);
                    assert_eq!(height > width, stands, "{what}");
                    assert_eq!(codes(frame), SEEN, "{what}");
                }
                let (sound, _) = run(&[
                    "-i",
                    video,
                    "-f",
                    "s16le",
                    "-ac",
                    "1",
                    "-ar",
                    &RATE.to_string(),
                    "-",
                ]);
                let samples: Vec<_> = sound
                    .as_chunks()
                    .0
                    .iter()
                    .map(|pair| i16::from_le_bytes(*pair))
                    .collect();
                assert_eq!(heard(&samples).as_deref(), Some("ok"), "{what}");
            })
            .await;
        }
    }
}

#[tokio::test]
async fn files_are_laid_out_as_phones_and_browsers_do() {
    let layout = |container, moov| {
        let spec = VideoSpec {
            container,
            moov,
            ..spec()
        };
        async move {
            let mut types = Vec::new();
            with(&spec, |path, _| types = boxes(path)).await;
            types.retain(|kind| ["moov", "mdat", "moof"].contains(&kind.as_str()));
            types
        }
    };
    for container in [Container::Mp4, Container::Mov] {
        assert_eq!(layout(container, MoovAt::End).await, ["mdat", "moov"]);
        assert_eq!(layout(container, MoovAt::Start).await, ["moov", "mdat"]);
    }
    assert_eq!(
        layout(Container::Fmp4, MoovAt::End).await[..3],
        ["moov", "moof", "mdat"]
    );

    let webm = VideoSpec {
        codec: Codec::Vp9,
        container: Container::Webm,
        ..spec()
    };
    with(&webm, |path, video| {
        assert!(run(&["-i", video]).1.contains("Duration: N/A"));
        let bytes = fs::read(path).unwrap();
        assert!(
            !bytes.windows(4).any(|id| id == [0x1c, 0x53, 0xbb, 0x6b]),
            "no Cues"
        );
    })
    .await;
}

#[tokio::test]
async fn objects_come_and_go_when_they_should() {
    let items = ["sofa@kitchen", "lamp@kitchen:1-2"].map(|item| item.parse::<Placement>().unwrap());
    let spec = VideoSpec {
        seconds: 3.0,
        items: items.into(),
        ..spec()
    };
    with(&spec, |_, video| {
        let counts: Vec<_> = frames(video)
            .into_iter()
            .map(|frame| codes(&frame).len())
            .collect();
        assert_eq!(counts, [1, 1, 2, 2, 1, 1]);
        let packets = packets(video);
        assert_eq!(packets.len(), 90);
        let keyframes: Vec<_> = packets
            .iter()
            .enumerate()
            .filter(|(_, (_, key))| *key)
            .map(|(index, _)| index)
            .collect();
        assert_eq!(keyframes, [0, 30, 60], "one a second");
    })
    .await;
}

#[tokio::test]
async fn keys_come_as_often_as_asked_for() {
    for (codec, container) in [
        (Codec::H264, Container::Mp4),
        (Codec::Hevc, Container::Mov),
        (Codec::Vp9, Container::Webm),
    ] {
        let spec = VideoSpec {
            seconds: 6.0,
            fps: 10.0,
            key_every: 2.5,
            items: vec!["sofa@kitchen:0-1.2".parse().unwrap()],
            audio: false,
            codec,
            container,
            ..spec()
        };
        with(&spec, |_, video| {
            let packets = packets(video);
            let keys = packets.iter().enumerate().filter(|(_, (_, key))| *key);
            let keys: Vec<_> = keys.map(|(index, _)| index).collect();
            assert_eq!((packets.len(), keys), (60, vec![0, 25, 50]), "{codec:?}");
        })
        .await;
    }
}

#[tokio::test]
async fn a_variable_frame_rate_is_irregular() {
    for (codec, container) in [(Codec::H264, Container::Mp4), (Codec::Vp9, Container::Webm)] {
        let spec = VideoSpec {
            variable_frame_rate: true,
            codec,
            container,
            ..spec()
        };
        with(&spec, |_, video| {
            let times: Vec<_> = packets(video).into_iter().map(|(time, _)| time).collect();
            assert_eq!(times.len(), 14, "of 30");
            let gaps: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
            assert!(
                gaps.iter().max().unwrap() > &(2 * gaps.iter().min().unwrap()),
                "{gaps:?}"
            );
            assert!(frames(video).into_iter().all(|frame| codes(&frame) == SEEN));
        })
        .await;
    }
}

#[tokio::test]
async fn the_bit_rate_is_reached() {
    for (codec, container) in [
        (Codec::H264, Container::Mp4),
        (Codec::Hevc, Container::Mov),
        (Codec::Vp9, Container::Webm),
    ] {
        let spec = VideoSpec {
            seconds: 2.0,
            codec,
            container,
            audio: false,
            bitrate: Some(2_000_000),
            ..spec()
        };
        with(&spec, |path, video| {
            let bytes = fs::metadata(path).unwrap().len();
            assert!(
                (425_000..700_000).contains(&bytes),
                "{codec:?}: {bytes} for 500 000 bytes"
            );
            assert!(!run(&["-i", video]).1.contains("Audio"));
            assert!(frames(video).into_iter().all(|frame| codes(&frame) == SEEN));
        })
        .await;
    }
}
