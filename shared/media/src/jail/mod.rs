//! What holds a decoder in: it works on bytes of strangers, so it gets nothing that it does not need.
//! The choice of measures: docs/decisions/0010-decoder-jail.md.
#![allow(unsafe_code)]

mod calls;
mod filter;
mod limits;
mod measures;
mod program;
mod start;
#[cfg(test)]
mod tests;

use std::{
    io,
    os::fd::{BorrowedFd, RawFd},
    path::Path,
    sync::Arc,
};

use rustix::{
    io::{FdFlags, fcntl_setfd},
    process::{Pid, Signal, getpid, getppid, set_parent_process_death_signal},
    thread::{CapabilitySet, CapabilitySets, set_capabilities, set_no_new_privs},
};
use tokio::process::Command;

use self::{filter::Filters, program::Program};
pub(super) use self::{filter::Opening, limits::Limits};
pub use self::{
    measures::{Measures, Strictness},
    start::StartError,
};

/// Descriptors that are closed to it, wherever they came from. Ours are anyway; this is for those of libraries.
const SWEPT: RawFd = 1024;

/// The decoder's program and what holds it in.
pub(super) struct Jail {
    program: Program,
    filters: Filters,
    /// What the kernel refused at start.
    missing: Measures,
}

/// One run.
pub(super) struct Stay<'a> {
    pub(super) arguments: &'a [String],
    pub(super) limits: Limits,
    /// The one descriptor it inherits besides its standard streams.
    pub(super) file: Option<RawFd>,
}

/// What a child does with the measures that are refused.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// Writes them to its standard output before anything else, and goes on.
    Tell,
    /// Ends, unless all of them were refused at start too.
    End,
}

impl Jail {
    /// Finds the program and prepares the filters; nothing is known to be refused.
    fn new(path: &Path, opening: Opening) -> io::Result<Self> {
        let program = Program::open(path)?;
        let filters = Filters::compile(program.descriptor(), opening);
        Ok(Self {
            filters: filters.map_err(|_| io::ErrorKind::Unsupported)?,
            missing: Measures::default(),
            program,
        })
    }

    /// Whether the kernel filters its system calls.
    pub(super) fn filters_calls(&self) -> bool {
        !self.missing.contains(Measures::SYSTEM_CALLS)
    }

    /// What starts a confined decoder: no environment, no folder, a process group of its own, dead when we are, no
    /// privileges, no file made, no core dump, bounded memory, CPU, descriptors and tasks, few system calls.
    ///
    /// # Errors
    /// When an argument has a zero in it.
    pub(super) fn command(self: &Arc<Self>, stay: &Stay<'_>) -> io::Result<Command> {
        self.confined(stay, Refusal::End)
    }

    fn confined(self: &Arc<Self>, stay: &Stay<'_>, refusal: Refusal) -> io::Result<Command> {
        let arguments = self.program.arguments(stay.arguments)?;
        let (jail, parent, tasks) = (Arc::clone(self), getpid(), limits::tasks());
        let (limits, file) = (stay.limits, stay.file);
        let enter = move || {
            jail.enter(parent, limits, tasks, file, refusal)?;
            Err(jail.program.become_it(&arguments))
        };
        // The child becomes the program within `enter`, so this name is never looked up.
        let mut command = Command::new("/");
        command.process_group(0).current_dir("/").kill_on_drop(true);
        // SAFETY: between fork and exec only system calls are made (rustix and seccompiler issue them directly): no
        // allocation, no lock, no panic.
        unsafe { command.pre_exec(enter) };
        Ok(command)
    }

    /// Runs in the child, before it becomes the decoder.
    fn enter(
        &self,
        parent: Pid,
        limits: Limits,
        tasks: u64,
        file: Option<RawFd>,
        refusal: Refusal,
    ) -> io::Result<()> {
        let mut refused = Measures::default();
        let mut held = |measure, held: bool| {
            if !held {
                refused.add(measure);
            }
        };
        held(
            Measures::PARENT_DEATH,
            set_parent_process_death_signal(Some(Signal::KILL)).is_ok(),
        );
        if getppid() != Some(parent) {
            return Err(io::ErrorKind::NotFound.into()); // the parent died before the line above
        }
        held(Measures::NO_NEW_PRIVILEGES, set_no_new_privs(true).is_ok());
        // Where the parent is root: without new privileges the program does not get them back.
        let none = CapabilitySets {
            effective: CapabilitySet::empty(),
            permitted: CapabilitySet::empty(),
            inheritable: CapabilitySet::empty(),
        };
        held(
            Measures::NO_CAPABILITIES,
            set_capabilities(None, none).is_ok(),
        );
        sweep(file);
        Program::prepare()?;
        refused.add(limits.apply(tasks));
        if self.filters.install().is_err() {
            refused.add(Measures::SYSTEM_CALLS);
        }
        match refusal {
            Refusal::Tell => {
                // SAFETY: the child's standard output is open: std has put a pipe of ours there.
                let output = unsafe { BorrowedFd::borrow_raw(1) };
                rustix::io::write(output, &refused.to_bytes())?;
            }
            Refusal::End if !refused.without(self.missing).is_empty() => {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            Refusal::End => {}
        }
        Ok(())
    }
}

/// Marks all descriptors but the standard streams and `kept` to be closed.
fn sweep(kept: Option<RawFd>) {
    for fd in 3..SWEPT {
        let flags = if kept == Some(fd) {
            FdFlags::empty()
        } else {
            FdFlags::CLOEXEC
        };
        // SAFETY: the number is only passed to fcntl(2), which says EBADF when it is not open.
        let _ = fcntl_setfd(unsafe { BorrowedFd::borrow_raw(fd) }, flags);
    }
}
