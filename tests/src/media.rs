//! Videos for tests: made by ffmpeg's encoders, read as if they lay in sealed parts.

use std::{
    ops::Range,
    process::Command,
    sync::atomic::{AtomicU64, Ordering},
};

use dodolens::{
    app::ports::{ReadError, VideoSource},
    domain::media::ContentType,
};

/// Bytes of a part, as the store keeps them.
const PART: u64 = 350 * 1024;

/// A video in memory that gives its bytes in pieces that end where parts end, and counts.
pub struct InMemory {
    bytes: Vec<u8>,
    given: AtomicU64,
    reads: AtomicU64,
}

impl InMemory {
    /// A source over `bytes`.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            given: AtomicU64::new(0),
            reads: AtomicU64::new(0),
        }
    }

    /// How many bytes have been asked for so far.
    #[must_use]
    pub fn given(&self) -> u64 {
        self.given.load(Ordering::Relaxed)
    }

    /// How many times it has been read so far.
    #[must_use]
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }
}

impl VideoSource for InMemory {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn content_type(&self) -> ContentType {
        ContentType::Mp4
    }

    #[allow(clippy::unwrap_used)]
    async fn read(
        &self,
        ranges: &[Range<u64>],
        sink: &mut (dyn FnMut(u64, &[u8]) + Send),
    ) -> Result<(), ReadError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        for range in ranges {
            let mut at = range.start;
            while at < range.end {
                let end = range.end.min((at / PART + 1) * PART);
                let piece = usize::try_from(at).unwrap()..usize::try_from(end).unwrap();
                sink(at, self.bytes.get(piece).unwrap());
                self.given.fetch_add(end - at, Ordering::Relaxed);
                at = end;
            }
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}

/// The ffmpeg that is tested: the variable `FFMPEG` says which build.
///
/// # Panics
/// When it can't be fetched.
#[must_use]
#[allow(clippy::expect_used)]
pub fn ffmpeg() -> std::path::PathBuf {
    dodolens_local::toolchain::ffmpeg_program().expect("ffmpeg is there")
}

/// The ffmpeg that makes the tests' videos.
///
/// # Panics
/// When it can't be fetched.
#[must_use]
#[allow(clippy::expect_used)]
pub fn encoder() -> std::path::PathBuf {
    dodolens_local::toolchain::encoder_program().expect("ffmpeg is fetched")
}

/// What ffmpeg makes of `input` (its standard input) with `arguments` (separated by spaces), in a file that ends with
/// `ending`; with the ending `pipe`, on its standard output.
///
/// # Panics
/// When it fails.
#[must_use]
#[allow(clippy::expect_used, clippy::unwrap_used)]
pub fn run_ffmpeg(input: &[u8], arguments: &str, ending: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder for the video");
    let (from, to) = (
        folder.path().join("in"),
        folder.path().join(format!("out.{ending}")),
    );
    std::fs::write(&from, input).unwrap();
    let mut command = Command::new(encoder());
    command.args(["-hide_banner", "-nostdin", "-loglevel", "error", "-y"]);
    for word in arguments.split_whitespace() {
        match word {
            "INPUT" => command.arg(&from),
            word => command.arg(word),
        };
    }
    if ending == "pipe" {
        command.arg("pipe:1");
    } else {
        command.arg(&to);
    }
    let output = command.output().expect("ffmpeg runs");
    assert!(
        output.status.success(),
        "{arguments}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    if ending == "pipe" {
        return output.stdout;
    }
    std::fs::read(&to).unwrap()
}
