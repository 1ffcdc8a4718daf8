//! All files of the machine, while videos go through a stack. Files are planted meanwhile, which the watches have to
//! find: so it is known that they would find others.

use std::{
    collections::BTreeSet,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use dodolens::{
    app::ports::{MediaExtractor as _, MediaLimits},
    domain::{
        media::ExtractedMedia,
        session::{Progress, SessionState},
    },
    media::{FfmpegConfig, FfmpegExtractor, Strictness},
};
use dodolens_local::{
    peer::{Faults, PeerOptions},
    video::{Codec, Container, VideoSpec},
};
use dodolens_tests::{
    disk::Disk,
    media::{InMemory, ffmpeg},
    stack::{AI_KEY, Setup, TestStack, showing, video},
    watch::Watch,
};
use tempfile::TempDir;

use super::{
    support::{end_of, send, until},
    traces::Traces,
};

/// As the process function has them.
const LIMITS: MediaLimits = MediaLimits {
    frames: 8,
    long_side: 1024,
    source_pixels: 4096 * 2304,
    deadline: Duration::from_secs(60),
};

/// A video, and what the AI gets of it.
struct Media {
    file: Bytes,
    extracted: ExtractedMedia,
}

impl Media {
    /// An MP4, or a WebM, of this width.
    async fn of(width: u32, container: Container) -> Self {
        let spec = VideoSpec {
            seconds: 3.0,
            say: Some("Two bicycles in the cellar.".into()),
            size: (width, 480),
            bitrate: Some(2_000_000),
            codec: match container {
                Container::Webm => Codec::Vp9,
                _ => Codec::H264,
            },
            container,
            ..showing(&["armchair@living_room"])
        };
        let file = std::fs::read(video(&spec, ".video").await).unwrap();
        let config = FfmpegConfig {
            path: tokio::task::spawn_blocking(ffmpeg).await.unwrap(),
            strictness: Strictness::Lenient,
        };
        let extractor = FfmpegExtractor::new(config).await.unwrap();
        let source = InMemory::new(file.clone());
        Self {
            extracted: extractor.extract(&source, &LIMITS).await.unwrap(),
            file: file.into(),
        }
    }

    /// All but the sound: tones are the same in every video.
    fn pieces(&self) -> Vec<&[u8]> {
        let frames = self.extracted.frames.iter();
        let frames = frames.map(|frame| frame.jpeg.expose());
        frames.chain([&*self.file]).collect()
    }

    fn frame(&self) -> &[u8] {
        self.extracted.frames[0].jpeg.expose()
    }
}

/// Lets `write_files` make a file under the watch over system calls, and checks that this has seen it.
fn plant(way: &str, path: &Path, bytes: &[u8]) -> PathBuf {
    let watch = Watch::new(env!("CARGO_BIN_EXE_watch_syscalls"));
    let mut command = watch.command().into_iter();
    let mut child = Command::new(command.next().unwrap())
        .args(command)
        .arg(env!("CARGO_BIN_EXE_write_files"))
        .args(["plant", way])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    assert!(child.wait().unwrap().success(), "{way}");
    let log = watch.programs().pop().unwrap();
    let seen = log
        .touches()
        .any(|touch| touch.path.as_deref() == Some(path));
    assert!(seen, "{way}: {:?}", log.lines);
    path.to_owned()
}

/// What becomes of a session: an answer, a problem, a kill while pictures are taken, and one while the AI has them.
async fn all_ends(mp4: &Media, webm: &Media) {
    // Time to be seen before it has answered.
    let slow = Faults {
        delay: Duration::from_millis(500),
        ..Faults::default()
    };
    let peer = PeerOptions {
        vision: slow,
        ..PeerOptions::new(AI_KEY)
    };
    let stack = TestStack::start(Setup {
        peer,
        ..Setup::default()
    })
    .await;
    let broken = mp4.file.slice(..mp4.file.len() / 2);
    let session = send(&stack, "video/mp4", &broken).await;
    assert_eq!(end_of(&stack, &session).await.state, SessionState::Failed);
    for (content_type, media) in [("video/mp4", mp4), ("video/webm", webm)] {
        let session = send(&stack, content_type, &media.file).await;
        let snapshot = end_of(&stack, &session).await;
        assert_eq!(snapshot.state, SessionState::Complete);
        for fraction in [0.0, 0.4] {
            let session = send(&stack, content_type, &media.file).await;
            let begun = |progress: Progress| progress.fraction >= fraction;
            until(&stack, &session, |it| it.progress.is_some_and(begun)).await;
            let killed = stack.running.cloud.kill_instance("ProcessFunction").await;
            assert!(killed.is_some());
        }
    }
    stack.running.shutdown().await;
}

#[tokio::test]
async fn no_file_of_the_machine_has_anything_of_a_video_but_those_that_were_planted() {
    // Other runs of this test have other pictures.
    let width = 640 + 2 * (std::process::id() % 100);
    let (mp4, webm, other_mp4, other_webm) = tokio::join!(
        Media::of(width, Container::Mp4),
        Media::of(width, Container::Webm),
        Media::of(600, Container::Mp4),
        Media::of(600, Container::Webm),
    );
    let own = [mp4.pieces(), webm.pieces()].concat();
    let common = [other_mp4.pieces(), other_webm.pieces()].concat();
    let traces = Traces::of(&own, &common);
    let folders = [
        TempDir::new(),
        TempDir::new_in("/dev/shm"),
        TempDir::new_in(env!("CARGO_TARGET_TMPDIR")),
    ];
    let folders = folders.map(Result::unwrap);
    let [temporary, shared, target] = folders.each_ref().map(TempDir::path);
    let old = temporary.join("old");
    std::fs::write(&old, "something else\n").unwrap();

    let disk = Disk::watch();
    all_ends(&mp4, &webm).await;
    let planted: BTreeSet<_> = [
        plant("write", &temporary.join("frame"), mp4.frame()),
        plant("append", &old, &mp4.file),
        plant("map", &shared.join("frame"), webm.frame()),
        plant(
            "rename",
            &target.join("part"),
            &webm.file[..webm.file.len() / 2],
        ),
        plant(
            "write",
            &target.join("request"),
            STANDARD.encode(mp4.frame()).as_bytes(),
        ),
    ]
    .into();
    let nothing_in_it = plant("write", &temporary.join("harmless"), b"nothing of a video");

    let looking = tokio::task::spawn_blocking(move || {
        let changed = disk.changed();
        assert!(changed.contains(&nothing_in_it), "{} files", changed.len());
        traces.within(&changed)
    });
    assert_eq!(looking.await.unwrap(), planted);
}
