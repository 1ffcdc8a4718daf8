//! The decoder is a process of its own, in a process group of its own. It must not outlive its function.

use std::{
    fs,
    time::{Duration, Instant},
};

use bytes::Bytes;
use dodolens::{
    domain::{ids::SessionId, session::SessionState},
    ports::SessionStore as _,
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
const LIVES: (u32, u32) = (15, 18);

/// How long a decoder may outlive its function.
const OUTLIVES: Duration = Duration::from_secs(10);

/// Time between two looks at it.
const LOOK: Duration = Duration::from_millis(5);

/// State and parent of a process, if it lives.
/// <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>
fn stat(pid: i32) -> Option<(char, i32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before it may hold anything.
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let state = fields.next()?.chars().next()?;
    // A zombie is dead; who inherits it may never ask.
    (state != 'Z').then_some((state, fields.next()?.parse().ok()?))
}

fn child_of(parent: i32) -> Option<i32> {
    let processes = fs::read_dir("/proc").unwrap();
    let mut pids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.find(|pid| stat(*pid).is_some_and(|(_, its)| its == parent))
}

/// Waits for a child of `process` while the session is processed, and holds it, so that it can't end by itself.
async fn hold_decoder(stack: &TestStack, session: SessionId) -> Held {
    let instances = || stack.running.cloud.instances(PROCESS);
    loop {
        let child = instances()
            .into_iter()
            .find_map(|instance| child_of(instance.pid?.cast_signed()));
        // Before that, `process` tries the jail when it starts.
        if let Some(pid) = child
            && stack.sessions().load(session).await.unwrap().unwrap().state
                == SessionState::Processing
            && let Some(held) = Held::hold(Pid::from_raw(pid)).await
        {
            return held;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// A process in a stop of ptrace(2), out of which nothing but SIGKILL wakes it. After SIGSTOP the end of its parent would
/// orphan its process group, and the kernel would send it SIGHUP.
struct Held {
    ended: JoinHandle<Option<Signal>>,
}

impl Held {
    async fn hold(pid: Pid) -> Option<Self> {
        let (held, holds) = oneshot::channel();
        // All calls on a process that is held come from one thread.
        let ended = tokio::task::spawn_blocking(move || {
            ptrace::seize(pid, Options::empty()).ok()?;
            ptrace::interrupt(pid).ok()?;
            waitpid(pid, Some(WaitPidFlag::__WALL)).ok()?;
            held.send(()).ok()?;
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
        });
        holds.await.ok()?;
        Some(Self { ended })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_decoder_ends_with_its_function_and_nothing_stays() {
    let spec = VideoSpec {
        seconds: 2.0,
        size: (1920, 1080),
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
    assert_eq!(stat(function.cast_signed()), None, "the function is gone");
    let ended = decoder.ended.await.unwrap();
    assert_eq!(ended, Some(Signal::SIGKILL), "the decoder outlives it");
    let parts = video.len().div_ceil(CHUNK as usize);
    let left = remains::of(&stack, &video).await;
    assert!(left.readable >= parts, "{left:?}");
    aftermath::all_goes(&stack, &video).await.unwrap();
    stack.running.shutdown().await;
}
