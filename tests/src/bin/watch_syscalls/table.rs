//! The system calls that make a file, change one, or could (syscalls(2), Linux 6.18).
//!
//! Not here: what only takes names away (unlink) or changes rights, owners and times, and what needs a descriptor or a
//! mapping that a call listed here has given (fsync, msync, mprotect).

use libc::{SYS_ioctl, SYS_mmap};

/// How a call names a file.
#[derive(Clone, Copy)]
pub struct Name {
    /// The argument that is the descriptor of a folder.
    pub at: Option<usize>,
    /// The argument that is the path.
    pub path: usize,
}

/// What is to be looked at in a call.
#[derive(Clone, Copy)]
pub enum Look {
    /// Opens by a path with the flags of this argument; it matters when they are not those of reading.
    Open(Name, usize),
    /// As `Open`, with the flags at the address in this argument (openat2(2)).
    OpenHow(Name, usize),
    /// As `Open`, without a path.
    OpenHandle(usize),
    /// Makes or changes what has this name.
    Name(Name),
    /// Writes to this descriptor; it matters when that is a file.
    Write(usize),
    /// Sends to a socket.
    Send,
    /// Maps a file: mmap(2).
    Map,
    /// Copies one file into another, or does something harmless: ioctl(2).
    Control,
    /// Gives a socket a name, which may be a file: bind(2).
    Bind,
    /// Makes something that holds bytes, or a way around the other calls; gives a descriptor.
    Descriptor,
    /// As `Descriptor`, but gives something else.
    Always,
}

use Look::{Always, Bind, Control, Descriptor, Map, Open, OpenHandle, OpenHow, Send, Write};

const fn path(path: usize) -> Name {
    Name { at: None, path }
}

const fn at(at: usize, path: usize) -> Name {
    Name { at: Some(at), path }
}

/// Each with its number and name.
const CALLS: &[(i64, &str, Look)] = &[
    (libc::SYS_openat, "openat", Open(at(0, 1), 2)),
    (libc::SYS_openat2, "openat2", OpenHow(at(0, 1), 2)),
    (
        libc::SYS_open_by_handle_at,
        "open_by_handle_at",
        OpenHandle(2),
    ),
    (libc::SYS_mkdirat, "mkdirat", Look::Name(at(0, 1))),
    (libc::SYS_mknodat, "mknodat", Look::Name(at(0, 1))),
    (libc::SYS_renameat, "renameat", Look::Name(at(2, 3))),
    (libc::SYS_renameat2, "renameat2", Look::Name(at(2, 3))),
    (libc::SYS_linkat, "linkat", Look::Name(at(2, 3))),
    (libc::SYS_symlinkat, "symlinkat", Look::Name(at(1, 2))),
    (libc::SYS_truncate, "truncate", Look::Name(path(0))),
    (libc::SYS_setxattr, "setxattr", Look::Name(path(0))),
    (libc::SYS_lsetxattr, "lsetxattr", Look::Name(path(0))),
    (libc::SYS_mq_open, "mq_open", Look::Name(path(0))),
    (libc::SYS_write, "write", Write(0)),
    (libc::SYS_writev, "writev", Write(0)),
    (libc::SYS_pwrite64, "pwrite64", Write(0)),
    (libc::SYS_pwritev, "pwritev", Write(0)),
    (libc::SYS_pwritev2, "pwritev2", Write(0)),
    (libc::SYS_vmsplice, "vmsplice", Write(0)),
    (libc::SYS_sendfile, "sendfile", Write(0)),
    (libc::SYS_splice, "splice", Write(2)),
    (libc::SYS_tee, "tee", Write(1)),
    (libc::SYS_copy_file_range, "copy_file_range", Write(2)),
    (libc::SYS_ftruncate, "ftruncate", Write(0)),
    (libc::SYS_fallocate, "fallocate", Write(0)),
    (libc::SYS_fsetxattr, "fsetxattr", Write(0)),
    (libc::SYS_sendto, "sendto", Send),
    (libc::SYS_sendmsg, "sendmsg", Send),
    (libc::SYS_sendmmsg, "sendmmsg", Send),
    (SYS_mmap, "mmap", Map),
    (SYS_ioctl, "ioctl", Control),
    (libc::SYS_bind, "bind", Bind),
    (libc::SYS_memfd_create, "memfd_create", Descriptor),
    (libc::SYS_memfd_secret, "memfd_secret", Descriptor),
    (libc::SYS_io_uring_setup, "io_uring_setup", Descriptor),
    (libc::SYS_bpf, "bpf", Descriptor),
    (libc::SYS_io_setup, "io_setup", Always),
    (libc::SYS_shmget, "shmget", Always),
    (libc::SYS_msgget, "msgget", Always),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_open, "open", Open(path(0), 1)),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_creat, "creat", Look::Name(path(0))),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_mkdir, "mkdir", Look::Name(path(0))),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_mknod, "mknod", Look::Name(path(0))),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_rename, "rename", Look::Name(path(1))),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_link, "link", Look::Name(path(1))),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_symlink, "symlink", Look::Name(path(1))),
];

/// The name of a call, and what is to be looked at.
pub fn find(number: i64) -> Option<(&'static str, Look)> {
    let found = CALLS.iter().find(|(listed, _, _)| *listed == number);
    found.map(|(_, name, look)| (*name, *look))
}
