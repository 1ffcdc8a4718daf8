use dodolens::domain::session::SessionState;
use dodolens_local::video::Container;

use super::sessions::{Scene, film};

#[tokio::test]
async fn nothing_is_left_of_what_other_providers_are_sent_and_answer() {
    let mp4 = film("armchair", Container::Mp4).await;
    for (vision, speech, cues) in [
        (
            "anthropic:claude-haiku-4-5",
            "gemini:gemini-3.1-flash-lite",
            "compatible:sees-at-home",
        ),
        (
            "compatible:sees-at-home",
            "compatible:hears-at-home",
            "gemini:gemini-3.1-flash-lite",
        ),
    ] {
        let parameters = [("AiVision", vision), ("AiSpeech", speech), ("AiCues", cues)];
        let mut scene = Scene::start(&parameters).await;
        scene
            .analyze(&[(&mp4, "video/mp4")], SessionState::Complete)
            .await;
        scene.assert_nothing_left(vision).await;
        scene.stack.running.shutdown().await;
    }
}
