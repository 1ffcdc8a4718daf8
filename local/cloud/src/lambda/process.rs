//! Child processes that can't outlive this one.
#![allow(unsafe_code)]

use std::{io, process::ExitStatus, sync::mpsc, time::Duration};

use rustix::process::{Pid, Signal, getppid, kill_process_group, set_parent_process_death_signal};
use tokio::{
    process::{Child, Command},
    runtime::Handle,
    sync::oneshot,
};

type Request = (Command, oneshot::Sender<io::Result<Child>>);

/// Starts processes from one thread.
///
/// Linux sends a parent-death signal when the *thread* that forked ends, so that thread must live
/// as long as the children may.
pub(super) struct Spawner {
    requests: mpsc::Sender<Request>,
}

impl Spawner {
    /// # Errors
    /// When the thread cannot be started.
    pub fn start() -> io::Result<Self> {
        let (requests, queue) = mpsc::channel::<Request>();
        let runtime = Handle::current();
        std::thread::Builder::new()
            .name("spawner".into())
            .spawn(move || {
                let _entered = runtime.enter();
                for (mut command, reply) in queue {
                    // A caller that has gone drops the child, which kills it.
                    let _ = reply.send(command.spawn());
                }
            })?;
        Ok(Self { requests })
    }

    /// Starts a process in a group of its own.
    ///
    /// # Errors
    /// As [`Command::spawn`].
    pub async fn spawn(&self, mut command: Command) -> io::Result<Sandbox> {
        command.kill_on_drop(true).process_group(0);
        die_with_parent(&mut command);
        let (reply, child) = oneshot::channel();
        let gone = || io::Error::other("the spawner has stopped");
        self.requests.send((command, reply)).map_err(|_| gone())?;
        Ok(Sandbox {
            child: child.await.map_err(|_| gone())??,
        })
    }
}

fn die_with_parent(command: &mut Command) {
    let parent = Pid::from_raw(std::process::id().cast_signed());
    let check = move || {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // The parent may have ended before the signal was set.
        if getppid() == parent {
            Ok(())
        } else {
            Err(io::Error::from(rustix::io::Errno::SRCH))
        }
    };
    // SAFETY: between fork and exec only two system calls are made (prctl, getppid); nothing
    // allocates, locks or unwinds.
    unsafe { command.pre_exec(check) };
}

/// A process and whatever it started: ended together, as Lambda ends a sandbox.
pub(super) struct Sandbox {
    child: Child,
}

impl Sandbox {
    /// Process id, until it has been reaped.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    pub fn take_output(
        &mut self,
    ) -> (
        Option<tokio::process::ChildStdout>,
        Option<tokio::process::ChildStderr>,
    ) {
        (self.child.stdout.take(), self.child.stderr.take())
    }

    /// Waits for the first process to end; cancel safe.
    pub async fn exited(&mut self) -> Option<ExitStatus> {
        let group = self.group();
        let status = self.child.wait().await.ok();
        // What it started must go too; while any of it lives, the group's id cannot be reused.
        kill(group);
        status
    }

    /// Sends SIGKILL to the process and what it started.
    pub fn kill(&self) {
        kill(self.group());
    }

    /// Ends the process and reaps it.
    pub async fn end(&mut self) {
        self.kill();
        // SIGKILL needs no time of its own; a process stuck in the kernel must not hold us.
        drop(tokio::time::timeout(Duration::from_secs(5), self.child.wait()).await);
    }

    fn group(&self) -> Option<Pid> {
        self.pid().and_then(|pid| Pid::from_raw(pid.cast_signed()))
    }
}

fn kill(group: Option<Pid>) {
    if let Some(group) = group {
        // It may have ended meanwhile.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use rustix::process::test_kill_process;
    use tokio::io::{AsyncBufReadExt, BufReader};

    use super::*;

    async fn gone(pid: u32) -> bool {
        let pid = Pid::from_raw(pid.cast_signed()).unwrap();
        for _ in 0..12_000 {
            let zombie = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()))
                .is_ok_and(|stat| stat.contains(") Z "));
            if zombie || test_kill_process(pid).is_err() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    }

    /// A shell and the pid of a child of its own.
    async fn family() -> (Spawner, Sandbox, u32) {
        let spawner = Spawner::start().unwrap();
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", "sleep 600 & echo $!; wait"])
            .stdout(Stdio::piped());
        let mut sandbox = spawner.spawn(command).await.unwrap();
        let (stdout, _) = sandbox.take_output();
        let mut line = String::new();
        BufReader::new(stdout.unwrap())
            .read_line(&mut line)
            .await
            .unwrap();
        (spawner, sandbox, line.trim().parse().unwrap())
    }

    #[tokio::test]
    async fn ending_a_process_ends_and_reaps_what_it_started() {
        let (_spawner, mut sandbox, grandchild) = family().await;
        let pid = sandbox.pid().unwrap();
        sandbox.end().await;
        assert!(sandbox.pid().is_none(), "not reaped");
        assert!(gone(pid).await && gone(grandchild).await);
    }

    #[tokio::test]
    async fn dropping_a_process_ends_what_it_started() {
        let (_spawner, sandbox, grandchild) = family().await;
        drop(sandbox);
        assert!(gone(grandchild).await);
    }

    #[tokio::test]
    async fn the_end_of_the_spawner_ends_a_process() {
        let (spawner, mut sandbox, _) = family().await;
        drop(spawner);
        let status = tokio::time::timeout(Duration::from_secs(120), sandbox.exited()).await;
        assert!(status.is_ok(), "the parent-death signal is not set");
    }
}
