//! Real films whose structure is damaged, through the whole way: the index, the plan, the gathering, and ffmpeg in its jail.
//! Only structure is damaged, never the bytes of a picture, so each picture that comes must be one of the film's.
//!
//! `PROPTEST_CASES` says how many films of each container, `PROPTEST_RNG_SEED` where the dice begin. A failing film is
//! made smaller, then printed as the list of its damages.

mod boxes;
mod elements;
mod pictures;

use std::time::Duration;

use dodolens::{
    app::ports::{MediaError, MediaExtractor, MediaLimits},
    domain::media::ExtractedMedia,
};
use dodolens_tests::media::{InMemory, run_ffmpeg};
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, RngSeed, TestCaseResult, TestRunner},
};
use tokio::runtime::Runtime;

use super::film::{LIMITS, extractor};

/// Seconds that an undamaged film lasts.
const SECONDS: u32 = 6;
/// Films of each container, unless the environment says how many.
const USUAL: u32 = 25;

/// An undamaged film.
fn seed(arguments: &str, ending: &str) -> Vec<u8> {
    run_ffmpeg(
        b"",
        &format!("{} {arguments}", pictures::code(SECONDS)),
        ending,
    )
}

/// Numbers at which arithmetic and length checks trip, and small ones.
fn number() -> impl Strategy<Value = u64> {
    let edges = [
        0x7f,
        0xff,
        0x7fff,
        0xffff,
        0x00ff_ffff,
        0x7fff_ffff,
        0xffff_ffff,
        u64::MAX >> 1,
        u64::MAX,
    ];
    prop_oneof![
        0..40_u64,
        select(edges.to_vec()),
        any::<u32>().prop_map(u64::from)
    ]
}

/// Damages films of `strategy` and looks at what comes of each.
fn fuzz<D: std::fmt::Debug>(strategy: impl Strategy<Value = D>, film: impl Fn(&D) -> Vec<u8>) {
    let mut config = Config::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = USUAL;
    }
    if std::env::var_os("PROPTEST_RNG_SEED").is_none() {
        config.rng_seed = RngSeed::Fixed(11);
    }
    config.failure_persistence = None;
    config.max_shrink_iters = 200;
    let runtime = Runtime::new().unwrap();
    let run = |damages: D| runtime.block_on(look(film(&damages)));
    if let Err(error) = TestRunner::new(config).run(&strategy, run) {
        panic!("{error}");
    }
}

async fn look(film: Vec<u8>) -> TestCaseResult {
    let limits = MediaLimits {
        deadline: Duration::from_secs(60),
        ..LIMITS
    };
    let work = async {
        extractor()
            .await
            .extract(&InMemory::new(film), &limits)
            .await
    };
    // What runs past its own deadline hangs.
    match tokio::time::timeout(Duration::from_secs(180), work).await {
        Err(_) => Err(TestCaseError::fail("it hangs")),
        Ok(Err(MediaError::TooSlow)) => Err(TestCaseError::fail("it takes for ever")),
        Ok(Err(MediaError::Decoder(fault))) => Err(TestCaseError::fail(fault.to_string())),
        Ok(Err(_)) => Ok(()),
        Ok(Ok(media)) => believable(&media),
    }
}

fn believable(media: &ExtractedMedia) -> TestCaseResult {
    prop_assert!(media.frames.len() <= LIMITS.frames);
    prop_assert!(media.frames.is_sorted_by_key(|frame| frame.at));
    let last = media.frames.last().map(|frame| frame.at);
    prop_assert!(
        last.is_none_or(|last| last <= media.duration),
        "{last:?} of {:?}",
        media.duration
    );
    prop_assert!(
        media.duration < Duration::from_secs(3600),
        "lasts {:?}",
        media.duration
    );
    let heard = media.sound.as_ref().map(|sound| sound.duration);
    prop_assert!(
        !media.frames.is_empty() || heard.is_some_and(|heard| !heard.is_zero()),
        "nothing"
    );
    for frame in &media.frames {
        if let Err(what) = pictures::is_of_the_code(frame) {
            let at = frame.at;
            let times: Vec<_> = media.frames.iter().map(|frame| frame.at).collect();
            return Err(TestCaseError::fail(format!(
                "{what} at {at:?} of {times:?}, {:?}",
                media.losses
            )));
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_undamaged_film_is_believed() {
    let film = seed(&format!("{} -c:a aac", super::film::H264), "mp4");
    look(film).await.unwrap();
}
