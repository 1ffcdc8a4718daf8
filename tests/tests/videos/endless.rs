//! A small file that takes minutes to decode.

use dodolens::wire::problem::ProblemCode;
use dodolens_tests::{
    media::run_ffmpeg,
    stack::{Setup, TestStack},
};

use super::{
    bad::called_mp4,
    support::{fails, finish},
};

/// 42,000 pictures in 4K of which only the first can be decoded alone, in less than 1 MB.
fn endless() -> Vec<u8> {
    let still =
        "-f lavfi -i color=gray:s=3840x2160:r=30:d=2 -c:v libx264 -preset ultrafast -g 9999 -an";
    let once = run_ffmpeg(b"", still, "mp4");
    let again = "-stream_loop 700 -i INPUT -c copy -bsf:v noise=drop='key*gt(n,0)'";
    run_ffmpeg(&once, again, "mp4")
}

#[tokio::test]
async fn a_video_that_decodes_for_ever_is_given_up() {
    let bytes = endless();
    assert!(bytes.len() < 1_000_000);
    let stack = TestStack::start(Setup::default()).await;
    fails(
        &stack,
        "endless",
        &called_mp4(&bytes),
        ProblemCode::MediaTooSlow,
    )
    .await;
    finish(stack, &[]).await;
}
