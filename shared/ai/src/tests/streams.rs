//! Answers that come event by event, as the references publish them.

use super::*;
use dodolens_app::ports::{CueReader as _, ModelCall, ModelError, VisionModel as _};
use dodolens_domain::evidence::{Thing, Transcript};

/// One thing in each of two frames.
const SEEN: &str = r#"{"things":[
    {"catalogueId":"chair","label":"chair","room":"kitchen","count":4,"seen":[{"frame":0,"count":4}],"mark":"white",
     "size":"medium","fragile":false,"confidence":0.9},
    {"catalogueId":null,"label":"a \"dragon\" {","room":null,"count":1,"seen":[{"frame":1,"count":1}],"mark":"",
     "size":"large","fragile":true,"confidence":0.5}
]}"#;

/// A text in pieces of some characters.
fn pieces(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let pieces = characters.chunks(7);
    pieces.map(|piece| piece.iter().collect()).collect()
}

fn named(event: &Value) -> String {
    let name = event["type"].as_str().unwrap();
    format!("event: {name}\ndata: {event}\n\n")
}

/// The deltas of a response with this text.
fn deltas(text: &str) -> String {
    let begun = json!({"type": "response.created", "sequence_number": 0,
        "response": {"id": "resp_1", "object": "response", "status": "in_progress", "output": [], "usage": null}});
    let events = pieces(text).into_iter().map(|piece| {
        json!({"type": "response.output_text.delta", "sequence_number": 4, "item_id": "msg_1", "output_index": 1,
            "content_index": 0, "delta": piece, "logprobs": [], "obfuscation": "x7"})
    });
    std::iter::once(begun)
        .chain(events)
        .map(|event| named(&event))
        .collect()
}

fn last(kind: &str, response: &Value) -> String {
    named(&json!({"type": kind, "sequence_number": 99, "response": response}))
}

/// A response with this text as a stream.
pub(super) fn streamed(text: &str) -> String {
    deltas(text) + &last("response.completed", &completed(text))
}

fn chunk(choices: &Value, usage: &Value) -> String {
    let chunk = json!({"id": "chatcmpl_1", "object": "chat.completion.chunk", "created": 1, "model": "m",
        "choices": choices, "usage": usage});
    format!("data: {chunk}\n\n")
}

/// A chat completion with this text as a stream, to its end for this reason.
pub(super) fn chatted_in_chunks(text: &str, reason: &str) -> String {
    let none = Value::Null;
    let choice = |delta: Value, reason: Value| json!([{"index": 0, "delta": delta, "finish_reason": reason}]);
    let role = choice(json!({"role": "assistant", "content": ""}), Value::Null);
    let texts = pieces(text);
    let texts = texts
        .iter()
        .map(|piece| chunk(&choice(json!({"content": piece}), Value::Null), &none));
    let usage = json!({"prompt_tokens": 31, "completion_tokens": 7, "total_tokens": 38});
    let end = [
        chunk(&choice(json!({}), json!(reason)), &none),
        chunk(&json!([]), &usage),
        "data: [DONE]\n\n".into(),
    ];
    let begin = [": keep-alive\n\n".into(), chunk(&role, &none)];
    begin.into_iter().chain(texts).chain(end).collect()
}

fn stream(body: &str) -> ResponseTemplate {
    let kind = "text/event-stream; charset=utf-8";
    ResponseTemplate::new(200).set_body_raw(body.as_bytes(), kind)
}

/// What comes of looking at two frames, and what is shown in the end.
async fn look(
    chain: &str,
    answers: Vec<ResponseTemplate>,
) -> (Result<Vec<Thing>, ModelError>, Vec<ModelCall>, Vec<Thing>) {
    let server = server(answers).await;
    let config = AiConfig {
        vision: chain.into(),
        ..config(&server.uri())
    };
    let (frames, found) = ([frame(b"first"), frame(b"second")], unwatched());
    let read = ai(&config).look(&frames, &terms(Locale::Fr), &found).await;
    let all = |looks: &[Look]| looks.iter().flat_map(|look| look.things.clone()).collect();
    let shown = all(&found.borrow());
    let answer = read.answer.map(|looked| all(&looked.looks));
    (answer, read.calls, shown)
}

#[tokio::test]
async fn a_stream_says_what_the_whole_says() {
    for (chain, whole, stream_of) in [
        ("openai:sees", completed(SEEN), streamed(SEEN)),
        ("home:sees", chatted(SEEN), chatted_in_chunks(SEEN, "stop")),
    ] {
        let (expected, calls, shown) = look(chain, vec![ok(&whole)]).await;
        let usage = calls[0].usage;
        assert_eq!(expected.as_ref().unwrap(), &shown);
        assert_eq!(shown.len(), 2);
        // With any of the line ends that there are.
        for end in ["\n", "\r\n", "\r"] {
            let body = stream(&stream_of.replace('\n', end));
            let (answer, calls, shown) = look(chain, vec![body]).await;
            assert_eq!(answer, expected, "{chain}");
            assert_eq!(shown, answer.unwrap());
            assert_eq!((calls.len(), calls[0].usage), (1, usage));
        }
    }
}

#[tokio::test]
async fn only_vision_is_streamed() {
    let server = server(vec![ok(&completed(r#"{"cues":[]}"#))]).await;
    let transcript = Transcript::from("hello".to_owned());
    let ai = ai(&config(&server.uri()));
    assert!(
        ai.read(&transcript, &terms(Locale::En))
            .await
            .answer
            .is_ok()
    );
    let body: Value = sent(&server).await.body_json().unwrap();
    assert_eq!(body.get("stream"), None);
}

/// Checks what a stream comes out as, how often the provider is asked, and that nothing stays shown.
async fn fails(chain: &str, body: &str, error: ModelError, tries: usize) {
    let (answer, calls, shown) = look(chain, vec![stream(body)]).await;
    assert_eq!((answer, calls.len()), (Err(error), tries), "{body}");
    assert_eq!(shown, [], "{body}");
}

#[tokio::test]
async fn streams_of_openai_that_are_no_answer() {
    let half = deltas(&SEEN[..SEEN.len() - 40]);
    let response = |status: &str, member: &str, value: Value| {
        let mut response = completed(SEEN);
        (response["status"], response[member]) = (json!(status), value);
        half.clone() + &last(&format!("response.{status}"), &response)
    };
    let reason = |reason: &str| {
        response(
            "incomplete",
            "incomplete_details",
            json!({"reason": reason}),
        )
    };
    let failed = |code: &str| response("failed", "error", json!({"code": code, "message": "m"}));
    let error =
        |code: &str| named(&json!({"type": "error", "code": code, "message": "m", "param": null}));
    let refusal = json!([{"type": "message", "content": [{"type": "refusal", "refusal": "no"}]}]);
    let mut refused = completed("");
    refused["output"] = refusal;
    let prose = "There is a chair.";
    for (body, outcome, tries) in [
        // Cut off, though properly ended by HTTP.
        (half.clone(), ModelError::Interrupted, 2),
        (String::new(), ModelError::Interrupted, 2),
        (reason("max_output_tokens"), ModelError::Truncated, 1),
        (reason("content_filter"), ModelError::Filtered, 1),
        (failed("invalid_prompt"), ModelError::Refused, 1),
        (last("response.completed", &refused), ModelError::Refused, 1),
        (
            half.clone() + &error("server_error"),
            ModelError::Interrupted,
            2,
        ),
        (error("insufficient_quota"), ModelError::OutOfQuota, 1),
        (streamed(prose), ModelError::NotJson, 2),
        (
            streamed(r#"{"things":[{"label":0}]}"#),
            ModelError::Malformed,
            2,
        ),
        (half.clone() + "data: {\n\n", ModelError::Malformed, 2),
        (half.clone() + "data: [DONE]\n\n", ModelError::Malformed, 2),
        (
            last("response.completed", &json!(null)),
            ModelError::Malformed,
            2,
        ),
        (
            format!("data: {}\n\n", " ".repeat(3 << 20)),
            ModelError::Malformed,
            2,
        ),
    ] {
        fails("openai:sees", &body, outcome, tries).await;
    }
    let limited = stream(&error("rate_limit_exceeded"));
    let overloaded = stream(&error("server_error"));
    let (answer, calls, _) = look(
        "openai:sees",
        vec![limited, overloaded, stream(&streamed(SEEN))],
    )
    .await;
    let codes: Vec<_> = calls.iter().filter_map(|call| call.failure).collect();
    assert_eq!(
        codes,
        [
            ModelError::RateLimited { retry_after: None },
            ModelError::Unavailable
        ]
    );
    assert_eq!(answer.unwrap().len(), 2);
}

#[tokio::test]
async fn streams_of_a_compatible_server_that_are_no_answer() {
    let good = chatted_in_chunks(SEEN, "stop");
    let begun = &good[..good.len() / 2];
    let error = "\n\ndata: {\"error\": {\"message\": \"m\", \"type\": \"t\", \"code\": 500}}\n\n";
    let begin = &begun[..begun.rfind("data: ").unwrap()];
    let refusal = chunk(
        &json!([{"index": 0, "delta": {"refusal": "no"}, "finish_reason": "stop"}]),
        &json!(null),
    );
    for (body, outcome, tries) in [
        (begin.to_owned(), ModelError::Interrupted, 2),
        (format!("{begin}{error}"), ModelError::Interrupted, 2),
        (format!("{begin}data: [DONE]\n\n"), ModelError::Malformed, 2),
        (chatted_in_chunks(SEEN, "length"), ModelError::Truncated, 1),
        (
            chatted_in_chunks(SEEN, "content_filter"),
            ModelError::Filtered,
            1,
        ),
        (format!("{refusal}data: [DONE]\n\n"), ModelError::Refused, 1),
        (chatted_in_chunks("", "stop"), ModelError::Empty, 2),
        ("data: [DONE]\n\n".to_owned(), ModelError::Empty, 2),
        (
            chatted_in_chunks("A chair.", "stop"),
            ModelError::NotJson,
            2,
        ),
    ] {
        fails("home:sees", &body, outcome, tries).await;
    }
}

#[tokio::test]
async fn another_try_shows_its_own_list() {
    let half = stream(&deltas(&SEEN[..SEEN.len() - 40]));
    let nothing = stream(&streamed(r#"{"things":[]}"#));
    let server = server(vec![half, nothing]).await;
    let (frames, found) = ([frame(b"first"), frame(b"second")], unwatched());
    let mut seen = found.subscribe();
    let lengths = tokio::spawn(async move {
        let mut lengths = Vec::new();
        while seen.changed().await.is_ok() {
            let looks = seen.borrow_and_update();
            lengths.push(looks.iter().map(|look| look.things.len()).sum::<usize>());
        }
        lengths
    });
    let read = ai(&config(&server.uri()))
        .look(&frames, &terms(Locale::En), &found)
        .await;
    let things = &read.answer.unwrap().looks[0].things;
    assert_eq!((things.len(), read.calls.len()), (0, 2));
    drop(found);
    let lengths = lengths.await.unwrap();
    assert!(
        lengths.contains(&1) && lengths.ends_with(&[0]),
        "{lengths:?}"
    );
}
