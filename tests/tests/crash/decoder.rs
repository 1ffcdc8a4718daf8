//! The decoder is a process of its own, in a process group of its own. It must not outlive its function.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use bytes::Bytes;
use dodolens::{
    app::ports::SessionStore as _,
    domain::{ids::SessionId, session::SessionState},
};
use dodolens_local::video::VideoSpec;
use dodolens_tests::{
    gate::Gate,
    stack::{TestStack, showing, video},
};
use nix::{
    sys::{
        ptrace::{self, Options},
        signal::{Signal, kill},
        wait::{WaitPidFlag, WaitStatus, waitpid},
    },
    unistd::Pid,
};
use tokio::{sync::oneshot, task::JoinHandle};

use crate::{
    aftermath,
    cell::{hasten, start},
    player::{CHUNK, PATIENCE, Player},
    remains,
    scenario::{PROCESS, Scenario},
};

/// `MediaTtlSeconds` and `SessionTtlSeconds`.
const LIVES: (u32, u32) = (60, 70);

/// How long a decoder may outlive its function.
const OUTLIVES: Duration = Duration::from_secs(120);

/// Time between two looks at it.
const LOOK: Duration = Duration::from_millis(2);

/// A child of a process. <https://man7.org/linux/man-pages/man5/proc_tid_children.5.html>
fn child_of(parent: u32) -> Option<Pid> {
    let threads = fs::read_dir(format!("/proc/{parent}/task")).ok()?;
    let children = threads.filter_map(|thread| {
        let children = thread.ok()?.path().join("children");
        let children = fs::read_to_string(children).ok()?;
        children.split_whitespace().next()?.parse().ok()
    });
    children.map(Pid::from_raw).next()
}

/// Holds the child that `process` has while the session is processed, so that it can't end by itself.
async fn hold_decoder(stack: &TestStack, session: SessionId) -> Held {
    let instances = || stack.running.cloud.instances(PROCESS).into_iter();
    loop {
        let child = instances().find_map(|instance| child_of(instance.pid?));
        if let Some(pid) = child
            && let Some(mut held) = Held::hold(pid).await
        {
            let session = stack.sessions().load(session).await.unwrap().unwrap();
            // When it starts, `process` tries the jail.
            let decodes = session.state == SessionState::Processing;
            held.keep(decodes);
            if decodes {
                return held;
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// A process in a stop of ptrace(2), out of which nothing but SIGKILL wakes it. After SIGSTOP the end of its parent would
/// orphan its process group, and the kernel would send it SIGHUP.
struct Held {
    keep: Option<oneshot::Sender<bool>>,
    ended: JoinHandle<Option<Signal>>,
}

impl Held {
    async fn hold(pid: Pid) -> Option<Self> {
        let (held, holds) = oneshot::channel();
        let (keep, kept) = oneshot::channel();
        // All calls on a process that is held come from one thread.
        let ended = tokio::task::spawn_blocking(move || {
            ptrace::seize(pid, Options::empty()).ok()?;
            ptrace::interrupt(pid).ok()?;
            let stop = waitpid(pid, Some(WaitPidFlag::__WALL)).ok()?;
            if !matches!(stop, WaitStatus::PtraceEvent(..)) {
                return None;
            }
            held.send(()).ok()?;
            if kept.blocking_recv() != Ok(true) {
                ptrace::detach(pid, None).ok()?;
                return None;
            }
            what_ended(pid)
        });
        holds.await.ok()?;
        Some(Self {
            keep: Some(keep),
            ended,
        })
    }

    /// Whether it is the one; if not, it goes on.
    fn keep(&mut self, keep: bool) {
        if let Some(sender) = self.keep.take() {
            let _ = sender.send(keep);
        }
    }
}

/// Waits for the signal that ends a process which is held.
fn what_ended(pid: Pid) -> Option<Signal> {
    let deadline = Instant::now() + OUTLIVES;
    while Instant::now() < deadline {
        match waitpid(pid, Some(WaitPidFlag::__WALL | WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Signaled(_, signal, _)) => return Some(signal),
            Ok(WaitStatus::StillAlive) => std::thread::park_timeout(LOOK),
            _ => return None,
        }
    }
    // It would stay for ever.
    let _ = kill(pid, Signal::SIGKILL);
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn the_decoder_ends_with_its_function_and_nothing_stays() {
    let spec = VideoSpec {
        seconds: 2.0,
        size: (3840, 2160),
        fps: 5.0,
        ..showing(&["sofa_3_seat@living_room"])
    };
    let video = Bytes::from(fs::read(video(&spec, ".mp4").await).unwrap());
    let gate = Gate::start(None).await;
    let stack = start(Scenario::Completes, &gate, LIVES, hasten).await;
    let player = Player {
        stack: &stack,
        video: &video,
        tries: 1,
    };
    let session = player.open().await.unwrap();
    player.upload(&session, usize::MAX).await.unwrap();
    player
        .again(|| stack.client.finalize(&session))
        .await
        .unwrap();
    let id = session.session_id.parse().unwrap();
    let decoder = tokio::time::timeout(PATIENCE, hold_decoder(&stack, id));
    let decoder = decoder.await.expect("a decoder is seen");

    let function = stack.running.cloud.kill_instance(PROCESS).await.unwrap();
    let function = format!("/proc/{function}");
    assert!(!Path::new(&function).exists(), "the function is gone");
    let ended = decoder.ended.await.unwrap();
    assert_eq!(ended, Some(Signal::SIGKILL), "the decoder outlives it");
    let parts = video.len().div_ceil(CHUNK as usize);
    let left = remains::of(&stack, &video).await;
    assert!(left.readable >= parts, "{left:?}");
    aftermath::all_goes(&stack, &video).await.unwrap();
    stack.running.shutdown().await;
}
