//! The hostile stand-in for ffmpeg, static, and what becomes of its attempts.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use dodolens::{
    app::ports::{DecoderFault, MediaError, MediaExtractor, MediaLimits},
    domain::media::ExtractedMedia,
    media::{FfmpegConfig, FfmpegExtractor, Strictness},
};
use dodolens_tests::media::{InMemory, run_ffmpeg};
use tempfile::TempDir;
use tracing::instrument::WithSubscriber;

pub const LIMITS: MediaLimits = MediaLimits {
    frames: 8,
    long_side: 1024,
    source_pixels: 7680 * 4320,
    deadline: Duration::from_secs(120),
};

/// Compiled once a process, into a folder that stays until the test program ends.
static PROGRAM: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin/hostile_decoder.rs");
    let compiled = Command::new("rustc")
        .args([
            "--edition",
            "2024",
            "-O",
            "-C",
            "target-feature=+crt-static",
            "-o",
        ])
        .args([&program, &source])
        .status()
        .unwrap();
    assert!(compiled.success(), "the stand-in compiles");
    (folder, program)
});

/// What is logged of a decoder that needs to open files.
pub const MAY_OPEN_FILES: &str = "the decoder needs to open files";

/// What is logged of a run that failed.
pub const FAULT: &str = "a run of the decoder failed";

/// A short MP4 that ffmpeg would be given.
pub static VIDEO: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let arguments = "-f lavfi -i color=gray:s=320x240:r=10:d=2 -c:v libx264 -g 1 -an";
    run_ffmpeg(b"", arguments, "mp4")
});

/// The same as WebM, which goes the way over a memory file.
pub static WEBM: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let arguments = "-f lavfi -i color=gray:s=320x240:r=10:d=2 -c:v libvpx -g 1 -an";
    run_ffmpeg(b"", arguments, "webm")
});

/// The stand-in under the name of an attempt; gone when dropped.
pub struct StandIn {
    folder: TempDir,
    name: String,
}

impl StandIn {
    pub fn to(attempt: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // A copy would be open for writing in whatever another test forks right now, and could not be run.
        std::fs::hard_link(&PROGRAM.1, folder.path().join(attempt)).unwrap();
        Self {
            folder,
            name: attempt.to_owned(),
        }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join(&self.name)
    }

    /// As [`StandIn::to`], of a decoder that needs to open files, and so may.
    pub fn opening(attempt: &str) -> Self {
        Self::to(&format!("opening-{attempt}"))
    }

    /// A layer with the stand-in in the place of ffmpeg.
    pub fn layer(attempt: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let programs = folder.path().join(attempt).join("bin");
        std::fs::create_dir_all(&programs).unwrap();
        std::fs::hard_link(&PROGRAM.1, programs.join("ffmpeg")).unwrap();
        Self {
            folder,
            name: attempt.to_owned(),
        }
    }

    /// Whether the attempt succeeds without a jail: the control of each test.
    pub fn succeeds_unconfined(&self) -> bool {
        // Its parent is a shell, of which nothing is hidden.
        let output = Command::new("/bin/sh")
            .args(["-c", "\"$0\"; exit 0"])
            .arg(self.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        output.stdout.starts_with(b"--ffmpeg")
    }
}

/// What came of an attempt in the jail.
pub struct Confined {
    pub result: Result<ExtractedMedia, MediaError>,
    /// Whether it was killed for what it tried.
    pub killed: bool,
    /// How many of its runs the log says have failed.
    pub faults: usize,
    /// Whether the log says that it may open files.
    pub opens: bool,
}

/// Lets the stand-in have a video, as a function does.
pub async fn confined(stand_in: &StandIn, limits: MediaLimits) -> Confined {
    run(stand_in, VIDEO.clone(), limits).await
}

/// As [`confined`], with a video that goes through a memory file.
pub async fn confined_with_file(stand_in: &StandIn) -> Confined {
    run(stand_in, WEBM.clone(), LIMITS).await
}

async fn run(stand_in: &StandIn, video: Vec<u8>, limits: MediaLimits) -> Confined {
    // As every function does when it starts; it closes /proc/<pid> to other processes of its user.
    nix::sys::prctl::set_dumpable(false).unwrap();
    let log = Log::default();
    let extraction = async {
        let config = FfmpegConfig {
            path: stand_in.path(),
            strictness: Strictness::Strict,
        };
        let extractor = FfmpegExtractor::new(config).await.unwrap();
        extractor.extract(&InMemory::new(video), &limits).await
    };
    let result = extraction.with_subscriber(log.subscriber()).await;
    let log = log.text();
    Confined {
        killed: matches!(result, Err(MediaError::Decoder(DecoderFault::Forbidden))),
        result,
        faults: log.matches(FAULT).count(),
        opens: log.contains(MAY_OPEN_FILES),
    }
}

/// What is logged while a future runs.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub fn subscriber(&self) -> impl tracing::Subscriber + Send + Sync + use<> {
        let log = self.clone();
        tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || log.clone())
            .finish()
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
