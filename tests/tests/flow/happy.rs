use dodolens::domain::{receipt::ErasureReason, session::SessionState};
use dodolens_local::video::VideoSpec;
use dodolens_tests::{
    inventory::counted,
    stack::{Setup, TestStack, showing, video},
};

#[tokio::test]
async fn a_video_becomes_an_inventory_and_nothing_is_left() {
    let stack = TestStack::start(Setup::default()).await;
    let spec = VideoSpec {
        say: Some("The piano stays.".into()),
        ..showing(&["sofa_3_seat@living_room", "piano_upright@living_room"])
    };
    let outcome = stack.analyze(&video(&spec, ".mp4").await).await;

    let snapshot = outcome.last.snapshot;
    assert_eq!(snapshot.state, SessionState::Complete);
    let result = snapshot.result.unwrap();
    assert_eq!(counted(&result), [("sofa_3_seat", 1)]);
    assert_eq!(result.staying.len(), 1);
    let receipt = snapshot.receipt.unwrap();
    assert_eq!(receipt.statement.reason, ErasureReason::Completed);
    assert_eq!(stack.parts().await, 0);
    stack.running.shutdown().await;
}
