//! What holds a decoder in: it works on bytes of strangers, so it gets nothing that it does not need.
#![allow(unsafe_code)]

use std::{
    io,
    os::fd::{BorrowedFd, RawFd},
    time::Duration,
};

use rustix::{
    io::{FdFlags, fcntl_setfd},
    process::{
        Pid, Resource, Rlimit, Signal, getpid, getppid, set_parent_process_death_signal, setrlimit,
    },
    thread::set_no_new_privs,
};
use tokio::process::Command;

/// Descriptors that it may have open; it needs about eight.
const DESCRIPTORS: u64 = 16;
/// Descriptors that are closed to it, wherever they came from. Ours are anyway; this is for those of libraries.
const SWEPT: RawFd = 1024;

/// The limits of one run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Jail {
    /// CPU time, rounded up to seconds; then it is killed.
    pub(super) cpu: Duration,
    /// Address space, bytes.
    pub(super) memory: u64,
    /// The one descriptor it inherits besides its standard streams.
    pub(super) inherited: Option<RawFd>,
}

impl Jail {
    /// Confines what `command` will start: no environment, a process group of its own, dead when we are, no new
    /// privileges, no file written, no core dump, bounded memory, CPU and descriptors.
    pub(super) fn confine(self, command: &mut Command) {
        let parent = getpid();
        command.env_clear().process_group(0).kill_on_drop(true);
        // SAFETY: between fork and exec only system calls are made (rustix issues them directly): no allocation, no
        // lock, no panic.
        unsafe { command.pre_exec(move || self.enter(parent)) };
    }

    /// Runs in the child, before it becomes the decoder.
    fn enter(self, parent: Pid) -> io::Result<()> {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        if getppid() != Some(parent) {
            return Err(io::ErrorKind::NotFound.into()); // the parent died before the line above
        }
        set_no_new_privs(true)?;
        let cpu = self.cpu.as_secs().saturating_add(1);
        for (resource, soft, hard) in [
            (Resource::Fsize, 0, 0),
            (Resource::Core, 0, 0),
            (Resource::Cpu, cpu, cpu.saturating_add(1)),
            (Resource::As, self.memory, self.memory),
            (Resource::Nofile, DESCRIPTORS, DESCRIPTORS),
        ] {
            let limit = Rlimit {
                current: Some(soft),
                maximum: Some(hard),
            };
            setrlimit(resource, limit)?;
        }
        for fd in 3..SWEPT {
            let flags = if self.inherited == Some(fd) {
                FdFlags::empty()
            } else {
                FdFlags::CLOEXEC
            };
            // SAFETY: the number is only passed to fcntl(2), which says EBADF when it is not open.
            let _ = fcntl_setfd(unsafe { BorrowedFd::borrow_raw(fd) }, flags);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{os::fd::AsRawFd, process::Stdio};

    use super::*;
    use crate::adapters::media::memfd::MemoryFile;

    async fn shell(script: &str, jail: Jail) -> std::process::Output {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).stdout(Stdio::piped());
        jail.confine(&mut command);
        command.output().await.unwrap()
    }

    #[tokio::test]
    async fn the_child_is_held_in() {
        let (file, other) = (MemoryFile::new(10).unwrap(), MemoryFile::new(10).unwrap());
        let jail = Jail {
            cpu: Duration::from_millis(4500),
            memory: 500_000_000,
            inherited: Some(std::os::fd::AsFd::as_fd(&file).as_raw_fd()),
        };
        let script = "cat /proc/self/limits /proc/self/status; echo; ls -l /proc/self/fd; cat /proc/self/environ";
        let output = shell(script, jail).await;
        let said = String::from_utf8(output.stdout).unwrap();
        let limit = |name: &str| {
            let line = said.lines().find(|line| line.starts_with(name)).unwrap();
            let words: Vec<_> = line[name.len()..].split_whitespace().take(2).collect();
            words.join(" ")
        };
        assert_eq!(limit("Max cpu time"), "5 6");
        assert_eq!(limit("Max file size"), "0 0");
        assert_eq!(limit("Max core file size"), "0 0");
        assert_eq!(limit("Max open files"), "16 16");
        assert_eq!(limit("Max address space"), "500000000 500000000");
        assert_eq!(limit("NoNewPrivs:"), "1");
        assert_eq!(
            said.matches("memfd:video").count(),
            1,
            "one of the two is inherited"
        );
        assert!(!said.contains("PATH=") && !said.contains("CARGO"));
        drop(other);
    }

    #[tokio::test]
    async fn it_dies_of_too_much_cpu() {
        use std::os::unix::process::ExitStatusExt;
        let jail = Jail {
            cpu: Duration::ZERO,
            memory: 500_000_000,
            inherited: None,
        };
        let output = shell("while :; do :; done", jail).await;
        assert_eq!(output.status.signal(), Some(24)); // SIGXCPU
    }
}
