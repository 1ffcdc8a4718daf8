//! What an honest decoder does in the jail: it works, however hard, and when it fails the fault is named.

use dodolens::{
    app::ports::{DecoderFault, MediaExtractor},
    media::{FfmpegConfig, FfmpegExtractor, Strictness},
};
use dodolens_tests::media::{InMemory, ffmpeg, run_ffmpeg};
use tracing::instrument::WithSubscriber;

use super::stand_in::{FAULT, LIMITS, Log, StandIn, confined};

#[tokio::test]
async fn many_threads_whose_heaps_shrink_and_that_end() {
    for stand_in in [StandIn::to("work"), StandIn::opening("work")] {
        let ended = confined(&stand_in, LIMITS).await;
        assert_eq!(ended.faults, 0);
        assert_eq!(ended.result.unwrap().frames.len(), LIMITS.frames);
    }
}

#[tokio::test]
async fn each_fault_is_named_and_tried_again_where_that_may_help() {
    for (fault, attempt, runs) in [
        (DecoderFault::Crashed, "abort", 2),
        (DecoderFault::Forbidden, "fork", 2),
        (DecoderFault::OutOfMemory, "complain", 1), // it has one thread
    ] {
        let ended = confined(&StandIn::to(attempt), LIMITS).await;
        assert_eq!(ended.result.err(), Some(fault.into()), "{attempt}");
        assert_eq!(ended.faults, runs, "{attempt}");
    }
}

/// Kinds of film that take different ways through the decoder, each with how many runs of it an extraction has.
fn films() -> Vec<(&'static str, Vec<u8>, usize)> {
    let films = [
        (
            "a chain in H.264, PCM sound",
            "-g 100 -c:v libx264 -c:a pcm_s16le",
            "mov",
            2,
        ),
        ("HEVC", "-g 5 -c:v libx265 -tag:v hvc1 -c:a aac", "mp4", 1),
        (
            "VP9 and Opus in WebM",
            "-g 5 -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus",
            "webm",
            3,
        ),
        (
            "fragments of H.264 and AAC",
            "-g 5 -c:v libx264 -c:a aac -movflags +frag_keyframe+empty_moov",
            "mp4",
            3,
        ),
        (
            "AV1",
            "-g 5 -c:v libaom-av1 -usage realtime -cpu-used 8 -an",
            "mp4",
            1,
        ),
        (
            "VP8 in Matroska",
            "-g 5 -c:v libvpx -c:a libmp3lame",
            "mkv",
            3,
        ),
    ];
    films
        .map(|(name, encoding, ending, runs)| {
            let arguments = format!(
                "-f lavfi -i testsrc2=s=320x240:r=10:d=3 -f lavfi -i sine=r=48000:d=3 {encoding}"
            );
            (name, run_ffmpeg(b"", &arguments, ending), runs)
        })
        .into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_runs_of_each_kind_of_film_without_a_fault() {
    const RUNS: usize = 100;
    /// Extractions at the same time: more threads than a small machine has cores.
    const AT_ONCE: usize = 4;
    let log = Log::default();
    let extractor = FfmpegExtractor::new(FfmpegConfig {
        path: ffmpeg(),
        strictness: Strictness::Strict,
    });
    let extractor = extractor.await.unwrap();
    for (name, film, runs) in films() {
        let rounds = RUNS.div_ceil(runs * AT_ONCE);
        let extract = async || {
            for _ in 0..rounds {
                let film = InMemory::new(film.clone());
                let media = extractor.extract(&film, &LIMITS).await;
                assert!(!media.unwrap().frames.is_empty(), "{name}");
            }
        };
        let all = async { tokio::join!(extract(), extract(), extract(), extract()) };
        all.with_subscriber(log.subscriber()).await;
        assert!(!log.text().contains(FAULT), "{name}: {}", log.text());
    }
}

/// Films that fit no small address space, of a grey source: in HEVC 6 pictures of 7680 × 4320 with a key each
/// second one and 4 references, in H.264 24 of 3840 × 2160 with one key and 16 references, which are decoded on two threads.
const LARGE: [(&str, &[u8], usize); 2] = [
    ("8K", include_bytes!("../../films/hevc-8k-10bit.mp4"), 3),
    (
        "4K in a chain",
        include_bytes!("../../films/h264-4k-10bit-chain.mp4"),
        2,
    ),
];

#[tokio::test]
async fn large_pictures_fit() {
    let log = Log::default();
    let (path, strictness) = (ffmpeg(), Strictness::Strict);
    let extractor = FfmpegExtractor::new(FfmpegConfig { path, strictness });
    let extractor = extractor.await.unwrap();
    for (name, film, pictures) in LARGE {
        let extraction = async {
            extractor
                .extract(&InMemory::new(film.into()), &LIMITS)
                .await
        };
        let media = extraction.with_subscriber(log.subscriber()).await.unwrap();
        assert!(media.frames.len() >= pictures, "{name}");
        assert_eq!(media.losses.pictures, 0, "{name}");
        assert!(!log.text().contains(FAULT), "{name}: {}", log.text());
    }
}
