//! What is no video, or is too much, ends in its problem within seconds and leaves nothing behind.

use std::time::Duration;

use dodolens::{
    domain::locale::Locale,
    wire::{http::CreateSession, problem::ProblemCode},
};
use dodolens_local::video::{MoovAt, VideoSpec};
use dodolens_tests::stack::{Setup, TestStack, showing, video};
use tempfile::TempPath;

use super::support::{fails, finish, send};

/// Longest that a session may take which needs no decoding.
const SOON: Duration = Duration::from_secs(20);

/// A file of these bytes that is called an MP4.
pub fn called_mp4(bytes: &[u8]) -> TempPath {
    let file = tempfile::Builder::new().suffix(".mp4").tempfile().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    file.into_temp_path()
}

/// 2 MB without any order: a linear congruential generator (Numerical Recipes).
fn noise() -> Vec<u8> {
    let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    let states = std::iter::successors(Some(1_u32), next);
    states
        .map(|state| (state >> 24) as u8)
        .take(2_000_000)
        .collect()
}

/// Makes the sample tables of an MP4 say that all media lie at `offset`.
fn point_outside(mp4: &mut [u8], offset: u32) {
    let tables: Vec<_> = (0..mp4.len() - 8)
        .filter(|at| mp4[*at..].starts_with(b"stco"))
        .collect();
    assert_eq!(tables.len(), 2, "one for the pictures, one for the sound");
    for table in tables {
        // Behind the name: version and flags, the number of entries, the entries (ISO/IEC 14496-12, 8.7.5).
        let entries = table + 12;
        let count = u32::from_be_bytes(mp4[table + 8..entries].try_into().unwrap());
        for entry in 0..usize::try_from(count).unwrap() {
            mp4[entries + 4 * entry..][..4].copy_from_slice(&offset.to_be_bytes());
        }
    }
}

#[tokio::test]
async fn what_is_no_video_or_is_too_much() {
    let sofa = showing(&["sofa_3_seat@living_room"]);
    let good = std::fs::read(video(&sofa, ".mp4").await).unwrap();
    let fast_start = VideoSpec {
        moov: MoovAt::Start,
        ..sofa
    };
    let mut outside = std::fs::read(video(&fast_start, ".mp4").await).unwrap();
    point_outside(&mut outside, 0x7fff_0000);
    let enormous = VideoSpec {
        seconds: 2.0,
        size: (10_000, 10_000),
        fps: 1.0,
        audio: false,
        ..VideoSpec::default()
    };
    let enormous = video(&enormous, ".mp4").await;

    let stack = TestStack::start(Setup::default()).await;
    for (name, video, code) in [
        (
            "truncated",
            called_mp4(&good[..good.len() / 2]),
            ProblemCode::MediaUnreadable,
        ),
        (
            "random bytes",
            called_mp4(&noise()),
            ProblemCode::MediaUnreadable,
        ),
        (
            "a text",
            called_mp4(b"This is a letter, not a video.\n"),
            ProblemCode::MediaUnreadable,
        ),
        ("one byte", called_mp4(b"\0"), ProblemCode::MediaUnreadable),
        (
            "samples outside of the file",
            called_mp4(&outside),
            ProblemCode::MediaUnreadable,
        ),
        (
            "10,000 x 10,000 pixels",
            enormous,
            ProblemCode::MediaTooLarge,
        ),
    ] {
        let took = fails(&stack, name, &video, code).await;
        assert!(took < SOON, "{name} took {took:?}");
    }

    // The same stack still does its work.
    let sent = send(&stack, &called_mp4(&good), Locale::En).await;
    assert!(
        sent.snapshot.result.is_some(),
        "{:?}",
        sent.snapshot.problem
    );
    finish(stack, &[]).await;
}

#[tokio::test]
async fn an_empty_video_is_refused_at_once() {
    let stack = TestStack::start(Setup::default()).await;
    let request = CreateSession {
        total_bytes: 0,
        content_type: "video/mp4".into(),
        chunk_bytes: None,
        locale: None,
    };
    let refused = stack.client.create(&request).await.err().unwrap();
    assert_eq!(refused.code(), Some(ProblemCode::VideoEmpty));
    assert_eq!(stack.parts().await, 0);
    stack.running.shutdown().await;
}
