//! What each provider's bad answers come out as.

use super::*;
use dodolens_app::ports::{CueReader as _, ModelError, Transcriber as _};
use dodolens_domain::evidence::Transcript;

/// The outcome of one reading of cues against these answers, and how many calls it took.
async fn outcome(chain: &str, answers: Vec<ResponseTemplate>) -> (Result<(), ModelError>, usize) {
    let server = server(answers).await;
    let config = AiConfig {
        cues: chain.into(),
        ..config(&server.uri())
    };
    let transcript = Transcript::from("hello".to_owned());
    let read = ai(&config).read(&transcript, &terms(Locale::En)).await;
    let count = calls(&server).await;
    assert_eq!(read.calls.len(), count);
    assert_eq!(
        read.calls.last().unwrap().failure,
        read.answer.as_ref().err().copied()
    );
    (read.answer.map(|_| ()), count)
}

fn good() -> ResponseTemplate {
    ok(&completed(r#"{"cues":[]}"#))
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    for transient in [500, 503, 529, 408, 429] {
        let answers = vec![status(transient), good()];
        assert_eq!(outcome("openai:understands", answers).await, (Ok(()), 2));
    }
    let answers = vec![status(502), status(500), good()];
    assert_eq!(outcome("openai:understands", answers).await, (Ok(()), 3));
}

#[tokio::test]
async fn what_cannot_pass_is_not_tried_again() {
    for code in [400, 401, 403, 404, 413, 301] {
        assert_eq!(
            outcome("openai:understands", vec![status(code), good()]).await,
            (Err(ModelError::Rejected { status: code }), 1)
        );
    }
    let quota = status(429).set_body_json(json!({"error": {"code": "insufficient_quota"}}));
    assert_eq!(
        outcome("openai:understands", vec![quota, good()]).await,
        (Err(ModelError::OutOfQuota), 1)
    );
}

#[tokio::test]
async fn nobody_there_is_unavailable() {
    // The port is bound, so that nobody else gets it, and never listened on.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let ai = ai(&config(&url));
    let read = ai.transcribe(&sound(), &terms(Locale::En)).await;
    assert_eq!(read.answer.err(), Some(ModelError::Unavailable));
}

/// Checks for one provider what its answers come out as, and how often it is asked.
async fn table(chain: &str, rows: Vec<(Value, ModelError, usize)>) {
    for (body, error, tries) in rows {
        let answers = vec![ok(&body); 3];
        assert_eq!(outcome(chain, answers).await, (Err(error), tries), "{body}");
    }
    let html = status(200).set_body_string("<html>");
    assert_eq!(
        outcome(chain, vec![html]).await,
        (Err(ModelError::Malformed), 2)
    );
    let endless = status(200).set_body_bytes(vec![b' '; 3 << 20]);
    assert_eq!(
        outcome(chain, vec![endless]).await,
        (Err(ModelError::Malformed), 2)
    );
}

fn changed(mut body: Value, pointer: &str, value: Value) -> Value {
    *body.pointer_mut(pointer).unwrap() = value;
    body
}

#[tokio::test]
async fn answers_of_openai_that_are_none() {
    let refusal = json!([{"type": "refusal", "refusal": "no"}]);
    let incomplete = |reason: &str| {
        json!({"status": "incomplete", "incomplete_details": {"reason": reason}, "output": [{"type": "message",
            "content": [{"type": "output_text", "text": "{\"cues\":[]}"}]}]})
    };
    let failed = json!({"status": "failed", "error": {"code": "invalid_prompt", "message": "m"}, "output": []});
    let rows = vec![
        (
            changed(completed(""), "/output/1/content", refusal),
            ModelError::Refused,
            1,
        ),
        (failed, ModelError::Refused, 1),
        (incomplete("content_filter"), ModelError::Filtered, 1),
        (incomplete("max_output_tokens"), ModelError::Truncated, 1),
        (
            json!({"status": "completed", "output": []}),
            ModelError::Empty,
            2,
        ),
        (completed(""), ModelError::Empty, 2),
        (completed("There are no cues."), ModelError::NotJson, 2),
        (completed(r#"{"cues":"none"}"#), ModelError::Malformed, 2),
        (json!([]), ModelError::Malformed, 2),
    ];
    table("openai:understands", rows).await;
    let overloaded = json!({"status": "failed", "error": {"code": "server_error", "message": "m"}});
    let answers = vec![ok(&overloaded), good()];
    assert_eq!(outcome("openai:understands", answers).await, (Ok(()), 2));
}

#[tokio::test]
async fn answers_of_anthropic_that_are_none() {
    let stopped = |reason: &str| changed(message("{\"cues\":[]}"), "/stop_reason", json!(reason));
    let rows = vec![
        (stopped("refusal"), ModelError::Refused, 1),
        (stopped("max_tokens"), ModelError::Truncated, 1),
        (
            stopped("model_context_window_exceeded"),
            ModelError::Truncated,
            1,
        ),
        (stopped("tool_use"), ModelError::Malformed, 2),
        (
            changed(message(""), "/content", json!([])),
            ModelError::Empty,
            2,
        ),
        (message("There are no cues."), ModelError::NotJson, 2),
        (message(r#"{"cues":[{}]}"#), ModelError::Malformed, 2),
        (json!({}), ModelError::Malformed, 2),
    ];
    table("anthropic:understands", rows).await;
}

#[tokio::test]
async fn answers_of_gemini_that_are_none() {
    let finished = |reason: &str| {
        changed(
            generated("{\"cues\":[]}"),
            "/candidates/0/finishReason",
            json!(reason),
        )
    };
    let blocked = json!({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}});
    let silent = json!({"candidates": [{"finishReason": "STOP"}]});
    let rows = vec![
        (finished("SAFETY"), ModelError::Filtered, 1),
        (finished("SPII"), ModelError::Filtered, 1),
        (blocked, ModelError::Filtered, 1),
        (finished("MAX_TOKENS"), ModelError::Truncated, 1),
        (finished("OTHER"), ModelError::Malformed, 2),
        (silent, ModelError::Empty, 2),
        (json!({"candidates": []}), ModelError::Empty, 2),
        (generated("There are no cues."), ModelError::NotJson, 2),
        (generated(r#"{"cues":[1]}"#), ModelError::Malformed, 2),
    ];
    table("gemini:understands", rows).await;
}

#[tokio::test]
async fn answers_of_a_compatible_server_that_are_none() {
    let finished = |reason: &str| {
        changed(
            chatted("{\"cues\":[]}"),
            "/choices/0/finish_reason",
            json!(reason),
        )
    };
    let refused = changed(chatted(""), "/choices/0/message/refusal", json!("no"));
    let nothing = changed(chatted(""), "/choices/0/message/content", Value::Null);
    let rows = vec![
        (refused, ModelError::Refused, 1),
        (finished("content_filter"), ModelError::Filtered, 1),
        (finished("length"), ModelError::Truncated, 1),
        (finished("tool_calls"), ModelError::Malformed, 2),
        (nothing, ModelError::Empty, 2),
        (json!({"choices": []}), ModelError::Empty, 2),
        (
            chatted("```json\n{\"cues\":[]}\n```"),
            ModelError::NotJson,
            2,
        ),
        (chatted(r#"{"cues":[],"also":1}"#), ModelError::Malformed, 2),
        (json!({}), ModelError::Malformed, 2),
    ];
    table("home:understands", rows).await;
}
