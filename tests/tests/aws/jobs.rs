//! A job that fails twice.

use aws_sdk_sqs::types::QueueAttributeName;
use dodolens::{
    domain::{receipt::ErasureReason, session::SessionState},
    wire::problem::ProblemCode,
};

use crate::{
    deployment::{Deployment, deployment},
    events::Events,
};

/// The queue's own visibility timeout, and one with which the second try comes soon, in seconds.
const USUAL: &str = "130";
const SHORT: &str = "1";

#[tokio::test]
async fn a_job_that_fails_twice_is_given_up_and_the_client_is_told() {
    let deployed = deployment().await;
    let _nothing_else = deployed.processing.write().await;
    let client = deployed.client();
    let session = deployed.open(256 * 1024).await;
    let mut events = Events::join(&session).await;
    client
        .put_chunk(&session, 0, vec![7; 256 * 1024])
        .await
        .unwrap();

    // No instance of `process` can start.
    deployed.write_secret("AiKey", "no JSON").await;
    deployed.end_instances("ProcessFunction").await;
    visibility(deployed, SHORT).await;
    client.finalize(&session).await.unwrap();
    assert_eq!(events.until("error").await, ["chunk_received", "error"]);
    deployed.write_ai_keys().await;
    visibility(deployed, USUAL).await;

    let snapshot = client.snapshot(&session).await.unwrap().snapshot;
    assert_eq!(snapshot.state, SessionState::Failed);
    assert_eq!(snapshot.problem.unwrap().code, ProblemCode::Internal);
    assert_eq!(
        snapshot.receipt.unwrap().statement.reason,
        ErasureReason::Failed
    );
    assert_eq!(deployed.parts(&session.session_id).await, 0);
}

async fn visibility(deployed: &Deployment, seconds: &str) {
    let queues = aws_sdk_sqs::Client::new(&deployed.ministack.config());
    let set = queues.set_queue_attributes().queue_url(deployed.id("Jobs"));
    let set = set.attributes(QueueAttributeName::VisibilityTimeout, seconds);
    set.send().await.unwrap();
}
