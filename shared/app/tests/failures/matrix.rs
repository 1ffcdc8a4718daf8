//! Every call of every use case, in every way in which it can fail.

use std::{collections::BTreeSet, time::Duration};

use dodolens_app::{error::Error, ports::Clock as _, process::Disposition};
use dodolens_domain::session::SessionState;
use dodolens_memory::{Call, Fault};

use crate::{
    common::World,
    usecases::UseCase,
    world::{Again, INVOCATION, world},
};

/// How often a caller tries.
const TRIES: u32 = 4;

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Failing {
    Before,
    After,
    /// Before, and each call of its kind in the try after.
    Twice,
}

impl Failing {
    const ALL: [Self; 3] = [Self::Before, Self::After, Self::Twice];
}

/// All methods of ports that may fail. Those that are not asked by a use case, but by a function with what came of it:
/// `JobQueue::retry_now`, `DeliveryQueue::retry_after`.
const METHODS: [&str; 24] = [
    "PartStore::count_present",
    "PartStore::delete",
    "PartStore::get",
    "PartStore::put",
    "ConnectionStore::bind",
    "ConnectionStore::unbind",
    "CueReader::read",
    "DeliveryQueue::send",
    "JobQueue::send",
    "KeyVault::current",
    "KeyVault::version",
    "MediaExtractor::extract",
    "Notifier::push",
    "QuotaStore::count_session",
    "ReceiptVault::keys",
    "ResultSink::accept",
    "SessionStore::change",
    "SessionStore::create",
    "SessionStore::due",
    "SessionStore::forget",
    "SessionStore::load",
    "Transcriber::transcribe",
    "VisionModel::look",
    "VisionModel::tell_apart",
];

/// The calls that a use case makes when nothing fails.
async fn calls(usecase: UseCase) -> Vec<Call> {
    let world = world();
    let mut credential = usecase.arrange(&world).await;
    let before = world.memory.faults.made().len();
    usecase.ask(&world, &mut credential, 0).await.unwrap();
    let made = world.memory.faults.made().split_off(before);
    usecase.check(&world, &credential).await.unwrap();
    nothing_is_left(&world).await.unwrap();
    made
}

/// Whether it is worth to try again, in time.
fn passes(again: &Again, world: &World) -> Result<(), String> {
    match again {
        Again::Failed(Error::Unavailable(_)) | Again::Order(_) => Ok(()),
        Again::Job(Disposition::RetryNow) => Ok(()),
        Again::Job(Disposition::RetryLater) => {
            world.memory.clock.advance(INVOCATION);
            Ok(())
        }
        other => Err(format!("not told to try again: {other:?}")),
    }
}

/// One call fails; whoever asked tries again.
async fn survives(usecase: UseCase, nth: usize, failing: Failing) -> Result<(), String> {
    let world = world();
    let (faults, clock) = (&world.memory.faults, &world.memory.clock);
    let mut credential = usecase.arrange(&world).await;
    let number = faults.made().len() + nth;
    faults.plan(
        number,
        if failing == Failing::After {
            Fault::After
        } else {
            Fault::Before
        },
    );
    let mut done = false;
    for time in 0..TRIES {
        match usecase.ask(&world, &mut credential, time).await {
            Ok(()) => {
                done = true;
                break;
            }
            Err(again) => passes(&again, &world)?,
        }
        let call = faults.made().get(number).copied();
        let again = (failing == Failing::Twice && time == 0)
            .then_some(call)
            .flatten();
        faults.last(again.map(|call| (call.into(), Fault::Before)));
        // A claim that nobody gave back runs out.
        clock.advance(Duration::from_secs(4));
    }
    if !done {
        return Err(format!("not done in {TRIES} tries"));
    }
    faults.last(None);
    match usecase.check(&world, &credential).await {
        Err(_) if may_fail(usecase, &world, &credential, failing).await => {}
        checked => checked?,
    }
    nothing_is_left(&world).await
}

/// A job is delivered twice, so what fails twice may end its session, but with a problem that says so.
async fn may_fail(
    usecase: UseCase,
    world: &World,
    credential: &dodolens_app::access::Credential,
    failing: Failing,
) -> bool {
    let session = world.session(credential).await;
    usecase == UseCase::Process
        && failing == Failing::Twice
        && session.is_some_and(|it| it.state == SessionState::Failed && it.failure.is_some())
}

/// As time goes by and the sweep comes again and again, all of the media is gone in time, and in the end every record.
async fn nothing_is_left(world: &World) -> Result<(), String> {
    let memory = &world.memory;
    let end = memory.now() + Duration::from_secs(5 * 3600);
    while memory.now() < end {
        memory.clock.advance(Duration::from_secs(60));
        world.sweep().await.map_err(|again| format!("{again:?}"))?;
        for session in memory.sessions() {
            if session.state.is_final() && session.key.is_some() {
                return Err("a session that has ended has a key".to_owned());
            }
            let over = session.expires_at + 2 * INVOCATION <= memory.now();
            if over && !session.state.is_final() {
                return Err(format!("it is {:?} after its time", session.state));
            }
            if session.state.is_final()
                && memory.now() < session.expires_at
                && session.receipt.is_none()
            {
                return Err("no receipt one sweep after the end".to_owned());
            }
        }
    }
    match (memory.parts(), memory.sessions().len()) {
        (0, 0) => Ok(()),
        left => Err(format!("parts and records are left: {left:?}")),
    }
}

#[tokio::test]
async fn whatever_fails_is_made_up_for() {
    let (mut methods, mut broken, mut cells) = (BTreeSet::new(), Vec::new(), 0);
    for usecase in UseCase::ALL {
        let calls = calls(usecase).await;
        println!(
            "{usecase:?}: {}",
            calls
                .iter()
                .map(|call| call.0)
                .collect::<Vec<_>>()
                .join(", ")
        );
        methods.extend(calls.iter().map(|call| call.0));
        for (nth, call) in calls.iter().enumerate() {
            for failing in Failing::ALL {
                cells += 1;
                if let Err(error) = survives(usecase, nth, failing).await {
                    broken.push(format!("{usecase:?}, {call} (#{nth}) {failing:?}: {error}"));
                }
            }
        }
    }
    println!("{cells} failures");
    assert!(
        broken.is_empty(),
        "{} of {cells}:\n{}",
        broken.len(),
        broken.join("\n")
    );
    assert_eq!(
        methods,
        BTreeSet::from(METHODS),
        "every method of every port was asked"
    );
}
