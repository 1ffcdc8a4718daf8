//! Objects are counted once, wherever in the video they are seen.

use dodolens_local::video::VideoSpec;
use dodolens_tests::stack::{Setup, TestStack};

use super::support::{Case, finish};

#[tokio::test]
async fn twins_repeats_and_the_last_fifth_of_a_long_video() {
    let stack = TestStack::start(Setup::default()).await;
    Case::seen(
        "twins in one frame",
        &[
            "chair@dining_roomx4",
            "chair@kitchenx2",
            "lamp_floor@bedroomx2",
        ],
    )
    .check(&stack)
    .await;

    // The same code at two times is one object, of whatever number was seen at once.
    Case {
        moves: vec!["armchair@living_roomx1".into(), "bicycle@garagex3".into()],
        ..Case::seen(
            "the same in several frames",
            &[
                "armchair@living_room:0-3",
                "armchair@living_room:6-12",
                "bicycle@garagex3:0-6",
                "bicycle@garagex2:6-12",
            ],
        )
    }
    .check(&stack)
    .await;

    let late = Case::seen(
        "80 MB, 66 s",
        &["desk@office", "piano_grand@living_room:54-66"],
    );
    let spec = VideoSpec {
        seconds: 66.0,
        size: (1920, 1080),
        bitrate: Some(9_900_000),
        ..late.spec.clone()
    };
    let bytes = Case { spec, ..late }.check(&stack).await;
    assert!(bytes > 80_000_000, "{bytes}");
    finish(stack, &[]).await;
}
