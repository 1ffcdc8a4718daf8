//! The run that is counted: one session of a made video on the local stack, behind a recorder.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use dodolens::{
    domain::session::SessionState,
    wire::{
        http::{CreateSession, SessionCreated},
        ws::Event,
    },
};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::{AiCost, Asked, CostError, Counted, ModelNames, Usage, tally::Stretch};
use crate::{
    aws_proxy::Recorder,
    client::{Client, Options, Report, VideoFile},
    launch::{Ai, Launch, RunningStack},
};
use dodolens_cloud::{LogLine, LogSink, Meter, Metered, template};
use dodolens_peer::Peer;
use dodolens_video::{VideoSpec, Walk, WalkSpec, make, toolchain};

/// Schedules never run by themselves: the run says when.
const NEVER: f64 = 1e6;
/// What goes on after a session's end is over within this.
const SETTLES_WITHIN: Duration = Duration::from_secs(20);
/// Calls of the functions that a session ends with.
const LAST: [&str; 2] = ["ProcessFunction", "WebSocketConnectFunction"];

/// What to run.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// Bytes of the video.
    pub video_bytes: u64,
    /// Its length, seconds.
    pub video_seconds: f64,
    /// `DeleteParts` is `shred`.
    pub shred: bool,
}

/// What was counted and what went to the models.
#[derive(Debug)]
pub struct Seen {
    /// What AWS would bill.
    pub counted: Counted,
    /// What the models would cost.
    pub ai: AiCost,
}

/// Starts the stack, runs the session, and counts.
///
/// # Errors
/// See [`CostError`].
pub async fn run(run: &Run) -> Result<Seen, CostError> {
    let video = tempfile::Builder::new().suffix(".mp4").tempfile()?;
    let ffmpeg = toolchain::ffmpeg().await?.join("bin/ffmpeg");
    make(&video_of(run), &ffmpeg, video.path()).await?;
    let bench = Bench::start(run).await?;
    let seen = bench.count(run, video.path()).await;
    bench.stack.shutdown().await;
    seen
}

/// What the sound of a made video takes, bits a second.
const SOUND: f64 = 88_000.0;
/// The least that a video is made with, bits a second.
const LEAST: f64 = 10_000.0;

/// A video of this size and length: a walk, with something new every two seconds; noise fills the bit rate.
fn video_of(run: &Run) -> VideoSpec {
    let walk = WalkSpec {
        things: ((run.video_seconds / 2.0) as u32).clamp(9, 500),
        ..WalkSpec::default()
    };
    VideoSpec {
        seconds: run.video_seconds,
        items: Walk::new(&walk).map_or_else(|_| Vec::new(), |walk| walk.placements),
        fps: 15.0,
        bitrate: Some((run.video_bytes as f64 * 8.0 / run.video_seconds - SOUND).max(LEAST) as u64),
        ..VideoSpec::default()
    }
}

/// The stack, and all that it does.
struct Bench {
    stack: RunningStack,
    client: Client,
    recorder: Recorder,
    metered: Arc<Mutex<Vec<Metered>>>,
    lines: Arc<Mutex<Vec<LogLine>>>,
    memory: BTreeMap<String, u32>,
    resources: BTreeMap<String, usize>,
}

impl Bench {
    async fn start(run: &Run) -> Result<Self, CostError> {
        let recorder = Recorder::start().await?;
        let mut launch = Launch::new(Ai::simulated()?);
        launch = launch.with("DeleteParts", if run.shred { "shred" } else { "explicit" });
        launch = launch.with("MaxVideoBytes", run.video_bytes.max(1).saturating_mul(2));
        let environment = recorder.proxy().environment().into_iter();
        let environment = environment.chain([recorder.proxy().ai_environment()]);
        launch.environment = environment
            .map(|(name, to)| (name.to_owned(), to))
            .collect();
        launch.cloud.schedule_scale = NEVER;
        let (metered, lines) = (Arc::default(), Arc::default());
        launch.cloud.meter = Meter::new(into(&metered));
        launch.cloud.logs = LogSink::new(into(&lines));
        let template = std::fs::read_to_string(toolchain::root().join("template.yaml"))?;
        let resources = template::count(&template, &BTreeMap::new())?;
        let stack = launch.start().await?;
        recorder.proxy().lead_to(&stack);
        let functions = stack.cloud.stack().functions.iter();
        let memory = functions.map(|(id, function)| (id.clone(), function.memory_mb));
        Ok(Self {
            client: Client::new(stack.endpoint.clone())?,
            memory: memory.collect(),
            stack,
            recorder,
            metered,
            lines,
            resources,
        })
    }

    async fn count(&self, run: &Run, video: &Path) -> Result<Seen, CostError> {
        // The first sweep starts an instance.
        self.sweep().await?;
        drop(self.take());
        self.sweep().await?;
        let idle_sweep = self.take();
        self.stack.cloud.run_schedule("RotateKeyFunction").await?;
        let hourly = self.take();

        let file = VideoFile::open(video)?;
        let (sound_seconds, id) = self.session(&file).await?;
        let peer = self.stack.peer.as_ref().map(Peer::seen);
        let asked = Asked::of(&peer.unwrap_or_default(), sound_seconds);
        if !run.shred {
            self.make_due(&id)?;
            self.sweep().await?;
        }
        let session = self.take();

        let open = self.open(file.len()).await?;
        self.make_due(&open.session_id)?;
        drop(self.take());
        self.sweep().await?;
        let look = self.take();

        let mut metrics = session.metrics();
        metrics.extend(idle_sweep.metrics());
        let functions = &self.stack.cloud.stack().functions;
        let usage = |stretch: &Stretch| stretch.usage(&self.memory);
        let swept = match run.shred {
            true => Usage::default(),
            false => usage(&idle_sweep),
        };
        Ok(Seen {
            counted: Counted {
                // Sweeps run anyway: what counts is what they do for a session.
                session: usage(&session).beyond(&swept),
                look: usage(&look).beyond(&usage(&idle_sweep)),
                idle_sweep: usage(&idle_sweep),
                hourly: usage(&hourly),
                metrics: metrics.len(),
                queue_sources: functions.values().map(|it| it.queues.len()).sum(),
                resources: self.resources.clone(),
                video_bytes: file.len() as f64,
                shredded: run.shred,
            },
            ai: AiCost::of(&self.models(), &asked)?,
        })
    }

    /// Sends the video and waits until all that a session ends with is done. Gives the seconds of sound, and the session's
    /// name.
    async fn session(&self, video: &VideoFile) -> Result<(f64, String), CostError> {
        let mut seconds = 0.0;
        let mut observer = |report| {
            if let Report::Event(message) = report
                && let Event::FramesExtracted {
                    sound,
                    duration_seconds,
                    ..
                } = message.event
            {
                seconds = if sound { duration_seconds } else { 0.0 };
            }
        };
        let outcome = self
            .client
            .analyze(video, &Options::default(), &mut observer)
            .await?;
        let snapshot = outcome.last.snapshot;
        if snapshot.state != SessionState::Complete {
            return Err(CostError::Ended(snapshot.state));
        }
        self.settle().await?;
        Ok((seconds, snapshot.session_id))
    }

    /// Waits until the last functions of a session have answered: `process`, and `$connect`, `join_session`, `$disconnect`.
    async fn settle(&self) -> Result<(), CostError> {
        let until = Instant::now() + SETTLES_WITHIN;
        while Instant::now() < until {
            let answered = |function: &str| {
                let metered = self.metered.lock().unwrap_or_else(PoisonError::into_inner);
                let of = |it: &&Metered| matches!(it, Metered::Invocation { function: of, .. } if of == function);
                metered.iter().filter(of).count()
            };
            let [process, socket] = LAST.map(answered);
            if process >= 1 && socket >= 3 {
                return Ok(());
            }
            sleep(Duration::from_millis(20)).await;
        }
        Err(CostError::Unsettled)
    }

    async fn open(&self, bytes: u64) -> Result<SessionCreated, CostError> {
        let request = CreateSession {
            total_bytes: bytes,
            content_type: "video/mp4".into(),
            chunk_bytes: None,
            locale: None,
        };
        Ok(self.client.create(&request).await?)
    }

    async fn sweep(&self) -> Result<(), CostError> {
        Ok(self.stack.cloud.run_schedule("SweepFunction").await?)
    }

    /// Lets the next sweep look at a session.
    fn make_due(&self, id: &str) -> Result<(), CostError> {
        let tables = &self.stack.cloud.stack().tables;
        let sessions = tables.iter().find(|table| table.key.hash == "session_id");
        let request = json!({
            "TableName": sessions.map(|table| &table.name),
            "Key": { "session_id": { "S": id } },
            "UpdateExpression": "SET sweep_at = :at",
            "ExpressionAttributeValues": { ":at": { "N": "0" } },
        });
        let refused = |error: String| CostError::Database(error);
        let request =
            serde_json::from_value(request).map_err(|error| refused(error.to_string()))?;
        let database = self.stack.cloud.database();
        let changed = database.update_item(request);
        changed
            .map(drop)
            .map_err(|error| refused(error.to_string()))
    }

    /// The first model of each task.
    fn models(&self) -> ModelNames {
        let process = self.stack.cloud.stack().functions.get("ProcessFunction");
        let first = |variable: &str| {
            let chain = process.and_then(|it| it.environment.get(variable));
            let first = chain.and_then(|it| it.split(',').next()?.split_once(':'));
            first.map_or_else(String::new, |(_, model)| model.to_owned())
        };
        ModelNames {
            vision: first("AI_VISION"),
            speech: first("AI_SPEECH"),
            cues: first("AI_CUES"),
        }
    }

    /// All that was done since this was asked last.
    fn take(&self) -> Stretch {
        Stretch {
            calls: self.recorder.take(),
            metered: taken(&self.metered),
            lines: taken(&self.lines),
        }
    }
}

fn into<T: Send + 'static>(list: &Arc<Mutex<Vec<T>>>) -> impl Fn(T) + Send + Sync + 'static {
    let list = Arc::clone(list);
    move |it| list.lock().unwrap_or_else(PoisonError::into_inner).push(it)
}

fn taken<T>(list: &Mutex<Vec<T>>) -> Vec<T> {
    std::mem::take(&mut *list.lock().unwrap_or_else(PoisonError::into_inner))
}
