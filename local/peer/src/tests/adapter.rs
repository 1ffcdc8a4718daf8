use std::time::{Duration, Instant};

use dodolens_ai::{Ai, AiConfig, ApiKeys, CallLimits};
use dodolens_app::ports::{CueReader as _, ModelError, Terms, Transcriber as _, VisionModel as _};
use dodolens_domain::{
    evidence::{Decision, Transcript},
    locale::Locale,
    media::{Frame, Sound, SoundFormat},
    money::Usd,
};

use tokio::sync::watch;

use super::*;
use crate::{Failures, Faults, Provider, Task, Throttle};

/// A chain of one: this provider.
fn config(peer: &Peer, provider: Provider) -> AiConfig {
    let (sees, hears) = match provider {
        Provider::OpenAi => ("gpt-6-luna", "gpt-transcribe"),
        Provider::Anthropic => ("claude-haiku-4-5", ""),
        Provider::Gemini => ("gemini-3.1-flash-lite", "gemini-3.1-flash-lite"),
        Provider::Compatible => ("sees-at-home", "hears-at-home"),
    };
    let urls = peer.base_urls();
    let urls: Vec<String> = urls
        .iter()
        .map(|(name, url)| format!("{name}={url}"))
        .collect();
    let model = |model: &str| format!("{}:{model}", provider.name());
    AiConfig {
        vision: model(sees),
        speech: match provider {
            Provider::Anthropic => "openai:gpt-transcribe".into(),
            _ => model(hears),
        },
        cues: model(sees),
        base_urls: urls.join(","),
        prices: "{}".into(),
    }
}

fn adapter(peer: &Peer, provider: Provider) -> Ai {
    let keys = Provider::ALL.map(|provider| (provider.name(), KEY));
    let keys = serde_json::json!(std::collections::BTreeMap::from(keys)).to_string();
    let limits = CallLimits {
        pictures: 18,
        bytes: 14_000_000,
        tokens: 16_000,
    };
    let keys = ApiKeys::from_json(&keys).unwrap();
    Ai::new(&config(peer, provider), &keys, limits).unwrap()
}

fn terms(locale: Locale) -> Terms {
    Terms {
        locale,
        until: Instant::now() + Duration::from_secs(120),
        budget: Usd::from_dollars(1.0).unwrap(),
    }
}

fn frame(codes: &[(&str, &str, u32, u32, u32)]) -> Frame {
    Frame {
        jpeg: jpeg(&picture(1024, 576, codes)).into(),
        at: Duration::ZERO,
    }
}

#[tokio::test]
async fn every_provider_sees() {
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
    for provider in Provider::ALL {
        let ai = adapter(&peer, provider);
        let read = ai
            .look(&frames, &terms(Locale::Fr), &watch::Sender::new(Vec::new()))
            .await;
        let looked = read.answer.unwrap();
        let [look] = looked.looks.as_slice() else {
            panic!("one call")
        };
        let seen: Vec<_> = look
            .things
            .iter()
            .map(|seen| {
                let item = seen.item.map(|item| item.id);
                let room = seen.room.map(|room| room.id);
                let frames = seen.seen.iter().map(|sight| (sight.frame, sight.count));
                let frames: Vec<_> = frames.collect();
                (item, room, seen.count(), seen.label.as_str(), frames)
            })
            .collect();
        assert_eq!(
            seen,
            [
                (
                    Some("chair"),
                    Some("kitchen"),
                    2,
                    "chair",
                    vec![(1, 2), (2, 1)]
                ),
                (None, None, 1, "flying carpet", vec![(2, 1)]),
            ],
            "{provider:?}"
        );
        let usage = read.calls[0].usage;
        assert!(usage.input_tokens > 3 * 32 * 18);
        assert!(usage.output_tokens > 0);
        assert_eq!(usage.cost == Usd::ZERO, provider == Provider::Compatible);
    }
    let seen = peer.seen();
    let by: Vec<Provider> = seen.iter().map(|seen| seen.provider).collect();
    assert_eq!(by, Provider::ALL);
    assert!(seen.iter().all(|seen| seen.task == Task::Vision));
    assert!(seen.iter().all(|seen| seen.pictures == [(1024, 576); 3]));
}

#[tokio::test]
async fn every_provider_that_can_hear_hears() {
    let peer = peer(PeerOptions::new(KEY)).await;
    let said = "El sillón se queda.";
    let speech = speech(said, 16_000, 0.5);
    for (provider, ending, format) in [
        (Provider::OpenAi, "m4a", SoundFormat::M4a),
        (Provider::Compatible, "mp3", SoundFormat::Mp3),
        (Provider::Gemini, "m4a", SoundFormat::M4a),
        (Provider::Gemini, "mp3", SoundFormat::Mp3),
    ] {
        let sound = Sound {
            duration: Duration::from_secs_f64(speech.seconds()),
            bytes: encoded(&speech, ending).into(),
            format,
        };
        let ai = adapter(&peer, provider);
        let read = ai.transcribe(&sound, &terms(Locale::Es)).await;
        assert_eq!(read.answer.unwrap().expose(), said, "{provider:?}");
        let usage = read.calls[0].usage;
        if provider == Provider::Gemini {
            assert!(usage.input_tokens > 32 * speech.seconds() as u64);
            continue;
        }
        // Encoders pad the sound to whole frames.
        let padded = usage
            .audio_seconds
            .saturating_sub(speech.seconds().ceil() as u64);
        assert!(padded <= 1, "{padded} s too much");
    }
    let seen = peer.seen();
    assert!(seen.iter().all(|seen| seen.task == Task::Transcription));
    let heard = |seen: &crate::Seen| (seen.audio_seconds - speech.seconds()).abs() < 0.2;
    assert!(seen.iter().all(heard));
}

#[tokio::test]
async fn every_provider_understands() {
    let peer = peer(PeerOptions::new(KEY)).await;
    let said =
        "Le piano droit reste. Il y a aussi six chaises dans la cuisine, elles sont fragiles.";
    for provider in Provider::ALL {
        let ai = adapter(&peer, provider);
        let transcript = Transcript::from(said.to_owned());
        let read = ai.read(&transcript, &terms(Locale::Fr)).await;
        let answer = read.answer.unwrap();
        let [piano, chairs] = answer.as_slice() else {
            panic!("{} cues", answer.len())
        };
        assert_eq!(piano.item.unwrap().id, "piano_upright");
        assert_eq!((piano.decision, piano.count), (Decision::Leave, None));
        assert_eq!(chairs.item.unwrap().id, "chair");
        assert_eq!((chairs.decision, chairs.count), (Decision::Move, Some(6)));
        assert_eq!(chairs.room.unwrap().id, "kitchen");
        assert_eq!(chairs.remark.as_deref(), Some("fragiles"));
    }
    assert!(peer.seen().iter().all(|seen| seen.task == Task::Cues));
}

#[tokio::test]
async fn every_providers_throttling_and_failures_pass() {
    let faults = Faults {
        throttle: Some(Throttle {
            requests: 1,
            retry_after: Duration::from_secs(1),
        }),
        fail: Some(Failures {
            status: 503,
            requests: Some(1),
        }),
        ..Faults::default()
    };
    let mut options = PeerOptions::new(KEY);
    options.cues = faults.clone();
    let elsewhere = Provider::ALL.map(|provider| ((provider, Task::Cues), faults.clone()));
    options.elsewhere = elsewhere.into();
    let peer = peer(options).await;
    for provider in Provider::ALL {
        let started = Instant::now();
        let transcript = Transcript::from("The desk stays.".to_owned());
        let ai = adapter(&peer, provider);
        let read = ai.read(&transcript, &terms(Locale::En)).await;
        assert_eq!(read.answer.unwrap().len(), 1);
        assert!(started.elapsed() >= Duration::from_secs(1), "{provider:?}");
        let outcomes: Vec<_> = read.calls.iter().map(|call| call.failure).collect();
        let limited = ModelError::RateLimited {
            retry_after: Some(Duration::from_secs(1)),
        };
        assert_eq!(
            outcomes,
            [Some(limited), Some(ModelError::Unavailable), None]
        );
    }
    let statuses: Vec<u16> = peer.seen().iter().map(|seen| seen.status).collect();
    assert_eq!(statuses, [429, 503, 200].repeat(4));
}

#[tokio::test]
async fn another_key_is_refused_by_every_provider() {
    let peer = peer(PeerOptions::new("sk-other")).await;
    for provider in Provider::ALL {
        let ai = adapter(&peer, provider);
        let transcript = Transcript::from("hello".to_owned());
        let read = ai.read(&transcript, &terms(Locale::En)).await;
        assert_eq!(
            read.answer.err(),
            Some(ModelError::Rejected { status: 401 }),
            "{provider:?}"
        );
    }
}
