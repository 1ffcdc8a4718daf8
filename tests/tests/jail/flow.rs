//! From an upload to the problem, over the real bootstraps: what reaches out gets nowhere, the client is told, and
//! nothing is left.

use std::{
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use dodolens::{
    domain::{receipt::ErasureReason, session::SessionState},
    wire::problem::ProblemCode,
};
use dodolens_tests::{
    media::{encoder, run_ffmpeg},
    stack::{Setup, TestStack},
};
use tempfile::TempPath;

use super::{
    reaching::{playlists, videos},
    stand_in::{FAULT, StandIn, VIDEO},
};

/// For what ends soon, on however slow a machine.
const SOME_TIME: Duration = Duration::from_secs(120);

/// A file of these bytes that is called an MP4.
fn called_mp4(bytes: &[u8]) -> TempPath {
    called(".mp4", bytes)
}

fn called(ending: &str, bytes: &[u8]) -> TempPath {
    let file = tempfile::Builder::new().suffix(ending).tempfile().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    file.into_temp_path()
}

fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Sends a video and checks that it fails with one of `codes`, and that everything is destroyed.
async fn fails(stack: &TestStack, name: &str, video: &Path, codes: &[ProblemCode]) {
    let snapshot = stack.analyze(video).await.last.snapshot;
    assert_eq!(snapshot.state, SessionState::Failed, "{name}");
    let code = snapshot.problem.unwrap().code;
    assert!(codes.contains(&code), "{name}: {code:?}");
    assert_eq!(
        snapshot.receipt.unwrap().statement.reason,
        ErasureReason::Failed
    );
    assert_eq!(stack.parts().await, 0, "{name}: parts are left");
}

#[tokio::test]
async fn a_hostile_decoder_costs_a_session_and_no_more() {
    let (listener, port) = listener();
    let layer = StandIn::layer(&format!("tcp,{port}"));
    let program = layer.path().join("bin/ffmpeg");
    Command::new(program)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(listener.accept().is_ok(), "outside it gets through");

    let stack = TestStack::start(Setup {
        layers: Some(layer.path()),
        ..Setup::default()
    })
    .await;
    let video = called_mp4(&VIDEO);
    fails(&stack, "hostile", &video, &[ProblemCode::DecoderFailed]).await;
    assert!(listener.accept().is_err(), "a connection from the jail");
    let logged = stack.logged();
    assert!(logged.contains("the decoder was killed by its jail"));
    assert!(!logged.contains("the kernel refuses"), "all measures hold");
    stack.running.shutdown().await;
}

#[tokio::test]
async fn the_playlists_do_reach_out_when_they_may() {
    let (listener, port) = listener();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    for (name, text) in playlists(port) {
        // The name by which ffmpeg itself knows the first two.
        let file = called(".m3u8", text.as_bytes());
        let _child = tokio::process::Command::new(encoder())
            .args(["-nostdin", "-loglevel", "quiet", "-safe", "0"])
            .args(["-protocol_whitelist", "file,http,tcp,crypto,data", "-i"])
            .arg(&file)
            .args(["-f", "null", "-"])
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let reached = tokio::time::timeout(SOME_TIME, listener.accept()).await;
        assert!(reached.is_ok(), "{name}");
    }
}

#[tokio::test]
async fn videos_that_reach_out_or_are_absurd() {
    let (listener, port) = listener();
    let stack = TestStack::start(Setup::default()).await;
    for (name, text) in playlists(port) {
        let video = called_mp4(text.as_bytes());
        fails(&stack, name, &video, &[ProblemCode::MediaUnreadable]).await;
    }
    let source = "-f lavfi -i color=gray:s=320x240:r=10:d=2 -c:v libx264 -g 1 -an -movflags";
    let indexed = run_ffmpeg(b"", &format!("{source} +faststart"), "mp4");
    let fragments = run_ffmpeg(b"", &format!("{source} +frag_keyframe+empty_moov"), "mp4");
    let matroska = run_ffmpeg(&indexed, "-i INPUT -c:v mjpeg", "mkv");
    for (name, bytes, codes) in videos(&indexed, &fragments, &matroska, port) {
        fails(&stack, name, &called_mp4(&bytes), codes).await;
    }
    assert!(listener.accept().is_err(), "something was fetched");
    assert!(
        !stack.logged().contains(FAULT),
        "ffmpeg itself was well-behaved"
    );
    stack.running.shutdown().await;
}
