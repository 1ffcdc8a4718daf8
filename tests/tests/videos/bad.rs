use std::{
    io::Write as _,
    time::{Duration, Instant},
};

use dodolens::{
    domain::{receipt::ErasureReason, session::SessionState},
    wire::{http::CreateSession, problem::ProblemCode},
};
use dodolens_local::video::{MoovAt, VideoSpec};
use dodolens_tests::{
    media::run_ffmpeg,
    stack::{Setup, TestStack, showing, video},
};
use tempfile::TempPath;

fn file(bytes: &[u8], ending: &str) -> TempPath {
    let mut file = tempfile::Builder::new().suffix(ending).tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.into_temp_path()
}

/// The video ends in this problem, and nothing of it is left.
async fn fails(
    stack: &TestStack,
    what: &str,
    path: &TempPath,
    problem: ProblemCode,
    within: Duration,
) {
    let start = Instant::now();
    let snapshot = stack.analyze(path).await.last.snapshot;
    assert!(start.elapsed() < within, "{what}: {:?}", start.elapsed());
    assert_eq!(snapshot.state, SessionState::Failed, "{what}");
    assert_eq!(snapshot.problem.unwrap().code, problem, "{what}");
    assert_eq!(
        snapshot.receipt.unwrap().reason,
        ErasureReason::Failed,
        "{what}"
    );
    assert_eq!(stack.parts().await, 0, "{what}");
}

#[tokio::test]
async fn what_can_not_be_read_is_a_clear_problem() {
    let stack = TestStack::start(Setup::default()).await;
    let spec = VideoSpec {
        seconds: 2.0,
        ..showing(&["chair@kitchen"])
    };
    let whole = std::fs::read(video(&spec, ".mp4").await).unwrap();
    let noise: Vec<u8> = (0..700_000_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    // The index says that the pictures lie beyond the end of the file.
    let ahead = std::fs::read(
        video(
            &VideoSpec {
                moov: MoovAt::Start,
                ..spec
            },
            ".mp4",
        )
        .await,
    )
    .unwrap();
    let media = ahead.windows(4).position(|kind| kind == b"mdat").unwrap();

    let soon = Duration::from_secs(30);
    for (what, bytes, ending) in [
        (
            "cut off before its index",
            &whole[..whole.len() / 2],
            ".mp4",
        ),
        ("cut off after its index", &ahead[..media + 8], ".mp4"),
        ("random bytes", &noise[..], ".mp4"),
        ("random bytes as WebM", &noise[..], ".webm"),
        ("one byte", &[0][..], ".mov"),
        (
            "text",
            b"a list of furniture, but no video".as_slice(),
            ".mp4",
        ),
        (
            "a playlist",
            b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n".as_slice(),
            ".mp4",
        ),
    ] {
        fails(
            &stack,
            what,
            &file(bytes, ending),
            ProblemCode::MediaUnreadable,
            soon,
        )
        .await;
    }
    // The same bytes whole are fine: it was not the service that was broken.
    let good = stack.analyze(&file(&whole, ".mp4")).await.last.snapshot;
    assert_eq!(good.state, SessionState::Complete);
    stack.running.shutdown().await;
}

#[tokio::test]
async fn pictures_of_a_hundred_megapixels_are_refused() {
    let stack = TestStack::start(Setup::default()).await;
    for ending in ["mp4", "mkv"] {
        let arguments = "-f lavfi -i color=size=10000x10000:rate=1:duration=2 -c:v mjpeg -an";
        let path = file(&run_ffmpeg(&[], arguments, ending), &format!(".{ending}"));
        fails(
            &stack,
            ending,
            &path,
            ProblemCode::MediaTooLarge,
            Duration::from_secs(30),
        )
        .await;
    }
    stack.running.shutdown().await;
}

#[tokio::test]
async fn an_empty_video_is_refused_before_anything_is_sent() {
    let stack = TestStack::start(Setup::default()).await;
    let request = CreateSession {
        total_bytes: 0,
        content_type: "video/mp4".into(),
        chunk_bytes: None,
        locale: None,
    };
    let refused = stack.client.create(&request).await.err().unwrap();
    assert_eq!(refused.code(), Some(ProblemCode::VideoEmpty));
    stack.running.shutdown().await;
}

/// One picture that stands alone, then a large one that builds on the one before it, repeated so often that decoding
/// takes longer than any deadline. VP9 in IVF: 32 bytes of header, then each frame after its length (4 bytes) and its
/// time (8 bytes), little-endian. <https://wiki.multimedia.cx/index.php/Duck_IVF>
fn endless() -> TempPath {
    const FRAMES: u64 = 100_000;
    let arguments = "-f lavfi -i color=size=4096x2304:rate=2:duration=1 -c:v libvpx-vp9 -deadline realtime -cpu-used 8 \
                     -g 9999 -an";
    let short = run_ffmpeg(&[], arguments, "ivf");
    let (header, frames) = short.split_at(32);
    let length = |at: usize| u32::from_le_bytes(frames[at..at + 4].try_into().unwrap()) as usize;
    let first_ends = 12 + length(0);
    let second = &frames[first_ends + 12..first_ends + 12 + length(first_ends)];
    let mut long = [header, &frames[..first_ends]].concat();
    for time in 1..FRAMES {
        long.extend_from_slice(&u32::try_from(second.len()).unwrap().to_le_bytes());
        long.extend_from_slice(&time.to_le_bytes());
        long.extend_from_slice(second);
    }
    file(
        &run_ffmpeg(&long, "-f ivf -i INPUT -c copy", "webm"),
        ".webm",
    )
}

#[tokio::test]
async fn a_video_that_decodes_for_ever_is_stopped() {
    let stack = TestStack::start(Setup::default()).await;
    fails(
        &stack,
        "endless",
        &endless(),
        ProblemCode::MediaTooSlow,
        Duration::from_secs(110),
    )
    .await;
    stack.running.shutdown().await;
}
