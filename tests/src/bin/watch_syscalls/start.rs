//! Starts the program to be watched.
#![allow(unsafe_code)]

use std::{ffi::OsString, io, os::unix::process::CommandExt as _, process::Command};

use libc::PR_SET_DUMPABLE;
use nix::{
    sys::ptrace::{self, Options},
    unistd::Pid,
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

use crate::kernel;

/// Starts a program that stops before its first instruction and at every system call from then on, and so do the threads
/// and children that it starts. All are killed when this process ends.
///
/// # Errors
/// When it can't be started, or the kernel lets nobody trace it.
pub fn traced(program: &OsString, arguments: &[OsString]) -> io::Result<Pid> {
    let filter = if kernel::is_root() {
        None
    } else {
        Some(stay_open()?)
    };
    let mut command = Command::new(program);
    command.args(arguments);
    let enter = move || {
        if let Some(filter) = &filter {
            seccompiler::apply_filter(filter).map_err(|_| io::ErrorKind::PermissionDenied)?;
        }
        Ok(ptrace::traceme()?)
    };
    // SAFETY: between fork and exec only system calls are made (prctl, seccomp, ptrace): no allocation, no lock, no panic.
    unsafe { command.pre_exec(enter) };
    let child = command.spawn()?;
    let pid = Pid::from_raw(child.id().cast_signed());
    kernel::wait()?;
    let options = Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACEFORK
        | Options::PTRACE_O_TRACEVFORK
        | Options::PTRACE_O_TRACECLONE
        | Options::PTRACE_O_TRACEEXEC
        | Options::PTRACE_O_EXITKILL;
    ptrace::setoptions(pid, options)?;
    Ok(pid)
}

/// Answers a wish to be closed to others (`PR_SET_DUMPABLE`) with success, and nothing more. Only root can see what a
/// process that is closed does; an ordinary user who traces it could read neither paths nor descriptors.
fn stay_open() -> io::Result<BpfProgram> {
    let compile = || {
        let option = SeccompCondition::new(
            0,
            SeccompCmpArgLen::Dword,
            SeccompCmpOp::Eq,
            PR_SET_DUMPABLE.unsigned_abs().into(),
        )?;
        let rules = [(libc::SYS_prctl, vec![SeccompRule::new(vec![option])?])];
        let success = SeccompAction::Errno(0);
        let arch = std::env::consts::ARCH.try_into()?;
        SeccompFilter::new(rules.into(), SeccompAction::Allow, success, arch)?.try_into()
    };
    compile().map_err(|error: seccompiler::BackendError| io::Error::other(error))
}
