//! One instance: a bootstrap and its Runtime API, from init to its end.

use std::{
    process::Stdio,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::AbortHandle,
    time::{Instant, timeout, timeout_at},
};

use super::{
    FunctionError, Reply, environment,
    pool::{Job, Pool},
    process::Sandbox,
    runtime_api::{self, Call, Invocation, Outcome},
};
use crate::{
    listeners::listen,
    logs::InstanceLog,
    names::{function_arn, uuid},
};

/// A runtime that has answered polls again at once; its answer is held so long, so that the caller's
/// next event does not start another instance.
const POLL_GRACE: Duration = Duration::from_millis(20);

/// A runtime that waits for its next event.
type Poll = oneshot::Sender<Invocation>;
type Kills = mpsc::UnboundedReceiver<oneshot::Sender<()>>;

/// Runs an instance: starts it for `job`, serves what the pool gives it, ends it.
pub(super) async fn run(
    pool: Arc<Pool>,
    number: u64,
    job: Job,
    mut jobs: mpsc::UnboundedReceiver<Job>,
    kills: Kills,
) {
    let log = pool.host.logs.of(&pool.id, number);
    let mut killed = Vec::new();
    match Instance::start(&pool, number, log.clone(), kills).await {
        Ok(mut instance) => {
            instance.serve(job, &mut jobs).await;
            pool.retire(number);
            killed = instance.end().await;
        }
        Err(error) => {
            pool.retire(number);
            let error = FunctionError::not_started(&error);
            log.line(error.error_message.clone());
            let _ = job.reply.send(Err(error));
        }
    }
    jobs.close();
    let mut unbegun = Vec::new();
    while let Ok(job) = jobs.try_recv() {
        unbegun.push(job);
    }
    pool.ended(number, unbegun);
    // Who asked for its end hears of it now.
    drop(killed);
}

struct Instance<'a> {
    pool: &'a Pool,
    number: u64,
    log: InstanceLog,
    sandbox: Sandbox,
    calls: mpsc::Receiver<Call>,
    kills: Kills,
    /// Those who asked for its end.
    killed: Vec<oneshot::Sender<()>>,
    server: AbortHandle,
    output: Vec<tokio::task::JoinHandle<()>>,
}

enum Event {
    Call(Call),
    Exited(Option<std::process::ExitStatus>),
}

/// The instance is of no more use.
struct Dead;

/// A result on its way to the caller.
struct Answer {
    reply: oneshot::Sender<Reply>,
    result: Reply,
}

impl Answer {
    fn new(reply: oneshot::Sender<Reply>, outcome: Outcome) -> Self {
        let result = match outcome {
            Outcome::Response(body) => Ok(body),
            Outcome::Error(body) => Err(FunctionError::reported(&body)),
            Outcome::TooLarge => Err(FunctionError::response_too_large()),
        };
        Self { reply, result }
    }

    fn give(self) {
        // A caller that has left wants no answer.
        let _ = self.reply.send(self.result);
    }
}

impl<'a> Instance<'a> {
    async fn start(
        pool: &'a Pool,
        number: u64,
        log: InstanceLog,
        kills: Kills,
    ) -> std::io::Result<Self> {
        let listener: TcpListener = listen(0).await?;
        let api = listener.local_addr()?.to_string();
        let mut command = pool.command();
        command
            .env_clear()
            .envs(environment::of(
                &pool.id,
                &pool.function,
                &pool.bootstrap,
                &pool.host.urls,
                api,
            ))
            .current_dir(pool.bootstrap.parent().unwrap_or("/".as_ref()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut sandbox = pool.host.spawner.spawn(command).await?;
        pool.started(number, sandbox.pid());
        let (sender, calls) = mpsc::channel(4);
        let server = axum::serve(listener, runtime_api::router(sender));
        let server = tokio::spawn(server.into_future()).abort_handle();
        let (stdout, stderr) = sandbox.take_output();
        let mut output = Vec::new();
        output.extend(stdout.map(|stdout| tokio::spawn(log.clone().pump(stdout))));
        output.extend(stderr.map(|stderr| tokio::spawn(log.clone().pump(stderr))));
        Ok(Self {
            pool,
            number,
            log,
            sandbox,
            calls,
            kills,
            killed: Vec::new(),
            server,
            output,
        })
    }

    async fn serve(&mut self, first: Job, jobs: &mut mpsc::UnboundedReceiver<Job>) {
        let mut poll = match self.init().await {
            Ok(poll) => poll,
            Err(error) => {
                self.log.line(format!(
                    "INIT_REPORT Status: error Error Type: {}",
                    error.error_type
                ));
                drop(first.reply.send(Err(error)));
                return;
            }
        };
        let mut job = first;
        while let Ok((next, answer)) = self.invoke(job, poll).await {
            poll = next;
            // Free before the caller hears: its next event finds this instance.
            let waiting = self.pool.release(self.number);
            if let Some(answer) = answer {
                answer.give();
            }
            job = match waiting {
                Some(job) => job,
                None => match self.idle(&mut poll, jobs).await {
                    Some(job) => job,
                    None => return,
                },
            };
        }
    }

    /// Waits for the runtime's first poll.
    async fn init(&mut self) -> Result<Poll, FunctionError> {
        let limit = self.pool.host.init_timeout;
        let deadline = Instant::now() + limit;
        loop {
            match timeout_at(deadline, self.event()).await {
                Ok(Event::Call(Call::Next(poll))) => return Ok(poll),
                Ok(Event::Call(Call::InitError(body))) => {
                    return Err(FunctionError::reported(&body));
                }
                // It has no event to be done with: dropping the call refuses it.
                Ok(Event::Call(Call::Done { .. })) => {}
                Ok(Event::Exited(status)) => return Err(FunctionError::exited(&uuid(), status)),
                Err(_) => return Err(FunctionError::init_timed_out(limit)),
            }
        }
    }

    /// Gives the event to the runtime; done at its next poll. The answer is left to be given if the
    /// poll followed it at once.
    async fn invoke(&mut self, job: Job, poll: Poll) -> Result<(Poll, Option<Answer>), Dead> {
        let limit = self.pool.function.timeout;
        let deadline = Instant::now() + limit;
        let id = uuid();
        let mut undelivered = poll.send(self.invocation(&id, job.event)).err();
        let mut reply = Some(job.reply);
        let mut answer: Option<Answer> = None;
        let failure = loop {
            let grace = Instant::now() + POLL_GRACE;
            let until = if answer.is_some() {
                grace.min(deadline)
            } else {
                deadline
            };
            match timeout_at(until, self.event()).await {
                Ok(Event::Call(Call::Next(poll))) => match undelivered.take() {
                    // A runtime that dropped its poll polls again.
                    Some(invocation) => undelivered = poll.send(invocation).err(),
                    None if reply.is_none() => return Ok((poll, answer)),
                    // It asks for more without having answered: dropping the poll refuses it.
                    None => {}
                },
                Ok(Event::Call(Call::Done {
                    request_id,
                    outcome,
                    accepted,
                })) => {
                    let expected = (request_id == id).then(|| reply.take()).flatten();
                    let _ = accepted.send(expected.is_some());
                    answer = expected.map(|reply| Answer::new(reply, outcome)).or(answer);
                }
                Ok(Event::Call(Call::InitError(_))) => {}
                Ok(Event::Exited(status)) => break FunctionError::exited(&id, status),
                Err(_) => match answer.take() {
                    // The caller does not wait for what the function does afterwards.
                    Some(answer) => answer.give(),
                    None => break FunctionError::timed_out(&id, limit),
                },
            }
        };
        if !self.pool.is_closed() {
            self.log.line(failure.error_message.clone());
        }
        // It ends before the caller hears of it: what the caller does next meets no survivor.
        self.sandbox.end().await;
        match (answer, reply) {
            (Some(answer), _) => answer.give(),
            (None, Some(reply)) => drop(reply.send(Err(failure))),
            (None, None) => {}
        }
        Err(Dead)
    }

    fn invocation(&self, id: &str, event: Bytes) -> Invocation {
        let deadline = SystemTime::now() + self.pool.function.timeout;
        let unix = deadline.duration_since(UNIX_EPOCH).unwrap_or_default();
        let arn = function_arn(&self.pool.function.name);
        Invocation::new(id, unix.as_millis(), &arn, event)
    }

    /// Waits for the next event; none when the instance has ended or was unused for too long.
    async fn idle(
        &mut self,
        poll: &mut Poll,
        jobs: &mut mpsc::UnboundedReceiver<Job>,
    ) -> Option<Job> {
        let deadline = Instant::now() + self.pool.host.idle_timeout;
        loop {
            tokio::select! {
                biased;
                event = self.event() => match event {
                    Event::Call(Call::Next(again)) => *poll = again,
                    Event::Call(Call::Done { .. } | Call::InitError(_)) => {}
                    Event::Exited(_) => return None,
                },
                job = jobs.recv() => return job,
                () = tokio::time::sleep_until(deadline) => return None,
            }
        }
    }

    /// The next thing that happens; a kill shows as the exit that it leads to. Cancel safe.
    async fn event(&mut self) -> Event {
        loop {
            tokio::select! {
                Some(call) = self.calls.recv() => return Event::Call(call),
                status = self.sandbox.exited() => return Event::Exited(status),
                Some(ended) = self.kills.recv() => {
                    self.killed.push(ended);
                    self.sandbox.kill();
                }
            }
        }
    }

    /// Ends the instance; gives those who asked for it.
    async fn end(mut self) -> Vec<oneshot::Sender<()>> {
        self.sandbox.end().await;
        for output in self.output.drain(..) {
            // What it wrote last; a pipe that someone else still holds must not hold us.
            drop(timeout(Duration::from_secs(1), output).await);
        }
        self.kills.close();
        while let Ok(ended) = self.kills.try_recv() {
            self.killed.push(ended);
        }
        std::mem::take(&mut self.killed)
    }
}

impl Drop for Instance<'_> {
    fn drop(&mut self) {
        self.server.abort();
    }
}
