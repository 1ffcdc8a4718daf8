//! A stack of which the process function runs under the watch.

use std::time::Duration;

use bytes::Bytes;
use dodolens::wire::http::{CreateSession, SessionCreated, Snapshot};
use dodolens_local::peer::PeerOptions;
use dodolens_tests::{
    stack::{Setup, TestStack},
    watch::{Line, Role, Touch, Watch, Watched, What},
};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

/// Longest that a session may take.
const WITHIN: Duration = Duration::from_secs(120);
/// Between two looks at a session.
const PAUSE: Duration = Duration::from_millis(20);

/// What is to be seen of a function in its log beside files: this many memory files, and these programs' arguments.
pub struct Expected {
    /// One is made, and closed, when a function starts, to see whether there are any; one for a video as a whole.
    pub memory_files: usize,
    /// Each in the arguments of an ffmpeg.
    pub decoders: &'static [&'static str],
}

/// A stack with its watch.
pub struct WatchedStack {
    pub stack: TestStack,
    pub watch: Watch,
    /// Where the functions would put temporary files, and what they take for their user's home.
    places: TempDir,
}

impl WatchedStack {
    pub async fn start(peer: PeerOptions) -> Self {
        let watch = Watch::new(env!("CARGO_BIN_EXE_watch_syscalls"));
        let places = TempDir::new().unwrap();
        let place = places.path().to_str().unwrap();
        let stack = TestStack::start(Setup {
            peer,
            environment: vec![("TMPDIR", place.to_owned()), ("HOME", place.to_owned())],
            wrappers: vec![("ProcessFunction", watch.command())],
            ..Setup::default()
        })
        .await;
        Self {
            stack,
            watch,
            places,
        }
    }

    /// Kills what still runs, and checks that of all that ran no process touched a file, and that all of it was watched.
    pub async fn wrote_no_file(self, expected: &Expected) -> Vec<Watched> {
        let functions = self.watch.end().await;
        self.stack.running.shutdown().await;
        assert!(!functions.is_empty(), "no function was watched");
        for function in &functions {
            assert_eq!(files(function), Vec::<&Touch>::new(), "files were touched");
        }
        // Another may have been ended while it started.
        let worked: Vec<_> = functions.iter().filter(|it| has_worked(it)).collect();
        assert!(!worked.is_empty(), "no function did anything");
        worked.iter().for_each(|it| was_watched(it, expected));
        let left: Vec<_> = std::fs::read_dir(self.places.path()).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
        functions
    }
}

/// What a function and its ffmpeg did to anything that is not in memory. `/dev/null` is what they are given for standard
/// streams that nobody reads.
fn files(function: &Watched) -> Vec<&Touch> {
    let harmless = |touch: &Touch| match touch.what {
        Some(What::Memory) => true,
        Some(What::Device) => touch.path.as_deref() == Some("/dev/null".as_ref()),
        _ => false,
    };
    let touches = function.touches();
    touches.filter(|touch| !harmless(touch)).collect()
}

/// Whether a function spoke to anybody.
fn has_worked(function: &Watched) -> bool {
    function.lines.iter().any(|line| {
        matches!(line, Line::Ended { process, calls, .. }
            if process.role == Role::Function && calls.to_sockets > 0)
    })
}

/// Checks that the log is not empty because nobody looked: the function spoke to the cloud, the decoder gave its output,
/// and memory files were seen.
fn was_watched(function: &Watched, expected: &Expected) {
    let memory_files = function
        .touches()
        .filter(|touch| touch.call == "memfd_create" && touch.process.role == Role::Function);
    assert_eq!(memory_files.count(), expected.memory_files);
    let decoders: Vec<_> = function
        .began()
        .filter(|(process, _)| process.role == Role::Decoder)
        .collect();
    for wanted in expected.decoders {
        let found = |(_, arguments): &(_, &[String])| arguments.iter().any(|word| word == wanted);
        assert!(decoders.iter().any(found), "{wanted}: {decoders:?}");
    }
    let mut ended = 0;
    for line in &function.lines {
        match line {
            Line::Ended { process, calls, .. } if process.role == Role::Function => {
                assert!(calls.to_sockets >= 10 && calls.all >= 500, "{calls:?}");
            }
            Line::Ended { calls, .. } => {
                assert!(calls.all >= 10, "{calls:?}");
                ended += 1;
            }
            _ => {}
        }
    }
    assert_eq!(ended, decoders.len(), "each decoder was watched to its end");
}

/// Opens a session for a video of this type, sends it and asks for its analysis.
pub async fn send(stack: &TestStack, content_type: &str, video: &Bytes) -> SessionCreated {
    let request = CreateSession {
        total_bytes: video.len() as u64,
        content_type: content_type.into(),
        chunk_bytes: Some(256 * 1024),
        locale: None,
    };
    let session = stack.client.create(&request).await.unwrap();
    stack.upload(&session, video).await;
    stack.client.finalize(&session).await.unwrap();
    session
}

/// Waits until a session is as `wanted`.
pub async fn until(
    stack: &TestStack,
    session: &SessionCreated,
    wanted: impl Fn(&Snapshot) -> bool,
) -> Snapshot {
    let reached = async {
        loop {
            let snapshot = stack.client.snapshot(session).await.unwrap().snapshot;
            if wanted(&snapshot) {
                return snapshot;
            }
            sleep(PAUSE).await;
        }
    };
    timeout(WITHIN, reached).await.expect("the session gets on")
}

/// Waits for the end of a session: its receipt comes last.
pub async fn end_of(stack: &TestStack, session: &SessionCreated) -> Snapshot {
    until(stack, session, |snapshot| snapshot.receipt.is_some()).await
}
