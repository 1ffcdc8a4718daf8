//! What is to go wrong with the simulated AI.

use std::{str::FromStr, time::Duration};

use clap::Args;

use super::mistakes::MistakeArgs;
use dodolens_peer::{Failures, Faults, PeerOptions, Task, Throttle};

/// Faults of the simulated AI, for tests; a provider that is configured has its own.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Simulated AI")]
pub(super) struct FaultArgs {
    /// Answer a TASK (vision, transcription, cues, join) with an HTTP status, the first N times or always
    #[arg(long, value_name = "TASK=STATUS[xN]")]
    fail: Vec<Fail>,
    /// Answer a TASK later
    #[arg(long, value_name = "TASK=SECONDS")]
    delay: Vec<Delay>,
    /// Answer the first N requests of a TASK with 429 and this Retry-After
    #[arg(long, value_name = "TASK=N:SECONDS")]
    throttle: Vec<Throttled>,
    #[command(flatten)]
    mistakes: MistakeArgs,
}

/// Not in the form that the help shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not in the form of the help, or no task of vision, transcription, cues, join")]
struct Malformed;

#[derive(Debug, Clone)]
struct Fail(Task, Failures);

#[derive(Debug, Clone)]
struct Delay(Task, Duration);

#[derive(Debug, Clone)]
struct Throttled(Task, Throttle);

impl FaultArgs {
    /// Puts the faults into the simulated AI's options.
    pub(super) fn apply(&self, peer: &mut PeerOptions) {
        for Fail(task, fail) in &self.fail {
            faults(peer, *task).fail = Some(fail.clone());
        }
        for Delay(task, delay) in &self.delay {
            faults(peer, *task).delay = *delay;
        }
        for Throttled(task, throttle) in &self.throttle {
            faults(peer, *task).throttle = Some(throttle.clone());
        }
        self.mistakes.apply(peer);
    }
}

const fn faults(peer: &mut PeerOptions, task: Task) -> &mut Faults {
    match task {
        Task::Vision => &mut peer.vision,
        Task::Transcription => &mut peer.transcription,
        Task::Cues => &mut peer.cues,
        Task::Join => &mut peer.join,
    }
}

fn task(text: &str) -> Result<(Task, &str), Malformed> {
    let (name, rest) = text.split_once('=').ok_or(Malformed)?;
    let task = match name {
        "vision" => Task::Vision,
        "transcription" => Task::Transcription,
        "cues" => Task::Cues,
        "join" => Task::Join,
        _ => return Err(Malformed),
    };
    Ok((task, rest))
}

fn seconds(text: &str) -> Result<Duration, Malformed> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or(Malformed)
}

impl FromStr for Fail {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (task, rest) = task(text)?;
        let (status, requests) = match rest.split_once('x') {
            Some((status, requests)) => (status, Some(requests.parse().map_err(|_| Malformed)?)),
            None => (rest, None),
        };
        let status = status
            .parse()
            .ok()
            .filter(|status| (400..600).contains(status))
            .ok_or(Malformed)?;
        Ok(Self(task, Failures { status, requests }))
    }
}

impl FromStr for Delay {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (task, rest) = task(text)?;
        Ok(Self(task, seconds(rest)?))
    }
}

impl FromStr for Throttled {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (task, rest) = task(text)?;
        let (requests, after) = rest.split_once(':').ok_or(Malformed)?;
        let requests = requests.parse().map_err(|_| Malformed)?;
        Ok(Self(
            task,
            Throttle {
                requests,
                retry_after: seconds(after)?,
            },
        ))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        faults: FaultArgs,
    }

    #[test]
    fn faults_reach_the_task_that_they_name() {
        let line = "x --fail vision=503x2 --fail cues=400 --delay transcription=1.5 --throttle vision=3:2 --delay join=2 \
             --miss 0.5";
        let mut peer = PeerOptions::new("k");
        Line::try_parse_from(line.split(' '))
            .unwrap()
            .faults
            .apply(&mut peer);
        assert_eq!(
            peer.vision.fail,
            Some(Failures {
                status: 503,
                requests: Some(2)
            })
        );
        assert_eq!(
            peer.cues.fail,
            Some(Failures {
                status: 400,
                requests: None
            })
        );
        assert_eq!(peer.transcription.delay, Duration::from_millis(1500));
        assert_eq!(peer.join.delay, Duration::from_secs(2));
        assert_eq!(peer.miss.usual, 0.5);
        let throttle = Throttle {
            requests: 3,
            retry_after: Duration::from_secs(2),
        };
        assert_eq!(peer.vision.throttle, Some(throttle));
    }

    #[test]
    fn what_is_malformed_is_refused() {
        for bad in [
            "--fail vision",
            "--fail smell=500",
            "--fail vision=200",
            "--delay cues=-1",
            "--throttle cues=3",
        ] {
            assert!(
                Line::try_parse_from(format!("x {bad}").split(' ')).is_err(),
                "{bad}"
            );
        }
    }
}
