//! One cell of the matrix: a stack of its own, in which one function is ended once.

use std::{fmt, pin::pin, time::Duration};

use bytes::Bytes;
use dodolens_local::stack::Stack;
use dodolens_tests::{
    gate::{Gate, Side, Step},
    stack::{Setup, TestStack},
};
use futures::future::{Either, select};
use tokio::sync::Semaphore;

use crate::{
    aftermath,
    player::{Broken, Player, idle, until},
    remains::{self, Remains},
    scenario::{PROCESS, Scenario},
};

/// Where `process` is ended, an invocation of it may take so long, and so does the lease that it leaves behind: the
/// template's 120 s, less most of what is meant for slow videos and models.
const PROCESS_TIMEOUT: Duration = Duration::from_secs(60);
/// As in the template, a job comes again when its worker can't be alive any more.
const VISIBILITY: Duration = Duration::from_secs(65);
/// `MediaTtlSeconds` and `SessionTtlSeconds` where deadlines are waited for.
const SHORT: (u32, u32) = (30, 40);
/// Where the sweep is to meet a session that outlives its media, however slow the machine is.
const APART: (u32, u32) = (20, 80);
/// And where a session is to outlive a crash, as it does in production.
const LONG: (u32, u32) = (300, 400);

/// How often a client makes a call that fails, if it does not leave.
const TRIES: usize = 3;
/// Pictures of a video: to look for codes in them is most of a stack's work.
const FRAMES: u32 = 2;

/// What a client does whose call came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Client {
    /// It leaves at the moment of the crash.
    Leaves,
    /// It makes the call again. The queue delivers again in any case.
    Repeats,
}

/// When and where a function is ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    pub client: Client,
    pub scenario: Scenario,
    pub step: Step,
    pub side: Side,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            client,
            scenario,
            step,
            side,
        } = self;
        write!(f, "{scenario:?}, {side:?} {step}, client {client:?}")
    }
}

/// What was left at the moment of the crash and, if the client left, at the deadline.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    pub at_crash: Remains,
    pub at_deadline: Remains,
}

impl Cell {
    /// The cells of a step in a scenario.
    pub fn of(scenario: Scenario, step: &Step) -> Vec<Self> {
        // The sweep and the rotation come again by themselves, and nobody waits for them.
        let clients: &[_] = match scenario {
            Scenario::Completes | Scenario::Erased => &[Client::Leaves, Client::Repeats],
            Scenario::Abandoned | Scenario::GivenUp => &[Client::Leaves],
            Scenario::Fails | Scenario::Rotated => &[Client::Repeats],
        };
        let sides: &[_] = if step.only_reads() {
            &[Side::Before]
        } else {
            &[Side::Before, Side::After]
        };
        let cells = clients.iter().flat_map(|client| {
            sides.iter().map(|side| Self {
                client: *client,
                scenario,
                step: step.clone(),
                side: *side,
            })
        });
        cells.collect()
    }

    /// Has the function ended and sees what the promise is worth. `active` bounds the sessions that are under way at one
    /// time; waiting costs nothing.
    pub async fn run(&self, video: &Bytes, active: &Semaphore) -> Result<Seen, Broken> {
        let mut permit = active.acquire().await.ok();
        let gate = Gate::start(Some((self.step.clone(), self.side))).await;
        let lives = match self.client {
            _ if self.scenario.outlives_its_media() => APART,
            Client::Leaves => SHORT,
            Client::Repeats => LONG,
        };
        let adjust = if self.step.function == PROCESS {
            hasten
        } else {
            in_turn
        };
        let stack = start(self.scenario, &gate, lives, adjust).await;
        if self.scenario.outlives_its_media() {
            permit = None;
        }
        let mut seen = Seen {
            at_crash: Remains::default(),
            at_deadline: Remains::default(),
        };
        let played = {
            let player = Player {
                stack: &stack,
                video,
                tries: if self.client == Client::Repeats {
                    TRIES
                } else {
                    1
                },
            };
            let play = pin!(self.scenario.play(&player));
            let killed = pin!(gate.kill_once(&stack.running.cloud));
            match (select(play, killed).await, self.client) {
                (Either::Left((ended, killed)), client) => {
                    // The crash ended the call, or was the last thing that happened.
                    match tokio::time::timeout(Duration::from_secs(60), killed).await {
                        Err(_) => Err(format!("the step never came; the session: {ended:?}")),
                        Ok(()) if client == Client::Leaves => Ok(()),
                        Ok(()) => ended,
                    }
                }
                (Either::Right(((), play)), Client::Leaves) => {
                    // The client's connections are closed by this.
                    let _left = play;
                    Ok(())
                }
                (Either::Right(((), play)), Client::Repeats) => {
                    drop(permit.take());
                    play.await
                }
            }
        };
        if played.is_ok() && self.client == Client::Leaves {
            seen.at_crash = remains::of(&stack, video).await;
        }
        drop(permit);
        let ended = match (played, self.client) {
            (Err(broken), _) => Err(broken),
            (Ok(()), Client::Repeats) => aftermath::nothing_is_there(&stack, video).await,
            (Ok(()), Client::Leaves) => {
                let before = aftermath::all_goes(&stack, video).await;
                before.map(|before| seen.at_deadline = before)
            }
        };
        stack.running.shutdown().await;
        ended.map(|()| seen)
    }
}

/// Goes a scenario's way undisturbed; gives each step that was taken.
pub async fn record(scenario: Scenario, video: &Bytes) -> Result<Vec<Step>, Broken> {
    let gate = Gate::start(None).await;
    let lives = if scenario.outlives_its_media() {
        APART
    } else {
        LONG
    };
    let stack = start(scenario, &gate, lives, in_turn).await;
    let player = Player {
        stack: &stack,
        video,
        tries: 1,
    };
    scenario.play(&player).await?;
    until(Duration::from_secs(120), async || idle(&stack)).await?;
    let steps = gate.steps();
    stack.running.shutdown().await;
    Ok(steps)
}

/// Starts the stack of a scenario behind a gate.
pub async fn start(
    scenario: Scenario,
    gate: &Gate,
    (media, session): (u32, u32),
    adjust: fn(&mut Stack),
) -> TestStack {
    let setup = Setup {
        peer: scenario.peer(),
        parameters: vec![
            ("MediaTtlSeconds", media.to_string()),
            ("SessionTtlSeconds", session.to_string()),
            ("MaxFrames", FRAMES.to_string()),
        ],
        environment: gate.environment(),
        adjust: Some(adjust),
        // Sweeps are made by hand, and counted.
        schedule_scale: 1e6,
        ..Setup::default()
    };
    let stack = TestStack::start(setup).await;
    gate.lead_to(&stack.running);
    stack
}

/// One delivery of a queue after the other, so that the second meets the instance that the first has left warm.
fn in_turn(stack: &mut Stack) {
    let functions = stack.functions.values_mut();
    for queue in functions.flat_map(|function| &mut function.queues) {
        queue.max_concurrency = Some(1);
    }
}

/// Shortens the invocations of `process`, the leases that they leave, and what the queue waits for.
pub fn hasten(stack: &mut Stack) {
    in_turn(stack);
    for (id, function) in &mut stack.functions {
        if id == PROCESS {
            function.timeout = PROCESS_TIMEOUT;
        }
    }
    for queue in &mut stack.queues {
        if queue.redrive.is_some() {
            queue.visibility = VISIBILITY;
        }
    }
}
