//! Answers with anything wrong in them: refused, or brought into bounds.

use std::ops::ControlFlow;

use proptest::{collection::vec, prelude::*, sample::select};

use super::{
    super::{answers, dialects::Api, events::Events, hints, question::Answer, transcription},
    *,
};
use dodolens_domain::evidence::{MAX_COUNT, Sight};
use dodolens_testing::{damaged, damaged_json, damaged_text};

const FRAMES: std::ops::Range<usize> = 0..8;

fn things() -> Value {
    let seen = |frame, id: Value| {
        json!({
            "catalogueId": id, "label": "a sofa", "room": "living_room", "count": 2,
            "seen": [{"frame": frame, "count": 2}], "mark": "grey", "size": "medium", "fragile": false,
            "confidence": 0.75,
        })
    };
    json!({"things": [seen(0, json!("sofa_3")), seen(7, Value::Null)]})
}

fn cues() -> Value {
    let said = |decision, remark: Value| {
        json!({
            "catalogueId": null, "label": "the piano", "room": null, "count": 1, "decision": decision,
            "remark": remark,
        })
    };
    json!({"cues": [said("leave", json!("out of tune")), said("unsure", Value::Null)]})
}

/// Every provider's answer.
fn envelopes() -> Vec<(Api, Value)> {
    vec![
        (Api::OpenAi, completed("found")),
        (Api::Anthropic, message("found")),
        (Api::Gemini, generated("found")),
        (Api::Compatible, chatted("found")),
    ]
}

/// Every provider's streamed answer.
fn streams() -> Vec<(Api, String)> {
    vec![
        (Api::OpenAi, streams::streamed("found")),
        (Api::Compatible, streams::chatted_in_chunks("found", "stop")),
    ]
}

/// Reads a text as either answer; what comes out is within the domain's bounds.
fn bounded(text: &str) -> Result<(), TestCaseError> {
    let clean = |text: &str, most| {
        text.chars().count() <= most && !text.chars().any(char::is_control) && text.trim() == text
    };
    for seen in answers::things(text, &FRAMES).into_iter().flatten() {
        prop_assert!((1..=MAX_COUNT).contains(&seen.count()) && !seen.seen.is_empty());
        let within = |sight: &Sight| {
            FRAMES.contains(&sight.frame) && (1..=seen.count()).contains(&sight.count)
        };
        prop_assert!(seen.seen.iter().all(within) && clean(&seen.mark, 60));
        prop_assert!((0.0..=1.0).contains(&seen.confidence));
        prop_assert!(clean(&seen.label, 60) && (seen.item.is_some() || !seen.label.is_empty()));
    }
    let _ = answers::groups(text);
    for said in answers::cues(text).into_iter().flatten() {
        prop_assert!(
            said.count
                .is_none_or(|count| (1..=MAX_COUNT).contains(&count))
        );
        prop_assert!(clean(&said.label, 60) && (said.item.is_some() || !said.label.is_empty()));
        prop_assert!(
            said.remark
                .is_none_or(|remark| clean(&remark, 120) && !remark.is_empty())
        );
    }
    Ok(())
}

#[test]
fn what_is_damaged_here_is_right_at_first() {
    let read = answers::things(&things().to_string(), &FRAMES);
    assert_eq!(read.unwrap().len(), 2);
    assert_eq!(answers::cues(&cues().to_string()).unwrap().len(), 2);
}

proptest! {
    #[test]
    fn answers_with_other_members(seen in damaged_json(things()), said in damaged_json(cues())) {
        bounded(&seen.to_string())?;
        bounded(&said.to_string())?;
    }

    #[test]
    fn answers_with_other_bytes(
        seen in damaged_text(&things().to_string()),
        said in damaged_text(&cues().to_string()),
        noise: String,
    ) {
        bounded(&seen)?;
        bounded(&said)?;
        bounded(&noise)?;
    }

    #[test]
    fn labels_of_any_text(label: String, remark in "\\PC{0,300}|(\\s|\u{202e}|\u{0}|a){0,300}") {
        let mut seen = things();
        seen["things"][0]["label"] = json!(label);
        seen["things"][1]["label"] = json!(remark);
        bounded(&seen.to_string())?;
        let mut said = cues();
        said["cues"][0]["remark"] = json!(remark);
        said["cues"][1]["label"] = json!(label);
        bounded(&said.to_string())?;
    }

    #[test]
    fn envelopes_with_other_members(damaged in select(envelopes()).prop_flat_map(|(api, good)| (Just(api), damaged_json(good)))) {
        let (api, envelope) = damaged;
        let answer = api.read(envelope.to_string().as_bytes());
        if let Ok(text) = answer.and_then(|answer| answer.text) {
            let text = json!(&*text).to_string();
            // Gemini's comes in pieces.
            prop_assert!(api == Api::Gemini || envelope.to_string().contains(&text));
        }
    }

    #[test]
    fn envelopes_with_other_bytes(
        damaged in select(envelopes()).prop_flat_map(|(api, good)| (Just(api), damaged(good.to_string().as_bytes()))),
        heard in damaged(br#"{"text":"the piano stays","usage":{"input_tokens":3,"seconds":2.1}}"#),
        noise in vec(any::<u8>(), 0..200),
    ) {
        let (api, envelope) = damaged;
        for bytes in [envelope, heard, noise] {
            let _ = api.read(&bytes);
            let _ = transcription::read(&bytes, Duration::from_secs(2));
            let _ = hints::throttled(&bytes);
        }
    }

    #[test]
    fn streams_with_other_bytes(
        damaged in select(streams()).prop_flat_map(|(api, good)| (Just(api), damaged(good.as_bytes()))),
    ) {
        let (api, bytes) = damaged;
        let (mut events, mut assembler) = (Events::default(), api.assembler().unwrap());
        let mut shown = String::new();
        let mut show = |piece: &str| shown.push_str(piece);
        let flow = events.feed(&bytes, |event| match assembler.take(event, &mut show).transpose() {
            Some(outcome) => ControlFlow::Break(outcome),
            None => ControlFlow::Continue(()),
        });
        if let (Api::Compatible, Ok(ControlFlow::Break(Ok(Answer { text: Ok(text), .. })))) = (api, flow) {
            prop_assert_eq!(shown, text.as_str());
        }
    }

    #[test]
    fn transcripts_with_other_members(
        heard in damaged_json(json!({"text": "the piano stays", "usage": {"input_tokens": 3, "seconds": 2.1}})),
    ) {
        if let Ok(read) = transcription::read(heard.to_string().as_bytes(), Duration::from_secs(2)) {
            prop_assert_eq!(&heard["text"], &json!(read.0.expose()));
        }
    }

    #[test]
    fn waits_of_any_length(
        wait in damaged_text("Sat, 21 Nov 2026 01:00:00 GMT"),
        seconds in any::<f64>(),
        now in -377_705_000_000_i64..253_402_000_000,
    ) {
        for (name, value) in [("retry-after", wait), ("retry-after", seconds.to_string()), ("retry-after-ms", seconds.to_string())] {
            if let Ok(value) = value.parse() {
                let headers = http::HeaderMap::from_iter([(http::HeaderName::from_static(name), value)]);
                let _ = hints::retry_after(&headers, jiff::Timestamp::from_second(now).unwrap());
            }
        }
    }
}
