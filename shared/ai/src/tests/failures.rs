//! The failure table: what each failure of the preferred provider leads to, for each task.

use std::future::Future;

use futures::future::join_all;

use super::{
    rough::{Manner, Rough, rough},
    *,
};
use dodolens_app::ports::{
    CueReader as _, ModelCall, ModelError, Task, Transcriber as _, VisionModel as _,
};
use dodolens_domain::evidence::Transcript;

/// What is wrong with the preferred provider.
#[derive(Clone, Copy, Debug)]
enum Fault {
    RetryAfter(u64),
    Status(u16),
    TimesOut,
    Drips,
    Cuts,
    Refuses,
    BadJson,
    WrongSchema,
}

/// A server, of either kind.
enum Server {
    Mock(MockServer),
    Rough(Rough),
}

impl Server {
    fn url(&self) -> String {
        match self {
            Self::Mock(server) => server.uri(),
            Self::Rough(server) => server.url.clone(),
        }
    }
}

/// OpenAI's answer to a task: good, or with this text instead.
fn body(task: Task, text: Option<&str>) -> Value {
    let good = match task {
        Task::Vision => r#"{"things":[]}"#,
        Task::Speech => return json!({"text": text.map_or(json!("hello"), |_| json!(5))}),
        Task::Join => r#"{"groups":[]}"#,
        Task::Cues => r#"{"cues":[]}"#,
    };
    completed(text.unwrap_or(good))
}

async fn faulty(fault: Fault, task: Task) -> Server {
    let good = ok(&body(task, None));
    let answers = match fault {
        Fault::RetryAfter(seconds) => {
            let limited = status(429).insert_header("retry-after", seconds.to_string());
            vec![limited, good]
        }
        Fault::Status(code) => vec![status(code)],
        Fault::TimesOut => return Server::Rough(rough(Manner::Hangs).await),
        Fault::Drips => return Server::Rough(rough(Manner::Drips).await),
        Fault::Cuts => return Server::Rough(rough(Manner::Cuts).await),
        Fault::Refuses => {
            let mut refusal = body(task, Some(""));
            refusal["output"][1]["content"] = json!([{"type": "refusal", "refusal": "no"}]);
            vec![ok(&refusal)]
        }
        Fault::BadJson => vec![ok(&body(task, Some("Certainly! {")))],
        Fault::WrongSchema => vec![ok(&body(
            task,
            Some(r#"{"things":[{"label":0}],"cues":1}"#),
        ))],
    };
    Server::Mock(server(answers).await)
}

/// The provider that stands by, each in another form.
async fn standing_by(task: Task) -> (MockServer, &'static str) {
    let (answer, link) = match task {
        Task::Vision => (message(r#"{"things":[]}"#), "anthropic:sees"),
        Task::Speech => (generated(r#"{"transcript":"hello"}"#), "gemini:sees"),
        Task::Join => (chatted(r#"{"groups":[]}"#), "home:understands"),
        Task::Cues => (chatted(r#"{"cues":[]}"#), "home:understands"),
    };
    (server(vec![ok(&answer)]).await, link)
}

/// Asks for the task; a good answer is `Ok`.
async fn ask(
    task: Task,
    config: &AiConfig,
    time: Duration,
) -> (Result<(), ModelError>, Vec<ModelCall>) {
    let (ai, terms) = (ai(config), within(time, Locale::En));
    match task {
        Task::Vision => {
            let read = ai.look(&[frame(b"jpeg")], &terms, &unwatched()).await;
            let seen = read.answer.map(|seen| assert_eq!(seen.looks[0].things, []));
            (seen, read.calls)
        }
        Task::Speech => {
            let read = ai.transcribe(&sound(), &terms).await;
            let heard = read.answer.map(|it| assert_eq!(it.expose(), "hello"));
            (heard, read.calls)
        }
        Task::Join => {
            let read = ai.tell_apart(&[], &[], &terms).await;
            let none: [Vec<usize>; 0] = [];
            (read.answer.map(|same| assert_eq!(same, none)), read.calls)
        }
        Task::Cues => {
            let transcript = Transcript::from("hello".to_owned());
            let read = ai.read(&transcript, &terms).await;
            (read.answer.map(|cues| assert_eq!(cues, [])), read.calls)
        }
    }
}

/// Who was asked, and why each gave no answer.
fn trail(calls: &[ModelCall]) -> Vec<(&str, Option<&str>)> {
    let calls = calls.iter();
    calls
        .map(|call| (call.provider.as_str(), call.failure.map(ModelError::code)))
        .collect()
}

/// What does not keep to its time fails, and does not hang.
async fn in_time<T>(asked: impl Future<Output = T>) -> T {
    let asked = tokio::time::timeout(Duration::from_secs(300), asked);
    asked.await.expect("it keeps to its time")
}

/// One row for one task: the code of the failure, and how often the first provider is asked before it is given up;
/// `answers_itself` when it then answers.
async fn row(fault: Fault, task: Task, code: &'static str, tries: usize, answers_itself: bool) {
    let row = format!("{fault:?}, {task:?}");
    let hangs = matches!(fault, Fault::TimesOut | Fault::Drips);
    let time = Duration::from_secs(if hangs { 20 } else { 100 });
    let first = faulty(fault, task).await;
    let (second, link) = standing_by(task).await;
    let name = link.split_once(':').unwrap().0;
    let (preferred, mut config) = {
        let config = at(&[("openai", &first.url()), (name, &second.uri())]);
        let preferred = match task {
            Task::Vision => config.vision.clone(),
            Task::Speech => config.speech.clone(),
            Task::Cues | Task::Join => config.cues.clone(),
        };
        (preferred, config)
    };
    let mut failed = vec![("openai", Some(code)); tries];

    // With another provider, the answer comes.
    let chain = format!("{preferred},{link}");
    match task {
        Task::Vision => config.vision = chain,
        Task::Speech => config.speech = chain,
        Task::Cues | Task::Join => config.cues = chain,
    }
    let (answer, calls) = in_time(ask(task, &config, time)).await;
    assert_eq!(answer, Ok(()), "{row}");
    let last = if answers_itself { "openai" } else { name };
    failed.push((last, None));
    assert_eq!(trail(&calls), failed, "{row}");
    drop(first);

    // Without, there is the last failure, in time.
    failed.pop();
    let first = faulty(fault, task).await;
    let config = at(&[("openai", &first.url())]);
    let (answer, calls) = in_time(ask(task, &config, time)).await;
    if answers_itself {
        assert_eq!(answer, Ok(()), "{row}");
        failed.push(("openai", None));
    } else {
        assert_eq!(answer.map_err(ModelError::code), Err(code), "{row}");
    }
    assert_eq!(trail(&calls), failed, "{row}");
}

#[tokio::test]
async fn each_failure_of_each_task_leads_where_the_table_says() {
    let mut rows = Vec::new();
    for task in [Task::Vision, Task::Join, Task::Speech, Task::Cues] {
        for (fault, code, tries, answers_itself) in [
            // Worth waiting for.
            (Fault::RetryAfter(1), "rate_limited", 1, true),
            // Not worth it: 200 s of 100 s.
            (Fault::RetryAfter(200), "rate_limited", 1, false),
            (Fault::Status(500), "unavailable", 4, false),
            (Fault::Status(503), "unavailable", 4, false),
            (Fault::TimesOut, "timed_out", 1, false),
            (Fault::Drips, "timed_out", 1, false),
            (Fault::Cuts, "interrupted", 2, false),
            (Fault::Refuses, "refused", 1, false),
            (Fault::BadJson, "not_json", 2, false),
            (Fault::WrongSchema, "malformed", 2, false),
        ] {
            // A transcription is a text: it can't refuse, and it is not JSON in JSON.
            let (speech, json) = (task == Task::Speech, matches!(fault, Fault::BadJson));
            if speech && (json || matches!(fault, Fault::Refuses)) {
                continue;
            }
            rows.push(row(fault, task, code, tries, answers_itself));
        }
    }
    assert_eq!(rows.len(), 38);
    join_all(rows).await;
}

#[tokio::test]
async fn speech_that_is_filtered_or_no_json_goes_to_the_next() {
    let blocked = json!({"promptFeedback": {"blockReason": "SAFETY"}});
    for (answer, code, tries) in [
        (blocked, "filtered", 1),
        (generated("They say hello."), "not_json", 2),
    ] {
        let first = server(vec![ok(&answer)]).await;
        let second = server(vec![ok(&json!({"text": "hello"}))]).await;
        let config = AiConfig {
            speech: "gemini:sees,home:hears".into(),
            ..at(&[
                ("gemini", &first.uri()),
                ("home", &second.uri()),
                ("openai", &second.uri()),
            ])
        };
        let (answer, calls) = ask(Task::Speech, &config, Duration::from_secs(20)).await;
        assert_eq!(answer, Ok(()));
        let mut expected = vec![("gemini", Some(code)); tries];
        expected.push(("home", None));
        assert_eq!(trail(&calls), expected);
    }
}
