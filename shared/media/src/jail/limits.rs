//! The resources of one run.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, getuid, setrlimit};

use super::measures::Measures;

/// Descriptors that it may have open; it needs about eight.
const DESCRIPTORS: u64 = 16;
/// Tasks that it may add to those of its user; it needs about ten.
const TASKS: u64 = 256;

/// What one run may use.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Limits {
    /// CPU time, rounded up to seconds; then it is killed.
    pub(in super::super) cpu: Duration,
    /// Address space, bytes.
    pub(in super::super) memory: u64,
}

impl Limits {
    /// Applies them to the calling process, with at most `tasks` tasks of its user; gives what was refused. Allocates
    /// nothing.
    pub(super) fn apply(self, tasks: u64) -> Measures {
        let cpu = self.cpu.as_secs().saturating_add(1);
        let mut refused = Measures::default();
        for (measure, resource, soft, hard) in [
            (Measures::FILE_SIZE, Resource::Fsize, 0, 0),
            (Measures::CORE, Resource::Core, 0, 0),
            (Measures::CPU, Resource::Cpu, cpu, cpu.saturating_add(1)),
            (Measures::MEMORY, Resource::As, self.memory, self.memory),
            (
                Measures::DESCRIPTORS,
                Resource::Nofile,
                DESCRIPTORS,
                DESCRIPTORS,
            ),
            (Measures::TASKS, Resource::Nproc, tasks, tasks),
        ] {
            let limit = Rlimit {
                current: Some(soft),
                maximum: Some(hard),
            };
            if setrlimit(resource, limit).is_err() {
                refused.add(measure);
            }
        }
        refused
    }
}

/// How many tasks there may be of this user once the decoder runs. The kernel counts all of a user's, so those there now
/// are added; it exempts root, for whom they need not be counted.
pub(super) fn tasks() -> u64 {
    let present = if getuid().is_root() {
        0
    } else {
        present(getuid().as_raw())
    };
    present + TASKS
}

/// Threads of the processes of a user, as /proc shows them (proc_pid_status(5)).
fn present(user: u32) -> u64 {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return 0;
    };
    processes
        .flatten()
        .filter_map(|process| {
            let status = std::fs::read_to_string(process.path().join("status")).ok()?;
            let field = |name| {
                let line = status.lines().find_map(|line| line.strip_prefix(name));
                line?.split_whitespace().next()?.parse::<u64>().ok()
            };
            (field("Uid:")? == u64::from(user)).then(|| field("Threads:"))?
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_of_a_user_are_counted() {
        let before = present(getuid().as_raw());
        assert!(before >= 1);
        assert_eq!(present(u32::MAX - 7), 0, "nobody's");
        assert!(tasks() >= TASKS);
    }
}
