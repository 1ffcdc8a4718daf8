//! The instances of one function: one event at a time each, more of them under load.

use std::{
    collections::{BTreeMap, VecDeque},
    ffi::OsStr,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::{
    process::Command,
    sync::{mpsc, oneshot},
};

use super::{Host, InvokeError, Reply, instance};
use crate::stack::Function;

/// An event on its way to an instance.
pub(super) struct Job {
    pub event: Bytes,
    pub reply: oneshot::Sender<Reply>,
}

/// An instance, as seen from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstanceInfo {
    /// Its number, counted from 1 within its function.
    pub number: u64,
    /// Process id; none while it is being started.
    pub pid: Option<u32>,
    /// Whether it is being started or has an event.
    pub busy: bool,
}

/// Receives the end of an instance: an error, as the sender is only ever dropped.
pub(super) type Ended = oneshot::Receiver<()>;

/// The way to an instance.
struct Handle {
    pid: Option<u32>,
    busy: bool,
    jobs: mpsc::UnboundedSender<Job>,
    kill: mpsc::UnboundedSender<oneshot::Sender<()>>,
}

impl Handle {
    fn kill(&self) -> Ended {
        let (sender, ended) = oneshot::channel();
        // A closed channel drops the sender: it has ended.
        let _ = self.kill.send(sender);
        ended
    }
}

#[derive(Default)]
struct State {
    closed: bool,
    last: u64,
    instances: BTreeMap<u64, Handle>,
    /// Numbers of the free instances, the one used last at the end.
    idle: Vec<u64>,
    /// Events over the machine's limit of instances.
    waiting: VecDeque<Job>,
}

/// The instances of one function.
pub(super) struct Pool {
    pub host: Arc<Host>,
    /// Logical id.
    pub id: String,
    pub function: Function,
    pub bootstrap: PathBuf,
    state: Mutex<State>,
}

impl Pool {
    pub fn new(host: Arc<Host>, id: String, function: Function, bootstrap: PathBuf) -> Self {
        Self {
            host,
            id,
            function,
            bootstrap,
            state: Mutex::default(),
        }
    }

    /// What starts an instance's process.
    pub fn command(&self) -> Command {
        let wrapper = self.host.wrappers.get(&self.id).into_iter().flatten();
        let mut words = wrapper.map(OsStr::new).chain([self.bootstrap.as_os_str()]);
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words);
        command
    }

    /// Gives an event to a free instance, or to a new one; over the machine's limit it waits.
    ///
    /// # Errors
    /// `Throttled` over the function's reserved concurrency, `ShuttingDown`.
    pub fn submit(self: &Arc<Self>, job: Job) -> Result<(), InvokeError> {
        self.submit_locked(&mut self.state(), job)
    }

    fn submit_locked(self: &Arc<Self>, state: &mut State, mut job: Job) -> Result<(), InvokeError> {
        if state.closed {
            return Err(InvokeError::ShuttingDown);
        }
        while let Some(number) = state.idle.pop() {
            let Some(handle) = state.instances.get_mut(&number) else {
                continue;
            };
            handle.busy = true;
            match handle.jobs.send(job) {
                Ok(()) => return Ok(()),
                Err(returned) => job = returned.0,
            }
        }
        let count = state.instances.len();
        let reserved = self.function.max_concurrency.map(|max| max as usize);
        if reserved.is_some_and(|max| count >= max) {
            return Err(InvokeError::Throttled);
        }
        if count >= self.host.max_instances.max(1) {
            state.waiting.push_back(job);
        } else {
            self.start(state, job);
        }
        Ok(())
    }

    fn start(self: &Arc<Self>, state: &mut State, job: Job) {
        state.last += 1;
        let number = state.last;
        let (jobs, job_queue) = mpsc::unbounded_channel();
        let (kill, kills) = mpsc::unbounded_channel();
        let handle = Handle {
            pid: None,
            busy: true,
            jobs,
            kill,
        };
        state.instances.insert(number, handle);
        tokio::spawn(instance::run(
            Arc::clone(self),
            number,
            job,
            job_queue,
            kills,
        ));
    }

    /// Says that an instance's process runs.
    pub fn started(&self, number: u64, pid: Option<u32>) {
        if let Some(handle) = self.state().instances.get_mut(&number) {
            handle.pid = pid;
        }
    }

    /// An instance is free: it gets the next event, or none yet.
    pub fn release(&self, number: u64) -> Option<Job> {
        let mut state = self.state();
        while let Some(job) = state.waiting.pop_front() {
            // A caller that has left while it waited wants nothing any more.
            if !job.reply.is_closed() {
                return Some(job);
            }
        }
        if let Some(handle) = state.instances.get_mut(&number) {
            handle.busy = false;
            state.idle.push(number);
        }
        None
    }

    /// An instance is about to end and takes no event any more.
    pub fn retire(&self, number: u64) {
        self.state().idle.retain(|idle| *idle != number);
    }

    /// An instance is gone; the events it was given but did not begin go to others.
    pub fn ended(self: &Arc<Self>, number: u64, unbegun: Vec<Job>) {
        let mut state = self.state();
        state.instances.remove(&number);
        let waiting = std::mem::take(&mut state.waiting);
        for job in unbegun.into_iter().chain(waiting) {
            // Refused only when closed: dropping the job tells its caller.
            drop(self.submit_locked(&mut state, job));
        }
    }

    pub fn instances(&self) -> Vec<InstanceInfo> {
        let state = self.state();
        let info = |(number, handle): (&u64, &Handle)| InstanceInfo {
            number: *number,
            pid: handle.pid,
            busy: handle.busy,
        };
        state.instances.iter().map(info).collect()
    }

    /// Ends a busy instance, else a free one; gives its process id when it is gone.
    pub async fn kill_one(&self) -> Option<u32> {
        let (pid, ended) = {
            let state = self.state();
            let mut handles = state
                .instances
                .values()
                .filter(|handle| handle.pid.is_some());
            let chosen = handles
                .clone()
                .find(|handle| handle.busy)
                .or_else(|| handles.next())?;
            (chosen.pid, chosen.kill())
        };
        drop(ended.await);
        pid
    }

    /// Takes no more events and ends every instance.
    pub fn close(&self) -> Vec<Ended> {
        let mut state = self.state();
        state.closed = true;
        state.waiting.clear();
        state.instances.values().map(Handle::kill).collect()
    }

    /// Whether the machine is being shut down: what ends then is no failure.
    pub fn is_closed(&self) -> bool {
        self.state().closed
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
