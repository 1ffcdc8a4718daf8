//! The decoder is a process of its own, in a process group of its own. It must not outlive its function.

use std::{fs, time::Duration};

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
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{
    aftermath,
    cell::{hasten, start},
    player::{CHUNK, PATIENCE, Player, until},
    remains,
    scenario::{PROCESS, Scenario},
};

/// `MediaTtlSeconds` and `SessionTtlSeconds`.
const LIVES: (u32, u32) = (15, 18);

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

/// Waits for a child of `process` while the session is processed, and stops it, so that it can't end by itself.
async fn stop_decoder(stack: &TestStack, session: SessionId) -> i32 {
    let instances = || stack.running.cloud.instances(PROCESS);
    loop {
        let child = instances()
            .into_iter()
            .find_map(|instance| child_of(instance.pid?.cast_signed()));
        // Before that, `process` tries the jail when it starts.
        if let Some(pid) = child
            && stack.sessions().load(session).await.unwrap().unwrap().state
                == SessionState::Processing
            && kill(Pid::from_raw(pid), Signal::SIGSTOP).is_ok()
            && until(Duration::from_secs(1), async || {
                stat(pid).is_none_or(|(state, _)| state == 'T')
            })
            .await
            .is_ok()
            && stat(pid).is_some()
        {
            return pid;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
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
    let stack = start(Scenario::Completes, &gate, LIVES, Some(hasten)).await;
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
    let decoder = tokio::time::timeout(PATIENCE, stop_decoder(&stack, id));
    let decoder = decoder.await.expect("a decoder is seen");

    let function = stack.running.cloud.kill_instance(PROCESS).await.unwrap();
    assert_eq!(stat(function.cast_signed()), None, "the function is gone");
    let gone = async || stat(decoder).is_none();
    let ended = until(Duration::from_secs(5), gone).await;
    let parts = video.len().div_ceil(CHUNK as usize);
    let left = remains::of(&stack, &video).await;
    assert!(left.readable >= parts, "{left:?}");
    ended.expect("the decoder is gone");
    aftermath::all_goes(&stack, &video).await.unwrap();
    stack.running.shutdown().await;
}
