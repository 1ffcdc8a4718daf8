use std::time::{Duration, Instant};

use dodolens::{
    adapters::ai::{ApiKey, Detail, OpenAi, OpenAiConfig, TranscribeForm},
    domain::{
        evidence::{Decision, Transcript},
        locale::Locale,
        media::{Frame, Sound, SoundFormat},
    },
    ports::{CueReader as _, ModelError, Transcriber as _, VisionModel as _},
};

use super::*;
use crate::peer::{Failures, Faults, Task, Throttle};

fn config(peer: &Peer) -> OpenAiConfig {
    let deadline = Duration::from_secs(20);
    OpenAiConfig {
        base_url: peer.base_url(),
        vision_model: "gpt-6-luna".into(),
        cue_model: "gpt-6-luna".into(),
        transcribe_model: "gpt-transcribe".into(),
        detail: Detail::High,
        transcribe_form: TranscribeForm::Languages,
        vision_deadline: deadline,
        transcribe_deadline: deadline,
        cue_deadline: deadline,
    }
}

fn adapter(peer: &Peer) -> OpenAi {
    OpenAi::new(config(peer), ApiKey::from(KEY.to_owned())).unwrap()
}

fn frame(codes: &[(&str, &str, u32, u32, u32)]) -> Frame {
    Frame {
        jpeg: jpeg(&picture(1024, 576, codes)).into(),
        at: Duration::ZERO,
    }
}

#[tokio::test]
async fn vision_end_to_end() {
    let peer = peer(PeerOptions::new(KEY)).await;
    let frames = [
        frame(&[]),
        frame(&[
            ("chair", "kitchen", 20, 20, 4),
            ("chair", "kitchen", 300, 90, 4),
        ]),
        frame(&[
            ("chair", "kitchen", 50, 50, 4),
            ("flying_carpet", "moon", 400, 50, 4),
        ]),
    ];
    let read = adapter(&peer).observe(&frames, Locale::Fr).await.unwrap();
    let seen: Vec<_> = read
        .answer
        .iter()
        .map(|seen| {
            let item = seen.item.map(|item| item.id);
            let room = seen.room.map(|room| room.id);
            (seen.frame, item, room, seen.count, seen.label.as_str())
        })
        .collect();
    assert_eq!(
        seen,
        [
            (1, Some("chair"), Some("kitchen"), 2, "chair"),
            (2, Some("chair"), Some("kitchen"), 1, "chair"),
            (2, None, None, 1, "flying carpet"),
        ]
    );
    assert!(read.usage.input_tokens > 3 * 32 * 18);
    assert!(read.usage.output_tokens > 0);
    assert_eq!(peer.seen()[0].pictures, [(1024, 576); 3]);
}

#[tokio::test]
async fn transcription_end_to_end() {
    let peer = peer(PeerOptions::new(KEY)).await;
    let said = "El sillón se queda.";
    let speech = speech(said, 16_000, 0.5);
    for (model, form, ending, format) in [
        (
            "gpt-transcribe",
            TranscribeForm::Languages,
            "m4a",
            SoundFormat::M4a,
        ),
        (
            "whisper-1",
            TranscribeForm::Language,
            "mp3",
            SoundFormat::Mp3,
        ),
    ] {
        let sound = Sound {
            duration: Duration::from_secs_f64(speech.seconds()),
            bytes: encoded(&speech, ending).into(),
            format,
        };
        let mut config = config(&peer);
        config.transcribe_model = model.into();
        config.transcribe_form = form;
        let ai = OpenAi::new(config, ApiKey::from(KEY.to_owned())).unwrap();
        let read = ai.transcribe(&sound, Locale::Es).await.unwrap();
        assert_eq!(read.answer.expose(), said);
        // Encoders pad the sound to whole frames.
        let padded = read
            .usage
            .audio_seconds
            .saturating_sub(speech.seconds().ceil() as u64);
        assert!(padded <= 1, "{padded} s too much");
    }
    assert!((peer.seen()[0].audio_seconds - speech.seconds()).abs() < 0.2);
}

#[tokio::test]
async fn cues_end_to_end() {
    let peer = peer(PeerOptions::new(KEY)).await;
    let said =
        "Le piano droit reste. Il y a aussi six chaises dans la cuisine, elles sont fragiles.";
    let read = adapter(&peer)
        .read(&Transcript::from(said.to_owned()), Locale::Fr)
        .await
        .unwrap();
    let [piano, chairs] = read.answer.as_slice() else {
        panic!("{} cues", read.answer.len())
    };
    assert_eq!(piano.item.unwrap().id, "piano_upright");
    assert_eq!((piano.decision, piano.count), (Decision::Leave, None));
    assert_eq!(chairs.item.unwrap().id, "chair");
    assert_eq!((chairs.decision, chairs.count), (Decision::Move, Some(6)));
    assert_eq!(chairs.room.unwrap().id, "kitchen");
    assert_eq!(chairs.remark.as_deref(), Some("fragiles"));
    assert_eq!(peer.seen()[0].task, Task::Cues);
}

#[tokio::test]
async fn throttling_and_failures_pass() {
    let mut options = PeerOptions::new(KEY);
    options.cues = Faults {
        throttle: Some(Throttle {
            requests: 1,
            retry_after: Duration::from_millis(300),
        }),
        fail: Some(Failures {
            status: 503,
            requests: Some(1),
        }),
        ..Faults::default()
    };
    let peer = peer(options).await;
    let started = Instant::now();
    let read = adapter(&peer)
        .read(&Transcript::from("The desk stays.".to_owned()), Locale::En)
        .await
        .unwrap();
    assert_eq!(read.answer.len(), 1);
    assert!(started.elapsed() >= Duration::from_millis(300));
    let statuses: Vec<u16> = peer.seen().iter().map(|seen| seen.status).collect();
    assert_eq!(statuses, [429, 503, 200]);
}

#[tokio::test]
async fn lasting_faults_come_out_typed() {
    let mut options = PeerOptions::new(KEY);
    options.cues.fail = Some(Failures {
        status: 400,
        requests: None,
    });
    options.vision.delay = Duration::from_secs(30);
    let peer = peer(options).await;
    let mut config = config(&peer);
    config.vision_deadline = Duration::from_millis(200);
    let ai = OpenAi::new(config.clone(), ApiKey::from(KEY.to_owned())).unwrap();
    let hello = Transcript::from("hello".to_owned());
    assert_eq!(
        ai.read(&hello, Locale::En).await.err(),
        Some(ModelError::Rejected { status: 400 })
    );
    assert_eq!(
        ai.observe(&[frame(&[])], Locale::En).await.err(),
        Some(ModelError::TimedOut)
    );
    let stranger = OpenAi::new(config, ApiKey::from("sk-other".to_owned())).unwrap();
    assert_eq!(
        stranger.read(&hello, Locale::En).await.err(),
        Some(ModelError::Rejected { status: 401 })
    );
}
