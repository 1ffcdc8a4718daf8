//! A kernel that refuses a measure: strict does not start, lenient goes on with the rest.

use std::collections::BTreeMap;

use dodolens::{
    app::ports::MediaExtractor,
    media::{FfmpegConfig, FfmpegExtractor, StartError, Strictness},
};
use dodolens_tests::media::{InMemory, ffmpeg, run_ffmpeg};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};
use tracing::instrument::WithSubscriber;

use super::stand_in::{LIMITS, Log, MAY_OPEN_FILES, VIDEO, WEBM};

/// What comes of a start and of a video, and what is logged, on a kernel that refuses a system call: a filter on this
/// thread and on what it starts stands for it.
fn on_a_kernel_without(call: i64, strictness: Strictness) -> (Result<usize, StartError>, String) {
    let path = ffmpeg();
    let arguments = "-f lavfi -i color=gray:s=320x240:r=10:d=2 -c:v libx264 -g 1 -an";
    let video = InMemory::new(run_ffmpeg(b"", arguments, "mp4"));
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let refused = SeccompFilter::new(
            BTreeMap::from([(call, Vec::new())]),
            SeccompAction::Allow,
            SeccompAction::Errno(1),
            std::env::consts::ARCH.try_into().unwrap(),
        );
        let refused: BpfProgram = refused.unwrap().try_into().unwrap();
        apply_filter(&refused).unwrap();
        let log = Log::default();
        let result = runtime.block_on(
            async {
                let extractor = FfmpegExtractor::new(FfmpegConfig { path, strictness }).await?;
                let media = extractor.extract(&video, &LIMITS).await;
                Ok(media.map_or(0, |media| media.frames.len()))
            }
            .with_subscriber(log.subscriber()),
        );
        (result, log.text())
    });
    thread.join().unwrap()
}

#[tokio::test]
async fn the_minimal_build_opens_no_file() {
    let minimal = std::env::var("FFMPEG").is_ok_and(|build| build == "minimal");
    for video in [VIDEO.clone(), WEBM.clone()] {
        let log = Log::default();
        let extraction = async {
            let (path, strictness) = (ffmpeg(), Strictness::Strict);
            let extractor = FfmpegExtractor::new(FfmpegConfig { path, strictness }).await?;
            let media = extractor.extract(&InMemory::new(video), &LIMITS).await;
            Ok::<_, StartError>(media.unwrap().frames.len())
        };
        let frames = extraction.with_subscriber(log.subscriber()).await;
        assert_eq!(frames.unwrap(), LIMITS.frames);
        let opens = log.text().contains(MAY_OPEN_FILES);
        assert!(
            !(minimal && opens),
            "the wheel's may: it depends on the processor"
        );
    }
}

/// Calls that a sandbox may refuse, and the measures that need them. 317 and 277 are seccomp(2), 126 and 91 capset(2).
const REFUSED: [(i64, &str); 2] = if cfg!(target_arch = "x86_64") {
    [(317, "seccomp"), (126, "capset")]
} else {
    [(277, "seccomp"), (91, "capset")]
};

#[test]
fn strict_does_not_start_and_says_why() {
    for (call, name) in REFUSED {
        let (started, log) = on_a_kernel_without(call, Strictness::Strict);
        let error = started.unwrap_err();
        assert!(matches!(error, StartError::Refused(_)), "{error}");
        assert!(error.to_string().ends_with(&format!(": {name}")), "{error}");
        assert!(log.contains(name), "{log}");
    }
}

#[test]
fn lenient_says_what_is_missing_and_goes_on_with_the_rest() {
    for (call, name) in REFUSED {
        let (frames, log) = on_a_kernel_without(call, Strictness::Lenient);
        assert_eq!(frames.unwrap(), 8, "{name}");
        assert_eq!(log.matches("the kernel refuses").count(), 1, "{log}");
        assert!(log.contains(name), "{log}");
    }
}
