//! The adapters against the simulated sinks: the form of each request, and what each answer means.

use std::time::{Duration, Instant};

use dodolens::{
    app::ports::{CompletedResult, ResultSink as _, SinkError},
    aws::SystemClock,
    domain::{ids::SessionId, inventory::Inventory, time::Timestamp},
    sinks::{AirtableSink, AirtableTable, Pace, SinkClient, WebhookSink, WebhookUrl},
};
use futures::future::join_all;
use serde_json::json;

use crate::{
    airtable::{Airtable, BASE_ID, TABLE, TOKEN},
    answers::Answer,
    receiver::{Receiver, SECRET},
    support::inventory,
};

/// `2026-11-21T09:00:00.042Z`
const COMPLETED: Timestamp = Timestamp::from_millis(1_795_251_600_042);

fn result(session: u8, inventory: &Inventory) -> CompletedResult<'_> {
    CompletedResult {
        session: SessionId::from_bytes([session; 16]),
        completed_at: COMPLETED,
        inventory,
    }
}

/// Hands results of these sessions to Airtable, one after the other.
async fn to_airtable(airtable: &Airtable, pace: &Pace, sessions: &[u8]) -> Vec<SinkError> {
    let client = SinkClient::new().unwrap();
    let table = AirtableTable::new(&airtable.api, BASE_ID, TABLE).unwrap();
    let sink = AirtableSink::new(&client, &table, pace, TOKEN.to_owned().into());
    let (mut errors, inventory) = (Vec::new(), inventory());
    for session in sessions {
        errors.extend(sink.accept(&result(*session, &inventory)).await.err());
    }
    errors
}

async fn to_webhook(url: &str, secrets: &str) -> Result<(), SinkError> {
    by(&SinkClient::new().unwrap(), url, secrets).await
}

async fn by(client: &SinkClient, url: &str, secrets: &str) -> Result<(), SinkError> {
    let url = WebhookUrl::new(url).unwrap();
    let sink = WebhookSink::new(client, &url, &SystemClock, secrets)?;
    sink.accept(&result(7, &inventory())).await
}

#[tokio::test]
async fn airtable_is_asked_in_its_published_form() {
    let airtable = Airtable::start().await;
    assert_eq!(to_airtable(&airtable, &Pace::default(), &[7]).await, []);
    let found = inventory();
    let expected = json!({
        "performUpsert": {"fieldsToMergeOn": ["Session"]},
        "records": [{"fields": {
            "Session": "07070707070707070707070707070707",
            "Completed": "2026-11-21T09:00:00.042Z",
            "Language": "fr",
            "Volume m3": found.total_volume,
            "Volume m3 from": found.total_volume_range[0],
            "Volume m3 to": found.total_volume_range[1],
            "Weight kg": found.total_weight_kg,
            "Vehicle": found.vehicle.name(found.locale),
            "Vehicles": found.vehicle.count,
            "Inventory": serde_json::to_string(&found).unwrap(),
        }}],
    });
    assert_eq!(airtable.bodies(), [expected]);
}

#[tokio::test]
async fn a_session_has_one_row_however_often_it_is_delivered() {
    let airtable = Airtable::start().await;
    let sessions = [7, 8, 7, 7];
    assert_eq!(
        to_airtable(&airtable, &Pace::default(), &sessions).await,
        []
    );
    let rows = airtable.rows();
    let keys: Vec<_> = rows
        .iter()
        .map(|row| row["Session"].as_str().unwrap())
        .collect();
    assert_eq!(keys, ["07".repeat(16), "08".repeat(16)]);
    assert_eq!(airtable.bodies().len(), 4);
}

#[tokio::test]
async fn two_instances_keep_within_airtable_s_rate() {
    let airtable = Airtable::start().await.without_a_rate();
    let began = Instant::now();
    let paces = [Pace::default(), Pace::default()];
    let deliveries = (0..12).map(|n| {
        let pace = &paces[usize::from(n % 2)];
        let airtable = &airtable;
        async move { to_airtable(airtable, pace, &[n]).await }
    });
    assert_eq!(join_all(deliveries).await.concat(), []);
    assert_eq!(airtable.rows().len(), 12);
    assert_eq!(airtable.refused(), []);
    // Six requests of each, 600 ms apart: 10 in any three seconds of both.
    assert!(began.elapsed() >= Duration::from_secs(3));
}

#[tokio::test]
async fn after_airtable_s_429_nobody_asks_for_30_seconds() {
    let airtable = Airtable::start().await;
    airtable.then([Answer::status(429)]);
    let errors = to_airtable(&airtable, &Pace::default(), &[7, 8]).await;
    assert_eq!(errors.len(), 2);
    for error in errors {
        let SinkError::Busy { retry_after } = error else {
            panic!("{error}")
        };
        let after = retry_after.as_secs_f64();
        assert!((29.0..=30.0).contains(&after), "{after}");
    }
    assert_eq!(airtable.bodies(), [json!(null); 0]);
}

#[tokio::test]
async fn what_airtable_answers_is_passing_or_lasting() {
    let airtable = Airtable::start().await;
    for (status, passing) in [
        (400, false),
        (401, false),
        (403, false),
        (404, false),
        (408, true),
        (413, false),
        (422, false),
        (302, false),
        (500, true),
        (502, true),
        (503, true),
    ] {
        airtable.then([Answer::status(status)]);
        let expected = if passing {
            SinkError::Failing {
                status,
                retry_after: None,
            }
        } else {
            SinkError::Rejected { status }
        };
        let errors = to_airtable(&airtable, &Pace::default(), &[7]).await;
        assert_eq!(errors, [expected]);
    }
    assert_eq!(
        airtable.bodies(),
        [json!(null); 0],
        "no redirect is followed"
    );
}

#[tokio::test]
async fn a_webhook_is_signed_and_can_be_told_from_others() {
    let receiver = Receiver::start().await;
    let client = SinkClient::new().unwrap();
    by(&client, &receiver.url, SECRET).await.unwrap();
    // The receiver is about to change over: it knows one of the two.
    let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    by(&client, &receiver.url, &format!("{other} {SECRET}\n"))
        .await
        .unwrap();
    let messages = receiver.messages();
    let expected = json!({
        "type": "inventory.completed",
        "timestamp": "2026-11-21T09:00:00.042Z",
        "data": {"sessionId": "07".repeat(16), "inventory": inventory(), "objects": inventory().objects()},
    });
    for message in &messages {
        assert_eq!(message.body, expected);
        let id = message.header("webhook-id");
        assert_eq!(id, format!("inventory_{}", "07".repeat(16)));
        let sent: i64 = message.header("webhook-timestamp").parse().unwrap();
        assert!((message.at.as_second() - sent).abs() <= 2, "{sent}");
    }
    let signatures = messages[1].header("webhook-signature");
    assert_eq!(signatures.split(' ').count(), 2);
    assert_ne!(messages[0].from, messages[1].from, "no connection is kept");
}

#[tokio::test]
async fn what_a_webhook_answers_is_passing_unless_it_is_gone() {
    let receiver = Receiver::start().await;
    let failing = |status, seconds: Option<u64>| SinkError::Failing {
        status,
        retry_after: seconds.map(Duration::from_secs),
    };
    for (answer, expected) in [
        (Answer::status(302), failing(302, None)),
        (Answer::status(401), failing(401, None)),
        (Answer::status(404), failing(404, None)),
        (Answer::status(429).retry_after(17), failing(429, Some(17))),
        (Answer::status(500), failing(500, None)),
        (Answer::status(503).retry_after(90), failing(503, Some(90))),
        (Answer::status(410), SinkError::Rejected { status: 410 }),
    ] {
        receiver.then([answer]);
        let answered = to_webhook(&receiver.url, SECRET).await;
        assert_eq!(answered, Err(expected));
    }
    assert_eq!(receiver.messages().len(), 7, "no redirect is followed");
}

#[tokio::test]
async fn a_sink_that_says_nothing_is_not_waited_for() {
    let (airtable, receiver) = (Airtable::start().await, Receiver::start().await);
    airtable.then([Answer::silence()]);
    receiver.then([Answer::silence()]);
    let pace = Pace::default();
    let both = async {
        tokio::join!(
            to_webhook(&receiver.url, SECRET),
            to_airtable(&airtable, &pace, &[7])
        )
    };
    let both = tokio::time::timeout(Duration::from_secs(120), both);
    let both = both.await.expect("they are waited for");
    let unreachable = SinkError::Unreachable;
    assert_eq!(both, (Err(unreachable), vec![unreachable]));

    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hooks", nobody.local_addr().unwrap());
    drop(nobody);
    assert_eq!(to_webhook(&url, SECRET).await, Err(unreachable));
}

#[tokio::test]
async fn a_credential_that_is_none_is_never_sent() {
    for secret in [
        "unset",
        "",
        " ",
        "whsec_c2hvcnQ=",
        &format!("{SECRET} unset"),
    ] {
        let sent = to_webhook("http://127.0.0.1:1/hooks", secret).await;
        assert_eq!(sent, Err(SinkError::Credential), "{secret:?}");
    }
    let client = SinkClient::new().unwrap();
    let table = AirtableTable::new("http://127.0.0.1:1/v0", BASE_ID, TABLE).unwrap();
    let pace = Pace::default();
    let sink = AirtableSink::new(&client, &table, &pace, "two\nlines".to_owned().into());
    let sent = sink.accept(&result(7, &inventory())).await;
    assert_eq!(sent, Err(SinkError::Credential));
    assert!(!format!("{sink:?}").contains("lines"), "{sink:?}");
}
