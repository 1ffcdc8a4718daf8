//! What the commands start: the service on this machine, and a video to show it with.

use tempfile::NamedTempFile;

use super::{error::CliError, faults::FaultArgs};
use crate::launch::{Ai, Launch, RunningStack};
use dodolens_cloud::LogSink;
use dodolens_video::{Placement, VideoSpec, make, toolchain};

/// Parameters of the template that `cargo local` takes from the environment.
const FROM_ENVIRONMENT: [(&str, &str); 6] = [
    ("AI_VISION", "AiVision"),
    ("AI_SPEECH", "AiSpeech"),
    ("AI_CUES", "AiCues"),
    ("AI_CALL_LIMITS", "AiCallLimits"),
    ("AI_PRICES", "AiPrices"),
    ("AI_BUDGET_USD", "AiBudgetUsd"),
];

/// What is seen in the sample video.
const SAMPLE_ITEMS: [&str; 9] = [
    "sofa_3_seat@living_room:0-5",
    "tv@living_room:0-5",
    "table_coffee@living_room:0-5",
    "piano_upright@living_room:2-7",
    "table_dining@dining_room:6-11",
    "chair@dining_roomx4:6-11",
    "bed_double@bedroom:11-16",
    "wardrobe_3_door@bedroom:11-16",
    "lamp_floor@bedroom:13-16",
];
/// What is said in it.
const SAMPLE_SPEECH: &str = "The piano stays. Ten boxes in the cellar.";
/// Its length, seconds.
const SAMPLE_SECONDS: f64 = 16.0;

/// Which log lines of the functions are shown.
#[derive(Clone, Copy)]
pub(super) enum Show {
    /// All, the audit log and the metrics too.
    All,
    /// Those that tell of a problem.
    Problems,
}

/// Starts the service.
pub(super) async fn start(
    port: u16,
    show: Show,
    faults: &FaultArgs,
) -> Result<RunningStack, CliError> {
    let mut launch = launch(show, faults)?;
    launch.port = port;
    Ok(launch.start().await?)
}

/// The service as the environment configures it.
pub(super) fn launch(show: Show, faults: &FaultArgs) -> Result<Launch, CliError> {
    let mut ai = Ai::from_environment()?;
    if let Ai::Simulated(peer) = &mut ai {
        faults.apply(peer);
    }
    let mut launch = match show {
        Show::All => Launch::new(ai),
        Show::Problems => {
            let mut launch = Launch::new(ai).with("LogLevel", "warn");
            launch.cloud.logs = LogSink::problems();
            launch
        }
    };
    for (variable, parameter) in FROM_ENVIRONMENT {
        if let Ok(value) = std::env::var(variable) {
            launch = launch.with(parameter, value);
        }
    }
    Ok(launch)
}

/// Makes the sample video, which is deleted when dropped.
pub(super) async fn sample_video() -> Result<NamedTempFile, CliError> {
    let ffmpeg = toolchain::encoder().await?;
    let file = tempfile::Builder::new()
        .prefix("dodolens-sample")
        .suffix(".mp4")
        .tempfile()?;
    make(&sample()?, &ffmpeg, file.path()).await?;
    Ok(file)
}

fn sample() -> Result<VideoSpec, CliError> {
    let items = SAMPLE_ITEMS.iter().map(|item| {
        item.parse::<Placement>()
            .map_err(dodolens_video::VideoError::from)
    });
    Ok(VideoSpec {
        seconds: SAMPLE_SECONDS,
        items: items.collect::<Result<_, _>>()?,
        say: Some(SAMPLE_SPEECH.into()),
        ..VideoSpec::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_shows_what_the_catalogue_has() {
        for item in sample().unwrap().items {
            item.check_catalogue().unwrap();
        }
    }
}
