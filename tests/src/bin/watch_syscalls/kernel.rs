//! What of ptrace(2) and wait(2) has no safe form that knows every signal.
#![allow(unsafe_code)]

use std::{io, ptr};

use dodolens_tests::watch::End;
use libc::{
    PTRACE_SYSCALL_INFO_ENTRY, PTRACE_SYSCALL_INFO_EXIT, SIGTRAP, WEXITSTATUS, WIFEXITED,
    WIFSIGNALED, WSTOPSIG, WTERMSIG, c_int,
};
use nix::{errno::Errno, sys::ptrace, unistd::Pid};

/// Of a stop at a system call (PTRACE_O_TRACESYSGOOD).
const SYSTEM_CALL: c_int = SIGTRAP | 0x80;

/// What became of a thread.
pub enum News {
    /// It is on its way into or out of a system call.
    Call,
    /// It is about to get this signal.
    Signal(c_int),
    /// Another thread or process was started by it, or it became another program: a PTRACE_EVENT.
    Event(c_int),
    /// It has ended.
    Ended(End),
}

/// Waits for news of any thread; nothing when there is none left.
///
/// # Errors
/// When the kernel gives one that is none of its own.
pub fn wait() -> io::Result<Option<(Pid, News)>> {
    loop {
        let mut status = 0;
        // SAFETY: the kernel writes one integer.
        let pid = unsafe { libc::waitpid(-1, &raw mut status, libc::__WALL) };
        match Errno::result(pid) {
            Ok(pid) => return Ok(Some((Pid::from_raw(pid), news(status)))),
            Err(Errno::EINTR) => {}
            Err(Errno::ECHILD) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
}

fn news(status: c_int) -> News {
    if WIFEXITED(status) {
        return News::Ended(End::Exit(WEXITSTATUS(status)));
    }
    if WIFSIGNALED(status) {
        return News::Ended(End::Signal(WTERMSIG(status)));
    }
    match (WSTOPSIG(status), status >> 16) {
        (SYSTEM_CALL, _) => News::Call,
        (signal, 0) => News::Signal(signal),
        (_, event) => News::Event(event),
    }
}

/// Lets a stopped thread go on to its next stop, with a signal or with none (0).
///
/// # Errors
/// When the kernel refuses; not when the thread has been killed meanwhile.
pub fn resume(thread: Pid, signal: c_int) -> io::Result<()> {
    let signal = ptr::without_provenance_mut::<libc::c_void>(signal.unsigned_abs() as usize);
    let nothing = ptr::null_mut::<libc::c_void>();
    // SAFETY: it reads and writes no memory of this process.
    let resumed = unsafe { libc::ptrace(libc::PTRACE_SYSCALL, thread.as_raw(), nothing, signal) };
    match Errno::result(resumed) {
        Ok(_) | Err(Errno::ESRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Where a thread stands that has stopped at a system call.
pub enum Stop {
    /// Before it.
    Entry(Entry),
    /// After it, with what it returned: an error as a negative number.
    Exit(i64),
    /// At none: the thread has been killed.
    Gone,
}

/// A system call.
pub struct Entry {
    /// Its number.
    pub number: i64,
    /// Its arguments.
    pub arguments: [u64; 6],
    /// Whether its number is one of this processor's own list, and not of an older one's.
    pub native: bool,
}

/// Says where a thread stands.
///
/// # Errors
/// When the kernel refuses: it has `PTRACE_GET_SYSCALL_INFO` from Linux 5.3.
pub fn stop(thread: Pid) -> io::Result<Stop> {
    let info = match ptrace::syscall_info(thread) {
        Ok(info) => info,
        Err(Errno::ESRCH) => return Ok(Stop::Gone),
        Err(error) => return Err(error.into()),
    };
    Ok(match info.op {
        PTRACE_SYSCALL_INFO_ENTRY => {
            // SAFETY: this member is the one of an entry.
            let entry = unsafe { info.u.entry };
            let number = i64::try_from(entry.nr).unwrap_or(-1);
            Stop::Entry(Entry {
                number,
                arguments: entry.args,
                native: info.arch == ARCHITECTURE && number & OLD_NUMBERS == 0,
            })
        }
        PTRACE_SYSCALL_INFO_EXIT => {
            // SAFETY: this member is the one of an exit.
            Stop::Exit(unsafe { info.u.exit.sval })
        }
        _ => Stop::Gone,
    })
}

/// `AUDIT_ARCH_*` of linux/audit.h.
#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xc000_00b7;
/// `__X32_SYSCALL_BIT`.
const OLD_NUMBERS: i64 = 0x4000_0000;

/// Whether this process is root's.
pub fn is_root() -> bool {
    // SAFETY: it has no memory to do with.
    unsafe { libc::geteuid() == 0 }
}

/// Ends this process by a signal, as the program ended. Returns only when it does not.
pub fn end_by(signal: c_int) -> io::Error {
    // SAFETY: it has no memory to do with.
    unsafe { libc::raise(signal) };
    io::Error::other(format!("the program ended by signal {signal}"))
}
