//! The behaviour suite of the storage ports, over the real SDK against the embedded services: what a store does is what
//! the domain says.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod parts;
mod quotas;
mod rotation;
mod sessions;
mod vault;

use std::time::Duration;

use dodolens::domain::{session::Session, time::Timestamp};
use dodolens_tests::{
    session::opened,
    stack::{Setup, TestStack},
};

/// When every session of this suite begins: long ago, so that no schedule of the stack takes an interest too early.
const T0: Timestamp = Timestamp::from_millis(1_000_000);

fn after(seconds: u64) -> Timestamp {
    T0 + Duration::from_secs(seconds)
}

/// A stack whose schedules never run: the sessions here belong to no client.
async fn stack() -> TestStack {
    TestStack::start(Setup {
        schedule_scale: 1e6,
        ..Setup::default()
    })
    .await
}

fn session() -> Session {
    opened(T0)
}
