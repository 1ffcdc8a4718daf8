//! Which system calls the decoder may make. Three answers: yes; an error, for what it asks for and does without; and death,
//! for what no decoder has a reason to ask for. The lists are in [`calls`].

use std::collections::BTreeMap;

use libc::{
    AT_EMPTY_PATH, CLONE_DETACHED, EPERM, F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_GETFL, F_SETFD,
    MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, MREMAP_MAYMOVE, PR_SET_NAME, PR_SET_NO_NEW_PRIVS,
    PROT_NONE, PROT_READ, PROT_WRITE,
};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Is,
    SeccompCondition, SeccompFilter, SeccompRule,
};

use super::calls::{self, EMPTY_PATH, LOWEST, MEMORY, NOT_READING, TERMINAL, THREAD, UNWANTED};

/// Whether a decoder may open files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Opening {
    /// None: it has the streams that it was given, and is told no when it asks for more.
    Nothing,
    /// To read them: where the processor has no source of random numbers, the C++ runtime of some builds gives up without
    /// /dev/urandom.
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
        let eperm = SeccompAction::Errno(EPERM.unsigned_abs());
        let enosys = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
        Ok(Self([
            build(every(calls::UNKNOWN), SeccompAction::Allow, enosys)?,
            build(refused(opening)?, SeccompAction::Allow, eperm)?,
            build(
                survived(program)?,
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

/// What is answered with an error.
fn refused(opening: Opening) -> Result<Rules, BackendError> {
    let mut rules = every(calls::REFUSED);
    let mut refuse = |call, conditions: Vec<SeccompCondition>| {
        SeccompRule::new(conditions).map(|rule| rules.entry(call).or_default().push(rule))
    };
    // Before glibc 2.33 stat(3) is this on arm64; since then fstat(3) is this, with an empty path.
    refuse(libc::SYS_newfstatat, vec![not(3, AT_EMPTY_PATH)?])?;
    if opening == Opening::Nothing {
        refuse(libc::SYS_openat, vec![without(2, NOT_READING)?])?;
    }
    refuse(libc::SYS_openat, vec![is(2, TERMINAL)?])?;
    #[cfg(target_arch = "x86_64")]
    refuse(libc::SYS_open, vec![without(1, NOT_READING)?])?;
    // Advice from 100 on is about the machine's pages, not its own.
    let of_the_machine = SeccompCondition::new(2, Len::Dword, Is::Ge, 100)?;
    refuse(libc::SYS_madvise, vec![of_the_machine])?;
    for flag in UNWANTED {
        refuse(libc::SYS_mmap, vec![has(3, flag)?])?;
    }
    // Each filter is installed after this has been set once more.
    let others = [not(0, PR_SET_NAME)?, not(0, PR_SET_NO_NEW_PRIVS)?];
    refuse(libc::SYS_prctl, others.into())?;
    // ffmpeg would end at this signal as if the video were over: so its parent is told of it instead.
    refuse(libc::SYS_rt_sigaction, vec![is(0, libc::SIGXCPU)?])?;
    Ok(rules)
}

/// What does not kill it: what is allowed, and what is refused.
fn survived(program: i32) -> Result<Rules, BackendError> {
    let mut rules = every(calls::ALLOWED);
    rules.append(&mut every(calls::REFUSED));
    rules.append(&mut every(calls::UNKNOWN));
    rules.append(&mut every(&[
        libc::SYS_madvise,
        libc::SYS_newfstatat,
        libc::SYS_prctl,
    ]));
    let mut survive = |call, conditions: Vec<SeccompCondition>| {
        SeccompRule::new(conditions).map(|rule| rules.entry(call).or_default().push(rule))
    };
    for flags in [THREAD, THREAD | CLONE_DETACHED] {
        survive(libc::SYS_clone, vec![is(0, flags)?])?;
    }
    // Once: the path is gone, and the descriptor closed, when the program has begun.
    survive(
        libc::SYS_execveat,
        vec![
            is(0, program)?,
            SeccompCondition::new(1, Len::Qword, Is::Eq, EMPTY_PATH)?,
            is(4, AT_EMPTY_PATH)?,
        ],
    )?;
    for command in [F_GETFD, F_SETFD, F_GETFL, F_DUPFD, F_DUPFD_CLOEXEC] {
        survive(libc::SYS_fcntl, vec![is(1, command)?])?;
    }
    let unwanted = UNWANTED.iter().fold(0, |flags, flag| flags | flag);
    let anywhere = SeccompCondition::new(0, Len::Qword, Is::Eq, 0)?;
    let above = SeccompCondition::new(0, Len::Qword, Is::Ge, LOWEST)?;
    for place in [anywhere, above.clone()] {
        let data = within(2, PROT_READ | PROT_WRITE)?;
        let flags = within(3, MEMORY | unwanted)?;
        survive(libc::SYS_mmap, vec![place, data, flags])?;
    }
    // A page without access at the foot of musl's heap, and what glibc gives back of a thread's.
    let guard = is(3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)?;
    survive(libc::SYS_mmap, vec![above, is(2, PROT_NONE)?, guard])?;
    survive(libc::SYS_mprotect, vec![within(2, PROT_READ | PROT_WRITE)?])?;
    survive(libc::SYS_mremap, vec![within(3, MREMAP_MAYMOVE)?])?;
    survive(libc::SYS_openat, vec![without(2, NOT_READING)?])?;
    survive(libc::SYS_openat, vec![is(2, TERMINAL)?])?;
    #[cfg(target_arch = "x86_64")]
    survive(libc::SYS_open, vec![without(1, NOT_READING)?])?;
    // Its own limits, to read them.
    let no_new = SeccompCondition::new(2, Len::Qword, Is::Eq, 0)?;
    survive(libc::SYS_prlimit64, vec![is(0, 0)?, no_new])?;
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

/// All of `flags`.
fn has(argument: u8, flags: i32) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, Len::Dword, Is::MaskedEq(bits(flags)), bits(flags))
}

/// No flag but these.
fn within(argument: u8, flags: i32) -> Result<SeccompCondition, BackendError> {
    without(argument, !flags)
}

/// An `int` argument as a filter sees it.
fn bits(value: i32) -> u64 {
    u64::from(value.cast_unsigned())
}
