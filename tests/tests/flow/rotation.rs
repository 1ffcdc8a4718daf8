//! The master key is rotated while sessions are at every stage.

use std::{future::Future, time::Duration};

use bytes::Bytes;
use dodolens::{
    app::ports::KeyVault as _,
    domain::session::SessionState,
    wire::{
        http::{SessionCreated, Snapshot},
        problem::ProblemCode,
    },
};
use dodolens_local::{
    peer::{Faults, Hold, PeerOptions},
    video::VideoSpec,
};
use dodolens_tests::{
    inventory::counted,
    stack::{AI_KEY, Setup, TestStack, showing, video},
};
use futures::future::join_all;

/// Sessions at each stage, and jobs at a time.
const EACH: usize = 4;

/// Sessions at one stage with their video, which shows one object.
struct Group {
    object: &'static str,
    video: Bytes,
    sessions: Vec<SessionCreated>,
}

impl Group {
    async fn open(stack: &TestStack, object: &'static str, count: usize) -> Self {
        let spec = VideoSpec {
            seconds: 2.0,
            bitrate: Some(4_000_000),
            ..showing(&[&format!("{object}@living_room")])
        };
        let video = Bytes::from(std::fs::read(video(&spec, ".mp4").await).unwrap());
        let sessions = join_all((0..count).map(|_| stack.open(video.len() as u64))).await;
        let chunks = sessions[0].total_chunks;
        assert!(chunks >= 2, "half of {chunks} can't be uploaded");
        Self {
            object,
            video,
            sessions,
        }
    }

    /// Does something for each session.
    async fn each<'a, T, F: Future<Output = T>>(
        &'a self,
        act: impl Fn(&'a SessionCreated) -> F,
    ) -> Vec<T> {
        join_all(self.sessions.iter().map(act)).await
    }

    async fn upload(&self, stack: &TestStack) {
        self.each(|session| stack.upload(session, &self.video))
            .await;
    }

    async fn upload_half(&self, stack: &TestStack) {
        self.each(async |session| {
            let size = session.chunk_bytes as usize;
            let half = (session.total_chunks / 2) as usize;
            for (index, chunk) in (0..).zip(self.video.chunks(size)).take(half) {
                let put = stack
                    .client
                    .put_chunk(session, index, self.video.slice_ref(chunk));
                put.await.unwrap();
            }
        })
        .await;
    }

    async fn finalize(&self, stack: &TestStack) {
        self.each(async |session| stack.client.finalize(session).await.unwrap())
            .await;
    }

    async fn snapshots(&self, stack: &TestStack) -> Vec<Snapshot> {
        self.each(async |session| stack.client.snapshot(session).await.unwrap().snapshot)
            .await
    }

    /// Waits until all sessions are so; gives them as they are then.
    async fn until(&self, stack: &TestStack, so: impl Fn(&Snapshot) -> bool) -> Vec<Snapshot> {
        let all_so = async {
            loop {
                let snapshots = self.snapshots(stack).await;
                if snapshots.iter().all(&so) {
                    return snapshots;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let all_so = tokio::time::timeout(Duration::from_secs(180), all_so);
        all_so.await.unwrap()
    }

    async fn assert_state(&self, stack: &TestStack, state: SessionState) {
        for snapshot in self.snapshots(stack).await {
            assert_eq!(snapshot.state, state, "{}", self.object);
        }
    }

    /// Waits for the receipts, and checks the inventories and which master key was used.
    async fn assert_complete(&self, stack: &TestStack, key_id: &str) {
        for snapshot in self.until(stack, |session| session.receipt.is_some()).await {
            assert_eq!(snapshot.state, SessionState::Complete, "{}", self.object);
            let result = snapshot.result.unwrap();
            assert_eq!(counted(&result), [(self.object, 1)]);
            assert_eq!(snapshot.receipt.unwrap().statement.key_id, key_id);
        }
    }
}

/// Ends every instance of a function, so that the next ones know no key.
async fn replace(stack: &TestStack, function: &str) {
    while stack.running.cloud.kill_instance(function).await.is_some() {}
}

#[tokio::test]
async fn twenty_sessions_at_every_stage_outlive_a_rotation() {
    let hold = Hold::new();
    let mut peer = PeerOptions::new(AI_KEY);
    peer.vision = Faults {
        hold: Some(hold.clone()),
        ..Faults::default()
    };
    let started = TestStack::start(Setup {
        peer,
        parameters: vec![("MaxConcurrentJobs", EACH.to_string())],
        ..Setup::default()
    })
    .await;
    let stack = &started;
    let cloud = &stack.running.cloud;
    let secret = stack.secret("MasterKey");
    let old = stack.vault().current().await.unwrap().id().to_owned();

    let opened = Group::open(stack, "armchair", EACH).await;
    let half = Group::open(stack, "sofa_3_seat", EACH).await;
    let uploaded = Group::open(stack, "piano_upright", EACH).await;
    let queued = Group::open(stack, "bicycle", EACH).await;
    let processing = Group::open(stack, "wardrobe_2_door", EACH).await;
    let abandoned = Group::open(stack, "armchair", 1).await;
    half.upload_half(stack).await;
    for group in [&uploaded, &queued, &processing] {
        group.upload(stack).await;
    }
    processing.finalize(stack).await;
    let is_processing = |session: &Snapshot| session.state == SessionState::Processing;
    processing.until(stack, is_processing).await;
    queued.finalize(stack).await;

    let stages = [
        (&opened, SessionState::Open),
        (&half, SessionState::Open),
        (&uploaded, SessionState::Open),
        (&queued, SessionState::Queued),
        (&processing, SessionState::Processing),
    ];
    for (group, state) in stages {
        group.assert_state(stack, state).await;
    }
    stack.rotate("MasterKey").await;
    assert!(
        cloud.rotate_secret(&secret).await.is_err(),
        "twice in a row"
    );
    processing
        .assert_state(stack, SessionState::Processing)
        .await;

    hold.release();

    // Functions that know the old version by nothing but its name in the session.
    replace(stack, "ChunkUploadFunction").await;
    replace(stack, "SessionFunction").await;
    let newer = Group::open(stack, "sofa_3_seat", 1).await;
    for group in [&opened, &half, &newer] {
        group.upload(stack).await;
    }
    for group in [&processing, &queued] {
        group.assert_complete(stack, &old).await;
    }
    let busy = || {
        cloud
            .instances("ProcessFunction")
            .iter()
            .any(|each| each.busy)
    };
    while busy() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    replace(stack, "ProcessFunction").await;
    for group in [&opened, &half, &uploaded, &newer] {
        group.finalize(stack).await;
    }
    for group in [&opened, &half, &uploaded] {
        group.assert_complete(stack, &old).await;
    }
    let new = stack.vault().current().await.unwrap().id().to_owned();
    assert_ne!(new, old);
    newer.assert_complete(stack, &new).await;

    // No session can need the old version an hour later, so it goes; what was forgotten under it can't be opened.
    cloud
        .age_secret(&secret, Duration::from_secs(3600))
        .unwrap();
    cloud.run_schedule("RotateKeyFunction").await.unwrap();
    assert!(stack.vault().version(&old).await.unwrap().is_none());
    assert!(stack.vault().version(&new).await.unwrap().is_some());
    replace(stack, "ChunkUploadFunction").await;
    let chunk = abandoned
        .video
        .slice(..abandoned.sessions[0].chunk_bytes as usize);
    let put = stack.client.put_chunk(&abandoned.sessions[0], 0, chunk);
    assert_eq!(put.await.unwrap_err().code(), Some(ProblemCode::Internal));
    stack.rotate("MasterKey").await;
    started.running.shutdown().await;
}
