//! Chains over several calls: who rests, who is asked first, what may be spent.

use super::{
    rough::{Manner, rough},
    *,
};
use dodolens_app::ports::{CueReader as _, Looked, ModelError, Read, VisionModel};
use dodolens_domain::evidence::Transcript;

async fn cues(ai: &Ai, terms: &Terms) -> Read<Vec<dodolens_domain::evidence::Cue>> {
    ai.read(&Transcript::from("hello".to_owned()), terms).await
}

fn good() -> ResponseTemplate {
    ok(&completed(r#"{"cues":[]}"#))
}

fn good_at_home() -> ResponseTemplate {
    ok(&chatted(r#"{"cues":[]}"#))
}

/// OpenAI at the first, then a compatible server at the second.
fn chain(first: &str, second: &str) -> Ai {
    ai(&AiConfig {
        cues: "openai:understands,home:understands".into(),
        ..at(&[("openai", first), ("home", second)])
    })
}

fn asked<T>(read: &Read<T>) -> Vec<&str> {
    read.calls
        .iter()
        .map(|call| call.provider.as_str())
        .collect()
}

#[tokio::test]
async fn a_provider_that_keeps_failing_is_left_in_peace() {
    let first = server(vec![
        status(503),
        status(503),
        status(503),
        status(503),
        good(),
    ])
    .await;
    let second = server(vec![good_at_home()]).await;
    let ai = chain(&first.uri(), &second.uri());
    let read = cues(&ai, &terms(Locale::En)).await;
    assert_eq!(
        asked(&read),
        ["openai", "openai", "openai", "openai", "home"]
    );
    // It would answer now, but is not asked.
    let read = cues(&ai, &terms(Locale::En)).await;
    assert_eq!(asked(&read), ["home"]);
    assert_eq!(calls(&first).await, 4);
}

#[tokio::test]
async fn one_that_rests_is_still_the_last_hope() {
    let limited = status(429).insert_header("retry-after", "60");
    let first = server(vec![limited, good()]).await;
    let second = server(vec![good_at_home(), status(400)]).await;
    let ai = chain(&first.uri(), &second.uri());
    assert_eq!(
        asked(&cues(&ai, &terms(Locale::En)).await),
        ["openai", "home"]
    );
    let read = cues(&ai, &terms(Locale::En)).await;
    assert_eq!(
        (read.answer.is_ok(), asked(&read)),
        (true, vec!["home", "openai"])
    );
}

#[tokio::test]
async fn one_whose_limit_is_used_up_is_not_asked_next() {
    let last = good()
        .insert_header("x-ratelimit-remaining-requests", "0")
        .insert_header("x-ratelimit-reset-requests", "1m0s");
    let first = server(vec![last]).await;
    let second = server(vec![good_at_home()]).await;
    let ai = chain(&first.uri(), &second.uri());
    assert_eq!(asked(&cues(&ai, &terms(Locale::En)).await), ["openai"]);
    assert_eq!(asked(&cues(&ai, &terms(Locale::En)).await), ["home"]);
}

#[tokio::test]
async fn what_is_asked_does_not_count_against_the_provider() {
    let bad = vec![status(400); 4];
    let first = server([bad, vec![good()]].concat()).await;
    let second = server(vec![good_at_home()]).await;
    let ai = chain(&first.uri(), &second.uri());
    for _ in 0..4 {
        assert_eq!(
            asked(&cues(&ai, &terms(Locale::En)).await),
            ["openai", "home"]
        );
    }
    assert_eq!(asked(&cues(&ai, &terms(Locale::En)).await), ["openai"]);
}

#[tokio::test]
async fn retry_after_is_honoured() {
    let limited = status(429).insert_header("retry-after", "1");
    let first = server(vec![limited, good()]).await;
    let started = Instant::now();
    let read = cues(&ai(&config(&first.uri())), &terms(Locale::En)).await;
    assert_eq!((read.answer.is_ok(), read.calls.len()), (true, 2));
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn each_provider_gets_its_share_of_the_time() {
    let hanging = rough(Manner::Hangs).await;
    let second = server(vec![good_at_home()]).await;
    let ai = chain(&hanging.url, &second.uri());
    let started = Instant::now();
    let read = cues(&ai, &within(Duration::from_secs(20), Locale::En)).await;
    assert_eq!(
        (read.answer.is_ok(), asked(&read)),
        (true, vec!["openai", "home"])
    );
    // The second answered within what the first left.
    let took = started.elapsed();
    assert!(took >= Duration::from_secs(10), "{took:?}");
}

#[tokio::test]
async fn nobody_is_asked_when_the_time_is_over() {
    let first = server(vec![good()]).await;
    let read = cues(
        &ai(&config(&first.uri())),
        &within(Duration::ZERO, Locale::En),
    )
    .await;
    assert_eq!(
        (read.answer, read.calls),
        (Err(ModelError::TimedOut), vec![])
    );
}

/// A chain of a dear model and a cheaper one, and what one look at a frame can cost with the cheaper.
async fn priced(first: Vec<ResponseTemplate>) -> (MockServer, Ai, Usd) {
    let server = server(first).await;
    let ai = ai(&AiConfig {
        vision: "openai:dear,openai:sees".into(),
        ..config(&server.uri())
    });
    let price = VisionModel::price(&ai, 1);
    (server, ai, price)
}

fn nothing_seen() -> ResponseTemplate {
    ok(&completed(r#"{"things":[]}"#))
}

async fn look(ai: &Ai, budget: Usd) -> Read<Looked> {
    let terms = Terms {
        budget,
        ..terms(Locale::En)
    };
    ai.look(&[frame(b"jpeg")], &terms, &unwatched()).await
}

#[tokio::test]
async fn the_cheaper_model_is_asked_when_the_dear_one_could_cost_too_much() {
    let (server, ai, price) = priced(vec![nothing_seen()]).await;
    assert!(price > Usd::ZERO);
    let models = |read: &Read<_>| -> Vec<String> {
        let calls = read.calls.iter();
        calls.map(|call| call.model.clone()).collect()
    };
    assert_eq!(models(&look(&ai, price.times(100)).await), ["dear"]);
    assert_eq!(models(&look(&ai, price).await), ["sees"]);
    let read = look(&ai, price.minus(Usd::from_nanos(1))).await;
    assert_eq!(
        (read.answer, read.calls),
        (Err(ModelError::OverBudget), vec![])
    );
    assert_eq!(calls(&server).await, 2);
}

#[tokio::test]
async fn what_failed_is_paid_for_too() {
    // Told: 31 tokens read, 7 written.
    let (_server, ai, price) = priced(vec![ok(&completed("prose")), nothing_seen()]).await;
    let told = Usd::from_nanos(45_000);
    assert!(look(&ai, price.plus(told)).await.answer.is_ok());

    let (server, ai, price) = priced(vec![ok(&completed("prose")), nothing_seen()]).await;
    let read = look(&ai, price.plus(told).minus(Usd::from_nanos(1))).await;
    assert_eq!(read.answer, Err(ModelError::OverBudget));
    assert_eq!(read.calls[0].usage.cost, told);
    assert_eq!(calls(&server).await, 1);
}

#[tokio::test]
async fn what_a_broken_call_may_have_cost_is_set_aside() {
    let cutting = rough(Manner::Cuts).await;
    let ai = ai(&config(&cutting.url));
    let price = VisionModel::price(&ai, 1);
    let enough = look(&ai, price.times(2)).await;
    assert_eq!(enough.answer, Err(ModelError::Interrupted));
    assert_eq!((enough.calls.len(), enough.left), (2, Usd::ZERO));

    let short = look(&ai, price.times(2).minus(Usd::from_nanos(1))).await;
    assert_eq!(short.answer, Err(ModelError::OverBudget));
    assert_eq!(short.calls[0].usage.cost, Usd::ZERO);
    assert_eq!(
        (short.calls.len(), short.left),
        (1, price.minus(Usd::from_nanos(1)))
    );
}
