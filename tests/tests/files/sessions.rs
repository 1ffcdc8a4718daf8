//! The system calls of the function and of ffmpeg, for each end that a video may find.

use std::time::Duration;

use bytes::Bytes;
use dodolens::{
    domain::session::SessionState,
    wire::{http::Snapshot, problem::ProblemCode},
};
use dodolens_local::{
    peer::{Failures, Faults, PeerOptions},
    video::{Codec, Container, VideoSpec},
};
use dodolens_tests::{
    media::run_ffmpeg,
    stack::{AI_KEY, showing, video},
    watch::{End, Line, Process, Role},
};

use super::support::{Expected, WatchedStack, end_of, send, until};

const KILLED: End = End::Signal(9);

/// Pictures out of a small file that the function wrote, on a pipe.
const INDEXED: Expected = Expected {
    memory_files: 1,
    decoders: &["-version", "mpjpeg", "pipe:0"],
};
/// Pictures and sound out of the whole video, in a memory file.
const WHOLE: Expected = Expected {
    memory_files: 2,
    decoders: &["-version", "framecrc", "mpjpeg"],
};

fn spoken() -> VideoSpec {
    VideoSpec {
        seconds: 6.0,
        say: Some("Two bicycles in the cellar.".into()),
        ..showing(&["armchair@living_room"])
    }
}

async fn mp4() -> Bytes {
    std::fs::read(video(&spoken(), ".mp4").await)
        .unwrap()
        .into()
}

async fn webm() -> Bytes {
    let spec = VideoSpec {
        codec: Codec::Vp9,
        container: Container::Webm,
        ..spoken()
    };
    std::fs::read(video(&spec, ".webm").await).unwrap().into()
}

/// A video of which every picture needs all before it, so that ffmpeg has a second or more to do.
fn chained(options: &str) -> Bytes {
    let source = "-f lavfi -i testsrc2=s=1280x720:r=30:d=30";
    let coding = "-c:v libx264 -preset ultrafast -g 100000 -keyint_min 100000 -an";
    run_ffmpeg(b"", &format!("{source} {coding} {options}"), "mp4").into()
}

fn peer(vision: Faults, transcription: Faults) -> PeerOptions {
    PeerOptions {
        vision,
        transcription,
        ..PeerOptions::new(AI_KEY)
    }
}

fn healthy() -> PeerOptions {
    PeerOptions::new(AI_KEY)
}

fn dead() -> Faults {
    Faults {
        fail: Some(Failures {
            status: 400,
            requests: None,
        }),
        ..Faults::default()
    }
}

#[tokio::test]
async fn an_mp4_in_pieces() {
    let watched = WatchedStack::start(healthy()).await;
    let session = send(&watched.stack, "video/mp4", &mp4().await).await;
    let snapshot = end_of(&watched.stack, &session).await;
    assert_eq!(snapshot.state, SessionState::Complete);
    assert_eq!(snapshot.result.unwrap().objects().len(), 2);
    watched.wrote_no_file(&INDEXED).await;
}

#[tokio::test]
async fn a_webm_as_a_whole() {
    let watched = WatchedStack::start(healthy()).await;
    let session = send(&watched.stack, "video/webm", &webm().await).await;
    let snapshot = end_of(&watched.stack, &session).await;
    assert_eq!(snapshot.state, SessionState::Complete);
    assert_eq!(snapshot.result.unwrap().objects().len(), 2);
    watched.wrote_no_file(&WHOLE).await;
}

#[tokio::test]
async fn a_video_that_is_broken() {
    let whole = mp4().await;
    // Without its index, which stands at its end.
    let broken = whole.slice(..whole.len() / 2);
    let watched = WatchedStack::start(healthy()).await;
    let session = send(&watched.stack, "video/mp4", &broken).await;
    let problem = end_of(&watched.stack, &session).await.problem.unwrap();
    assert_eq!(problem.code, ProblemCode::MediaUnreadable);
    let expected = Expected {
        memory_files: 2,
        decoders: &["-version", "framecrc"],
    };
    watched.wrote_no_file(&expected).await;
}

#[tokio::test]
async fn an_ai_that_is_dead() {
    let watched = WatchedStack::start(peer(dead(), dead())).await;
    let session = send(&watched.stack, "video/mp4", &mp4().await).await;
    let problem = end_of(&watched.stack, &session).await.problem.unwrap();
    assert_eq!(problem.code, ProblemCode::AnalysisUnavailable);
    watched.wrote_no_file(&INDEXED).await;
}

/// How long a process has computed, seconds: field 14 of its stat in ticks of 10 ms (proc_pid_stat(5)).
fn computed(process: Process) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.id)).ok()?;
    let (_, after_name) = stat.rsplit_once(") ")?;
    let ticks: u32 = after_name.split(' ').nth(11)?.parse().ok()?;
    Some(f64::from(ticks) / 100.0)
}

/// Kills the function, and nothing else, when an ffmpeg has begun to decode. Gives how that ffmpeg ended: were it to live
/// on, the watch would not come to its end.
async fn killed_while_decoding(video: &Bytes, expected: &Expected) -> End {
    let watched = WatchedStack::start(healthy()).await;
    send(&watched.stack, "video/mp4", video).await;
    let decoder = watched.watch.wait_for(|function| {
        // Not the first film, when the function starts, whose pictures are smaller.
        let decodes = |arguments: &[String]| {
            let has = |part: &str| arguments.iter().any(|word| word.contains(part));
            has("mpjpeg") && has("min(1024,")
        };
        // Not that of the one key either, which is soon done.
        let busy = |decoder| computed(decoder).is_some_and(|seconds| seconds >= 0.1);
        let mut began = function.began();
        let (decoder, _) =
            began.find(|(decoder, arguments)| decodes(arguments) && busy(*decoder))?;
        function.kill();
        Some(decoder)
    });
    let decoder = decoder.await;
    let functions = watched.wrote_no_file(expected).await;
    let mut ends = functions.iter().flat_map(|it| it.ends(Role::Function));
    assert!(ends.all(|end| end == KILLED));
    let mut lines = functions.iter().flat_map(|it| &it.lines);
    let end = lines.find_map(|line| match line {
        Line::Ended { process, how, .. } if *process == decoder => Some(*how),
        _ => None,
    });
    end.expect("ffmpeg ends")
}

#[tokio::test]
async fn a_kill_while_pictures_are_decoded_from_a_pipe() {
    // Its input ends with the function, so it can't go on; it may even end by itself before the kernel kills it.
    killed_while_decoding(&chained(""), &INDEXED).await;
}

#[tokio::test]
async fn a_kill_while_pictures_are_decoded_from_a_memory_file() {
    let fragmented = chained("-movflags frag_keyframe+empty_moov");
    let end = killed_while_decoding(&fragmented, &WHOLE).await;
    assert_eq!(end, KILLED);
}

#[tokio::test]
async fn a_kill_while_the_ai_has_the_pictures() {
    let slow = Faults {
        delay: Duration::from_secs(60),
        ..Faults::default()
    };
    let watched = WatchedStack::start(peer(slow, Faults::default())).await;
    let session = send(&watched.stack, "video/mp4", &mp4().await).await;
    // The sound has come back, the pictures are at the AI.
    let half_done = |snapshot: &Snapshot| {
        snapshot
            .progress
            .is_some_and(|progress| progress.fraction > 0.6)
    };
    until(&watched.stack, &session, half_done).await;
    let functions = watched.wrote_no_file(&INDEXED).await;
    let ends = functions.iter().flat_map(|it| it.ends(Role::Function));
    assert_eq!(ends.collect::<Vec<_>>(), [KILLED]);
}
