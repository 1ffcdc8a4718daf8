//! Which system calls the decoder may make. Whatever is not here kills it.
//!
//! The lists are what strace(1) shows of the two pinned builds of ffmpeg (7.0.2 static with glibc 2.28, and the minimal
//! one with musl, which opens nothing) over all kinds of videos, and what their runtimes do when something fails. Numbers
//! and arguments: syscalls(2), seccomp(2).

use std::collections::BTreeMap;

use libc::{
    AT_EMPTY_PATH, CLONE_CHILD_CLEARTID, CLONE_DETACHED, CLONE_FILES, CLONE_FS,
    CLONE_PARENT_SETTID, CLONE_SETTLS, CLONE_SIGHAND, CLONE_SYSVSEM, CLONE_THREAD, CLONE_VM, EPERM,
    F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_GETFL, F_SETFD, MAP_ANONYMOUS, MAP_FIXED, MAP_NORESERVE,
    MAP_PRIVATE, MAP_STACK, MREMAP_MAYMOVE, O_ACCMODE, O_APPEND, O_CREAT, O_PATH, O_TMPFILE,
    O_TRUNC, PR_SET_NAME, PROT_NONE, PROT_READ, PROT_WRITE,
};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Is,
    SeccompCondition, SeccompFilter, SeccompRule,
};

/// Where the empty path lies that the filter lets be executed. Nothing else can ever lie there: a mapping at an address
/// of the decoder's choice below [`LOWEST`] kills it, and its program begins above.
pub(super) const EMPTY_PATH: u64 = 0x10_0000;
/// Least address that the decoder may ask for.
const LOWEST: u64 = 0x20_0000;

/// What glibc starts a thread with, and musl, which adds a flag that the kernel ignores. No process, no namespace.
const THREAD: i32 = CLONE_VM
    | CLONE_FS
    | CLONE_FILES
    | CLONE_SIGHAND
    | CLONE_THREAD
    | CLONE_SYSVSEM
    | CLONE_SETTLS
    | CLONE_PARENT_SETTID
    | CLONE_CHILD_CLEARTID;
/// Flags with which opening a file could make, change or merely name it.
const NOT_READING: i32 = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | O_TMPFILE | O_PATH;
/// Memory of its own, wherever the kernel likes.
const MEMORY: i32 = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK;

/// Harmless with any arguments: streams that are open, memory of its own, time, threads that it has.
const ALLOWED: &[i64] = &[
    libc::SYS_brk,
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_close,
    libc::SYS_dup,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_fstat,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_getrusage,
    libc::SYS_gettid,
    libc::SYS_gettimeofday,
    libc::SYS_lseek,
    libc::SYS_munmap,
    libc::SYS_nanosleep,
    libc::SYS_ppoll,
    libc::SYS_pread64,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_sigaltstack,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    libc::SYS_write,
    libc::SYS_writev,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_arch_prctl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_poll,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_time,
];

/// What it asks for and does without: configuration of libraries, its own name, a terminal, signals to itself.
const REFUSED: &[i64] = &[
    libc::SYS_faccessat,
    libc::SYS_ioctl,
    libc::SYS_readlinkat,
    libc::SYS_statx,
    libc::SYS_tgkill,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_access,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lstat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_open,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_readlink,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_stat,
];

/// Whether a decoder may open files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// None: it has the streams that it was given.
    Nothing,
    /// To read them: the C++ runtime of some builds gives up at once without /dev/urandom.
    ForReading,
}

/// The filters, in the order in which they are installed. Of their answers the gravest counts.
pub(super) struct Filters([BpfProgram; 3]);

impl Filters {
    /// Compiles the filters for a program behind the descriptor `program`, which may do this with files.
    ///
    /// # Errors
    /// When this processor is unknown.
    pub(super) fn compile(program: i32, opening: Opening) -> Result<Self, BackendError> {
        let mut refused = every(REFUSED);
        // Before glibc 2.33 stat(3) is this on arm64; since then fstat(3) is this, with an empty path.
        let with_path = not(3, AT_EMPTY_PATH)?;
        refused.insert(
            libc::SYS_newfstatat,
            vec![SeccompRule::new(vec![with_path])?],
        );
        let eperm = SeccompAction::Errno(EPERM.unsigned_abs());
        // Its flags lie in memory, out of reach of a filter. The C library falls back to clone(2).
        let enosys = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
        Ok(Self([
            build(every(&[libc::SYS_clone3]), SeccompAction::Allow, enosys)?,
            build(refused, SeccompAction::Allow, eperm)?,
            build(
                allowed(program, opening)?,
                SeccompAction::KillProcess,
                SeccompAction::Allow,
            )?,
        ]))
    }

    /// None, which the kernel refuses.
    #[cfg(test)]
    pub(super) fn none() -> Self {
        Self([Vec::new(), Vec::new(), Vec::new()])
    }

    /// Confines the calling thread and what it becomes, for ever. Allocates nothing.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub(super) fn install(&self) -> seccompiler::Result<()> {
        self.0
            .iter()
            .try_for_each(|filter| seccompiler::apply_filter(filter))
    }
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn build(
    rules: Rules,
    otherwise: SeccompAction,
    on_match: SeccompAction,
) -> Result<BpfProgram, BackendError> {
    let arch = std::env::consts::ARCH.try_into()?;
    SeccompFilter::new(rules, otherwise, on_match, arch)?.try_into()
}

fn every(calls: &[i64]) -> Rules {
    calls.iter().map(|call| (*call, Vec::new())).collect()
}

fn allowed(program: i32, opening: Opening) -> Result<Rules, BackendError> {
    let mut rules = every(ALLOWED);
    rules.append(&mut every(REFUSED));
    rules.append(&mut every(&[libc::SYS_clone3, libc::SYS_newfstatat]));
    let mut allow = |call, conditions: Vec<SeccompCondition>| {
        SeccompRule::new(conditions).map(|rule| rules.entry(call).or_default().push(rule))
    };
    for flags in [THREAD, THREAD | CLONE_DETACHED] {
        allow(libc::SYS_clone, vec![is(0, flags)?])?;
    }
    // Once: the path is gone, and the descriptor closed, when the program has begun.
    allow(
        libc::SYS_execveat,
        vec![
            is(0, program)?,
            SeccompCondition::new(1, Len::Qword, Is::Eq, EMPTY_PATH)?,
            is(4, AT_EMPTY_PATH)?,
        ],
    )?;
    for command in [F_GETFD, F_SETFD, F_GETFL, F_DUPFD, F_DUPFD_CLOEXEC] {
        allow(libc::SYS_fcntl, vec![is(1, command)?])?;
    }
    // Advice from 100 on is about the machine's pages, not its own.
    let own = SeccompCondition::new(2, Len::Dword, Is::Lt, 100)?;
    allow(libc::SYS_madvise, vec![own])?;
    let anywhere = SeccompCondition::new(0, Len::Qword, Is::Eq, 0)?;
    let above = SeccompCondition::new(0, Len::Qword, Is::Ge, LOWEST)?;
    for place in [anywhere, above] {
        let data = within(2, PROT_READ | PROT_WRITE)?;
        allow(libc::SYS_mmap, vec![place, data, within(3, MEMORY)?])?;
    }
    // A page without access at the foot of musl's heap.
    let (above, nothing) = (
        SeccompCondition::new(0, Len::Qword, Is::Ge, LOWEST)?,
        is(2, PROT_NONE)?,
    );
    let guard = is(3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)?;
    allow(libc::SYS_mmap, vec![above, nothing, guard])?;
    allow(libc::SYS_mprotect, vec![within(2, PROT_READ | PROT_WRITE)?])?;
    allow(libc::SYS_mremap, vec![within(3, MREMAP_MAYMOVE)?])?;
    if opening == Opening::ForReading {
        allow(libc::SYS_openat, vec![without(2, NOT_READING)?])?;
    }
    allow(libc::SYS_prctl, vec![is(0, PR_SET_NAME)?])?;
    // Its own limits, to read them.
    let no_new = SeccompCondition::new(2, Len::Qword, Is::Eq, 0)?;
    allow(libc::SYS_prlimit64, vec![is(0, 0)?, no_new])?;
    Ok(rules)
}

fn is(argument: u8, value: i32) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, Len::Dword, Is::Eq, bits(value))
}

fn not(argument: u8, value: i32) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, Len::Dword, Is::Ne, bits(value))
}

/// None of `flags`.
fn without(argument: u8, flags: i32) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, Len::Dword, Is::MaskedEq(bits(flags)), 0)
}

/// No flag but these.
fn within(argument: u8, flags: i32) -> Result<SeccompCondition, BackendError> {
    without(argument, !flags)
}

/// An `int` argument as a filter sees it.
fn bits(value: i32) -> u64 {
    u64::from(value.cast_unsigned())
}
