use std::{path::Path, time::Duration};

use super::{
    AnalyzeArgs, Output, error::CliError, inventory, progress::Screen, receipt, say, stack,
    stop_requested,
};
use crate::{
    client::{Client, ClientError, Options, Outcome, VideoFile},
    launch::RunningStack,
};

/// How long to try to erase a session that was given up.
const ERASE_WITHIN: Duration = Duration::from_secs(5);

pub(super) async fn run(args: AnalyzeArgs, output: &mut Output<'_>) -> Result<(), CliError> {
    let sample = match args.video {
        Some(_) => None,
        None => {
            say("Making a sample video …");
            Some(stack::sample_video().await?)
        }
    };
    let path = match &sample {
        Some(file) => file.path().to_owned(),
        None => args.video.unwrap_or_default(),
    };
    let video = VideoFile::open(path)?;
    let options = Options {
        chunk_bytes: args.chunk_bytes,
        parallel: args.parallel,
        locale: args.locale,
        ..Options::default()
    };
    let receipt = args.receipt.as_deref();
    let outcome = match args.endpoint {
        Some(endpoint) => {
            let mut client = Client::new(endpoint)?;
            // In no argument: those of a program are seen by everybody on the machine.
            if let Ok(jwt) = std::env::var("DODOLENS_JWT") {
                client = client.with_jwt(&jwt)?;
            }
            analyze(&client, &video, &options, receipt).await?
        }
        None => {
            say("Starting the local stack …");
            let stack = stack::start(0, stack::Show::Problems, &args.faults).await?;
            warn_of_simulation(&stack);
            let outcome = match Client::new(stack.endpoint.clone()) {
                Ok(client) => analyze(&client, &video, &options, receipt).await,
                Err(error) => Err(error.into()),
            };
            stack.shutdown().await;
            outcome?
        }
    };
    show(outcome, args.json, output)
}

/// Says loudly that nobody looks at the pictures.
pub(super) fn warn_of_simulation(stack: &RunningStack) {
    if stack.peer.is_some() {
        say(
            "*** SIMULATED AI: no API key is configured. The simulator knows only the QR codes and tones of our own \
             video maker; it recognises no real object and no speech. ***",
        );
    }
}

async fn analyze(
    client: &Client,
    video: &VideoFile,
    options: &Options,
    receipt: Option<&Path>,
) -> Result<Outcome, CliError> {
    let mut screen = Screen::new();
    let mut observer = |report| screen.show(&report);
    let session = unless_stopped(client.open(video, options, &mut observer)).await?;
    let outcome = unless_stopped(client.follow(&session, video, options, &mut observer)).await;
    screen.finish();
    if outcome.is_err()
        && let Ok(Ok(_)) = tokio::time::timeout(ERASE_WITHIN, client.erase(&session)).await
    {
        say("The session was given up; what was sent of the video is erased.");
    }
    let outcome = outcome?;
    if let (Some(path), Some(signed)) = (receipt, &outcome.last.snapshot.receipt) {
        receipt::keep(path, signed, &client.receipt_keys().await?)?;
    }
    Ok(outcome)
}

async fn unless_stopped<T>(
    work: impl Future<Output = Result<T, ClientError>>,
) -> Result<T, CliError> {
    tokio::select! {
        done = work => Ok(done?),
        stopped = stop_requested() => Err(stopped.map_or_else(CliError::from, |()| CliError::Interrupted)),
    }
}

fn show(outcome: Outcome, json: bool, output: &mut Output<'_>) -> Result<(), CliError> {
    let last = outcome.last;
    if json {
        output.print(&last.body)?;
    }
    if let Some(problem) = last.snapshot.problem {
        return Err(CliError::Problem(Box::new(problem)));
    }
    let Some(found) = outcome.inventory else {
        return Err(CliError::NoInventory(last.snapshot.state));
    };
    if !json {
        let receipt = last.snapshot.receipt.as_ref();
        output.print(&inventory::render(&found, receipt, output.is_terminal))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use dodolens::{wire::http::Snapshot, wire::problem::ProblemCode};

    use super::*;
    use crate::client::tests::{script::Script, server};
    use crate::fixture;

    async fn run_against(
        script: Script,
        json: bool,
    ) -> (Result<(), CliError>, String, server::Server) {
        let server = server::start(script).await;
        let mut file = tempfile::Builder::new().suffix(".mp4").tempfile().unwrap();
        file.write_all(&[7; 300_000]).unwrap();
        let args = AnalyzeArgs {
            video: Some(file.path().to_owned()),
            json,
            endpoint: Some(server.url.clone()),
            chunk_bytes: None,
            parallel: None,
            locale: dodolens::domain::locale::Locale::En,
            receipt: None,
            faults: super::super::FaultArgs::default(),
        };
        let mut printed = Vec::new();
        let mut output = Output {
            to: &mut printed,
            is_terminal: false,
        };
        let done = run(args, &mut output).await;
        (done, String::from_utf8(printed).unwrap(), server)
    }

    #[tokio::test]
    async fn prints_the_table() {
        let (done, printed, _) = run_against(Script::default(), false).await;
        done.unwrap();
        assert_eq!(printed, include_str!("inventory.txt"));
    }

    #[tokio::test]
    async fn prints_the_snapshot_alone_as_it_came() {
        let (done, printed, server) = run_against(Script::default(), true).await;
        done.unwrap();
        let body = serde_json::to_string(&server.snapshot()).unwrap();
        assert_eq!(printed, format!("{body}\n"));
    }

    #[tokio::test]
    async fn a_failure_is_an_error_and_still_has_its_snapshot() {
        let script = || Script {
            failure: Some(ProblemCode::MediaUnreadable),
            ..Script::default()
        };
        let (done, printed, _) = run_against(script(), false).await;
        assert!(
            matches!(done, Err(CliError::Problem(problem)) if problem.code == ProblemCode::MediaUnreadable)
        );
        assert_eq!(printed, "");
        let (done, printed, _) = run_against(script(), true).await;
        done.unwrap_err();
        let snapshot: Snapshot = serde_json::from_str(&printed).unwrap();
        assert_eq!(snapshot.receipt, Some(fixture::receipt()));
    }

    #[tokio::test]
    async fn a_session_that_is_given_up_is_erased() {
        let script = Script {
            chunk_faults: [(0, [(400, None)].into())].into(),
            ..Script::default()
        };
        let (done, printed, server) = run_against(script, false).await;
        assert!(matches!(done, Err(CliError::Client(_))));
        assert_eq!(printed, "");
        let state = server.seen.lock().unwrap().state;
        assert_eq!(state, dodolens::domain::session::SessionState::Erased);
    }
}
