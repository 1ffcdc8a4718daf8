//! What is no video, or is too much, ends in its problem, not in a time-out, and leaves nothing behind.

use dodolens::{
    domain::locale::Locale,
    wire::{http::CreateSession, problem::ProblemCode},
};
use dodolens_local::video::{MoovAt, Pictures, VideoSpec};
use dodolens_tests::stack::{Setup, TestStack, showing, video};
use tempfile::TempPath;

use super::support::{fails, finish, send};

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

/// The places behind the names of these boxes: one in the pictures' track, one in that of the sound.
fn boxes(mp4: &[u8], name: &[u8; 4]) -> [usize; 2] {
    let places = (4..mp4.len()).filter(|at| mp4[..*at].ends_with(name));
    places.collect::<Vec<_>>().try_into().unwrap()
}

fn put(mp4: &mut [u8], at: usize, number: u32) {
    mp4[at..at + 4].copy_from_slice(&number.to_be_bytes());
}

/// Makes the chunk offsets of an MP4 say that all media lie at `offset` (ISO/IEC 14496-12, 8.7.5).
fn point_outside(mut mp4: Vec<u8>, offset: u32) -> Vec<u8> {
    for table in boxes(&mp4, b"stco") {
        let count = u32::from_be_bytes(mp4[table + 4..table + 8].try_into().unwrap());
        for entry in 0..usize::try_from(count).unwrap() {
            put(&mut mp4, table + 8 + 4 * entry, offset);
        }
    }
    mp4
}

/// Makes the tables of an MP4 say that there are `count` samples of one byte and of one tick, all in the first chunk
/// (ISO/IEC 14496-12, 8.6.1.2, 8.7.3 and 8.7.4).
fn claim_samples(mut mp4: Vec<u8>, count: u32) -> Vec<u8> {
    for sizes in boxes(&mp4, b"stsz") {
        put(&mut mp4, sizes + 4, 1);
        put(&mut mp4, sizes + 8, count);
    }
    for times in boxes(&mp4, b"stts") {
        put(&mut mp4, times + 8, count);
        put(&mut mp4, times + 12, 1);
    }
    for chunks in boxes(&mp4, b"stsc") {
        put(&mut mp4, chunks + 12, count);
    }
    mp4
}

#[tokio::test]
async fn what_is_no_video_or_is_too_much() {
    let sofa = showing(&["sofa_3_seat@living_room"]);
    let good = std::fs::read(video(&sofa, ".mp4").await).unwrap();
    let fast_start = VideoSpec {
        moov: MoovAt::Start,
        ..sofa
    };
    let tables = std::fs::read(video(&fast_start, ".mp4").await).unwrap();
    let enormous = VideoSpec {
        seconds: 2.0,
        size: (10_000, 10_000),
        fps: 1.0,
        audio: false,
        ..VideoSpec::default()
    };
    let enormous = video(&enormous, ".mp4").await;
    let nothing_left = VideoSpec {
        seconds: 4.0,
        say: Some("Hello.".into()),
        pictures: Pictures::Damaged,
        ..VideoSpec::default()
    };
    let nothing_left = video(&nothing_left, ".mp4").await;

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
            called_mp4(&point_outside(tables.clone(), 0x7fff_0000)),
            ProblemCode::MediaUnreadable,
        ),
        (
            "33 million samples",
            called_mp4(&claim_samples(tables.clone(), 1 << 25)),
            ProblemCode::MediaTooLarge,
        ),
        (
            "4 billion samples",
            called_mp4(&claim_samples(tables, u32::MAX)),
            ProblemCode::MediaTooLarge,
        ),
        (
            "damaged pictures, no word of an object",
            nothing_left,
            ProblemCode::MediaUnreadable,
        ),
        (
            "10,000 x 10,000 pixels",
            enormous,
            ProblemCode::MediaTooLarge,
        ),
    ] {
        fails(&stack, name, &video, code).await;
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
