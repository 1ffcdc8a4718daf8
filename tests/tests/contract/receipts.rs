use dodolens::{
    crypto::receipt::{JwkSet, NotVerified},
    domain::receipt::ErasureReason,
};
use dodolens_tests::stack::{Setup, TestStack};
use reqwest::{Method, StatusCode};
use serde_json::{Map, Value};

use crate::support::{CHUNK, Raw, send};

/// A receipt as it came, and the keys published at that time.
async fn erased(stack: &TestStack, raw: &Raw) -> (Map<String, Value>, JwkSet) {
    let session = stack.open(CHUNK as u64).await;
    let answer = send(raw.on(&session, Method::DELETE, "")).await;
    let Value::Object(receipt) = answer.json() else {
        panic!("a receipt is an object");
    };
    (receipt, stack.client.receipt_keys().await.unwrap())
}

#[tokio::test]
async fn a_receipt_can_be_checked_by_anyone_and_outlives_its_key() {
    let stack = TestStack::start(Setup::default()).await;
    let raw = Raw::of(&stack);
    let keys = send(raw.request(Method::GET, "/v1/receipt-keys")).await;
    assert_eq!(keys.status, StatusCode::OK);

    let (receipt, first) = erased(&stack, &raw).await;
    let statement = first.verify(&receipt).unwrap();
    assert_eq!(statement.reason, ErasureReason::Requested);
    assert_eq!(statement.bytes, CHUNK as u64);
    let mut forged = receipt.clone();
    forged["reason"] = "completed".into();
    assert_eq!(first.verify(&forged), Err(NotVerified::Forged));

    stack.rotate("ReceiptKey").await;
    // Instances that run keep the key that they have for a minute.
    while stack
        .running
        .cloud
        .kill_instance("SessionFunction")
        .await
        .is_some()
    {}
    let (later, second) = erased(&stack, &raw).await;
    assert_eq!(second.keys.len(), 2);
    assert_eq!(second.keys[1], first.keys[0]);
    second.verify(&receipt).unwrap();
    second.verify(&later).unwrap();
    assert_eq!(first.verify(&later), Err(NotVerified::UnknownKey));
    stack.running.shutdown().await;
}
