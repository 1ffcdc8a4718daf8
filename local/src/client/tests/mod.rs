mod events;
pub(crate) mod script;
pub(crate) mod server;

use std::{collections::VecDeque, io::Write as _, time::Instant};

use dodolens::{domain::session::SessionState, wire::problem::ProblemCode};
use tempfile::NamedTempFile;

use super::*;
use crate::fixture;
use script::Script;
use server::{ID, Server};

const CHUNK: usize = 256 * 1024;

fn video(bytes: usize) -> (NamedTempFile, Vec<u8>) {
    let content: Vec<u8> = (0..bytes).map(|n| (n / 7 % 251) as u8).collect();
    let mut file = tempfile::Builder::new().suffix(".mp4").tempfile().unwrap();
    file.write_all(&content).unwrap();
    (file, content)
}

/// Polls so rarely that only events can end a test in time.
fn client(server: &Server) -> Client {
    let mut client = Client::new(server.url.clone()).unwrap();
    client.timing.poll_connected = Duration::from_secs(60);
    client.timing.poll_disconnected = Duration::from_secs(60);
    client.timing.retry_min = Duration::from_millis(10);
    client
}

fn options() -> Options {
    Options {
        timeout: Duration::from_secs(120),
        ..Options::default()
    }
}

async fn analyze(
    client: &Client,
    options: &Options,
) -> (Result<Outcome, ClientError>, Vec<Report>, Vec<u8>) {
    let (file, content) = video(8 * CHUNK + 5);
    let video = VideoFile::open(file.path()).unwrap();
    let mut reports = vec![];
    let outcome = client
        .analyze(&video, options, &mut |report| reports.push(report))
        .await;
    (outcome, reports, content)
}

#[tokio::test]
async fn who_opens_a_session_shows_its_jwt_and_nothing_else_does() {
    let server = server::start(Script::default()).await;
    let signed_in = client(&server).with_jwt("header.claims.signature").unwrap();
    assert!(!format!("{signed_in:?}").contains("claims"));
    // The server takes nothing but the session's own token for the rest.
    analyze(&signed_in, &options()).await.0.unwrap();
    let by = server.seen.lock().unwrap().opened_by.clone();
    assert_eq!(by.as_deref(), Some("Bearer header.claims.signature"));
    let refused = client(&server).with_jwt("two\nlines");
    assert!(matches!(refused, Err(ClientError::Jwt)));
}

fn stored(server: &Server) -> Vec<u8> {
    let seen = server.seen.lock().unwrap();
    seen.chunks.values().flatten().copied().collect()
}

#[tokio::test]
async fn a_video_goes_up_in_parallel_and_its_inventory_comes_by_event() {
    let server = server::start(Script {
        meet: 4,
        ..Script::default()
    })
    .await;
    let options = Options {
        parallel: Some(64),
        locale: Locale::Fr,
        ..options()
    };
    let (outcome, reports, content) = analyze(&client(&server), &options).await;
    let outcome = outcome.unwrap();
    assert_eq!(outcome.inventory, Some(fixture::inventory()));
    assert_eq!(outcome.last.snapshot.state, SessionState::Complete);
    assert_eq!(
        serde_json::to_string(&outcome.last.snapshot).unwrap(),
        outcome.last.body
    );
    assert_eq!(stored(&server), content);
    let total = content.len() as u64;
    assert!(reports.contains(&Report::Uploaded {
        bytes: total,
        total
    }));
    let seen = server.seen.lock().unwrap();
    assert_eq!(seen.most_in_flight, 4, "no more than maxParallel");
    assert!(seen.snapshots <= 4, "{} polls", seen.snapshots);
    assert!(!seen.arrivals.is_sorted(), "{:?}", seen.arrivals);
    let created = seen.created.as_ref().unwrap();
    assert_eq!(created.locale.as_deref(), Some("fr"));
    assert_eq!(created.content_type, "video/mp4");
}

#[tokio::test]
async fn one_at_a_time_when_asked_to() {
    let server = server::start(Script::default()).await;
    let options = Options {
        parallel: Some(1),
        chunk_bytes: Some(512 * 1024),
        ..options()
    };
    let (outcome, _, content) = analyze(&client(&server), &options).await;
    outcome.unwrap();
    assert_eq!(stored(&server), content);
    let seen = server.seen.lock().unwrap();
    assert_eq!((seen.most_in_flight, seen.chunks.len()), (1, 5));
}

#[tokio::test]
async fn a_chunk_is_sent_again_after_what_may_pass_and_no_sooner_than_asked() {
    let faults = VecDeque::from([(503, None), (429, Some("1"))]);
    let server = server::start(Script {
        chunk_faults: [(2, faults)].into(),
        ..Script::default()
    })
    .await;
    let begin = Instant::now();
    let (outcome, reports, content) = analyze(&client(&server), &options()).await;
    outcome.unwrap();
    assert!(begin.elapsed() >= Duration::from_secs(1));
    assert_eq!(stored(&server), content);
    let retried = reports
        .iter()
        .filter(|report| matches!(report, Report::Retrying { what: "chunk", .. }));
    assert_eq!(retried.count(), 2);
}

#[tokio::test]
async fn what_outlasts_the_retries_is_resumed_from_the_snapshot() {
    let server = server::start(Script {
        chunk_faults: [(5, VecDeque::from([(500, None); 3]))].into(),
        ..Script::default()
    })
    .await;
    let mut client = client(&server);
    client.timing.retries = 1;
    let (outcome, _, content) = analyze(&client, &options()).await;
    outcome.unwrap();
    assert_eq!(stored(&server), content);
    let seen = server.seen.lock().unwrap();
    assert_eq!(seen.finalizes, 1);
    let sent: std::collections::BTreeSet<_> = seen.arrivals.iter().collect();
    assert_eq!(sent.len(), seen.arrivals.len(), "{:?}", seen.arrivals);
}

#[tokio::test]
async fn a_refusal_is_final() {
    for (refusal, retry_after) in [(413, None), (429, Some("61"))] {
        let server = server::start(Script {
            chunk_faults: [(0, VecDeque::from([(refusal, retry_after)]))].into(),
            ..Script::default()
        })
        .await;
        let (outcome, ..) = analyze(&client(&server), &options()).await;
        assert!(
            matches!(outcome, Err(ClientError::Status { status, .. }) if status == refusal),
            "{outcome:?}"
        );
        assert_eq!(server.seen.lock().unwrap().finalizes, 0);
    }
}

#[tokio::test]
async fn chunks_that_finalize_misses_are_sent_again() {
    let server = server::start(Script {
        lose: Some(3),
        ..Script::default()
    })
    .await;
    let (outcome, _, content) = analyze(&client(&server), &options()).await;
    outcome.unwrap();
    assert_eq!(stored(&server), content);
    let seen = server.seen.lock().unwrap();
    assert_eq!((seen.finalizes, seen.arrivals.len()), (2, 10));
    assert_eq!(seen.arrivals.last(), Some(&3));
}

#[tokio::test]
async fn a_dropped_socket_is_opened_and_joined_again() {
    let server = server::start(Script {
        joins: 2,
        drops: 1,
        ..Script::default()
    })
    .await;
    let (outcome, reports, _) = analyze(&client(&server), &options()).await;
    assert!(outcome.unwrap().inventory.is_some());
    assert_eq!(server.seen.lock().unwrap().joins, 2);
    let ups = reports.iter().filter(|r| **r == Report::Connected).count();
    assert_eq!((ups, reports.contains(&Report::Disconnected)), (2, true));
}

#[tokio::test]
async fn a_silent_socket_is_pinged() {
    let server = server::start(Script {
        joins: 2,
        ..Script::default()
    })
    .await;
    let mut client = client(&server);
    client.timing.ping_every = Duration::from_millis(50);
    let options = Options {
        timeout: Duration::from_secs(15),
        ..options()
    };
    let (outcome, reports, _) = analyze(&client, &options).await;
    assert!(matches!(outcome, Err(ClientError::TimedOut(_))));
    let pongs = reports.iter().filter(|report| {
        matches!(report, Report::Event(event) if event.event == dodolens::wire::ws::Event::Pong {})
    });
    assert!(pongs.count() >= 3);
    assert!(!reports.contains(&Report::Disconnected));
}

#[tokio::test]
async fn a_failed_session_is_an_outcome_with_its_problem() {
    let server = server::start(Script {
        failure: Some(ProblemCode::MediaUnreadable),
        ..Script::default()
    })
    .await;
    let (outcome, ..) = analyze(&client(&server), &options()).await;
    let outcome = outcome.unwrap();
    assert_eq!(outcome.inventory, None);
    let problem = outcome.last.snapshot.problem.unwrap();
    assert_eq!(problem.code, ProblemCode::MediaUnreadable);
}

#[tokio::test]
async fn without_a_socket_it_polls() {
    let server = server::start(Script {
        joins: 0,
        snapshots: 4,
        ..Script::default()
    })
    .await;
    let mut client = client(&server);
    client.timing.poll_disconnected = Duration::from_millis(50);
    let (file, content) = video(CHUNK);
    let video = VideoFile::open(file.path()).unwrap();
    let mut session = client.open(&video, &options(), &mut |_| {}).await.unwrap();
    session.websocket_url = format!("ws://{}/nowhere", server.url.authority());
    let outcome = client
        .follow(&session, &video, &options(), &mut |_| {})
        .await;
    assert_eq!(outcome.unwrap().inventory, Some(fixture::inventory()));
    assert_eq!(stored(&server), content);
}

#[tokio::test]
async fn an_inventory_that_is_not_kept_is_taken_from_its_event() {
    let server = server::start(Script {
        keeps_result: false,
        ..Script::default()
    })
    .await;
    let (outcome, ..) = analyze(&client(&server), &options()).await;
    let outcome = outcome.unwrap();
    assert_eq!(outcome.last.snapshot.result, None);
    assert_eq!(outcome.inventory, Some(fixture::inventory()));
}

#[tokio::test]
async fn a_wrong_token_is_a_problem_and_erasing_gives_the_receipt() {
    let server = server::start(Script::default()).await;
    let client = client(&server);
    let (file, _) = video(10);
    let video = VideoFile::open(file.path()).unwrap();
    let session = client.open(&video, &options(), &mut |_| {}).await.unwrap();
    let mut stranger = session.clone();
    stranger.token = "8".repeat(64);
    let refused = client.snapshot(&stranger).await.unwrap_err();
    assert_eq!(refused.code(), Some(ProblemCode::SessionNotFound));
    assert!(!format!("{refused:?} {refused}").contains(&stranger.token));
    let refused = client.connect(&stranger).await.err().unwrap();
    assert!(!refused.is_transient());
    assert!(!format!("{refused:?} {refused}").contains(&stranger.token));
    assert_eq!(
        client.erase(&session).await.unwrap().statement.session_id,
        ID
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error_in_time() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let mut client = Client::new(url.parse().unwrap()).unwrap();
    client.timing.retry_min = Duration::from_millis(1);
    let (outcome, reports, _) = analyze(&client, &options()).await;
    assert!(matches!(outcome, Err(ClientError::Transport(_))));
    assert_eq!(reports.len(), client.timing.retries);
}
