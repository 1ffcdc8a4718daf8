//! The system calls that decoders make, for [`super::filter`].
//!
//! What strace(1) shows of the two pinned builds of ffmpeg (7.0.2 static with glibc 2.28, and the minimal one with musl)
//! over all kinds of videos, and what their C and C++ libraries do besides: when a call fails, when memory is short, when
//! threads end, when they give up, on one core or many. Numbers and arguments: syscalls(2), seccomp(2).
//! Why some are refused and others deadly: docs/decisions/0028-what-the-jail-refuses.md.

use libc::{
    CLONE_CHILD_CLEARTID, CLONE_FILES, CLONE_FS, CLONE_PARENT_SETTID, CLONE_SETTLS, CLONE_SIGHAND,
    CLONE_SYSVSEM, CLONE_THREAD, CLONE_VM, MAP_ANONYMOUS, MAP_HUGETLB, MAP_LOCKED, MAP_NORESERVE,
    MAP_POPULATE, MAP_PRIVATE, MAP_SHARED, MAP_STACK, O_ACCMODE, O_APPEND, O_CREAT, O_NOCTTY,
    O_NONBLOCK, O_PATH, O_RDWR, O_TMPFILE, O_TRUNC,
};

/// Where the empty path lies that the filter lets be executed. Nothing else can ever lie there: a mapping at an address
/// of the decoder's choice below [`LOWEST`] kills it, and its program begins above.
pub(super) const EMPTY_PATH: u64 = 0x10_0000;
/// Least address that the decoder may ask for.
pub(super) const LOWEST: u64 = 0x20_0000;

/// What glibc starts a thread with, and musl, which adds a flag that the kernel ignores. No process, no namespace.
pub(super) const THREAD: i32 = CLONE_VM
    | CLONE_FS
    | CLONE_FILES
    | CLONE_SIGHAND
    | CLONE_THREAD
    | CLONE_SYSVSEM
    | CLONE_SETTLS
    | CLONE_PARENT_SETTID
    | CLONE_CHILD_CLEARTID;
/// Flags with which opening a file could make, change or merely name it.
pub(super) const NOT_READING: i32 = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | O_TMPFILE | O_PATH;
/// How glibc before 2.30 opens the terminal to say why it aborts; refused, it says so on standard error.
pub(super) const TERMINAL: i32 = O_RDWR | O_NOCTTY | O_NONBLOCK;
/// Memory of its own, wherever the kernel likes.
pub(super) const MEMORY: i32 =
    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_POPULATE | MAP_STACK;
/// Memory that others see, that is never swapped, or of large pages: libraries do with their own.
pub(super) const UNWANTED: [i32; 3] = [MAP_SHARED, MAP_LOCKED, MAP_HUGETLB];

/// Harmless with any arguments: streams that are open, memory of its own, time, threads that it has, what it is.
pub(super) const ALLOWED: &[i64] = &[
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
    libc::SYS_getcpu,
    libc::SYS_getegid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_getrandom,
    libc::SYS_getrlimit,
    libc::SYS_getrusage,
    libc::SYS_gettid,
    libc::SYS_gettimeofday,
    libc::SYS_getuid,
    libc::SYS_lseek,
    libc::SYS_membarrier,
    libc::SYS_munmap,
    libc::SYS_nanosleep,
    libc::SYS_ppoll,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_pselect6,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigpending,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_get_priority_max,
    libc::SYS_sched_get_priority_min,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_getparam,
    libc::SYS_sched_getscheduler,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_sigaltstack,
    libc::SYS_sysinfo,
    libc::SYS_times,
    libc::SYS_uname,
    libc::SYS_write,
    libc::SYS_writev,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_arch_prctl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_poll,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_select,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_time,
];

/// Answered with EPERM.
pub(super) const REFUSED: &[i64] = &[
    // Configuration of libraries, its own name, a terminal, folders.
    libc::SYS_faccessat,
    libc::SYS_fadvise64,
    libc::SYS_fstatfs,
    libc::SYS_getcwd,
    libc::SYS_getdents64,
    libc::SYS_ioctl,
    libc::SYS_readlinkat,
    libc::SYS_statfs,
    libc::SYS_statx,
    libc::SYS_umask,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_access,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lstat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_readlink,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_stat,
    // Signals to itself, when it gives up: abort(3) then ends it by an illegal instruction.
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_sigtimedwait,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_tgkill,
    libc::SYS_tkill,
    // Where and how urgently it runs.
    libc::SYS_getpriority,
    libc::SYS_sched_getattr,
    libc::SYS_sched_setaffinity,
    libc::SYS_sched_setattr,
    libc::SYS_sched_setparam,
    libc::SYS_sched_setscheduler,
    libc::SYS_setpriority,
    // What becomes of its memory.
    libc::SYS_mincore,
    libc::SYS_mlock,
    libc::SYS_mlock2,
    libc::SYS_mlockall,
    libc::SYS_msync,
    libc::SYS_munlock,
    libc::SYS_munlockall,
    // More ways to write what can't be written.
    libc::SYS_dup3,
    libc::SYS_fdatasync,
    libc::SYS_fsync,
    libc::SYS_ftruncate,
    libc::SYS_pwrite64,
    libc::SYS_pwritev,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_dup2,
];

/// Answered with ENOSYS, as by a kernel that does not know them: for each there is something older to fall back to.
pub(super) const UNKNOWN: &[i64] = &[
    // Their flags lie in memory, out of reach of a filter.
    libc::SYS_clone3,
    libc::SYS_openat2,
    libc::SYS_close_range,
    libc::SYS_epoll_pwait2,
    libc::SYS_faccessat2,
    libc::SYS_futex_waitv,
    libc::SYS_get_mempolicy,
    libc::SYS_get_robust_list,
    libc::SYS_mbind,
    libc::SYS_preadv2,
    libc::SYS_pwritev2,
    libc::SYS_set_mempolicy,
];
