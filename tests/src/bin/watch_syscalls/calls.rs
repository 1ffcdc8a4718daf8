//! Looks at a system call: what it would do to a file.

use std::path::PathBuf;

use dodolens_tests::watch::{Process, Touch, What};
use libc::{
    AF_UNIX, FICLONE, FICLONERANGE, MAP_ANONYMOUS, MAP_SHARED, O_ACCMODE, O_CREAT, O_RDONLY,
    O_TMPFILE, O_TRUNC, PROT_WRITE, c_int,
};
use nix::unistd::Pid;

use crate::{
    kernel::Entry,
    objects::{self, low},
    table::{self, Look},
};

/// What was found.
pub enum Examined {
    /// It has to do with no file.
    Harmless,
    /// It writes to a socket or a pipe.
    Stream(What),
    /// It is to be written down when it has returned.
    Touch(Pending),
}

/// A call that is to be written down.
pub struct Pending {
    call: &'static str,
    path: Option<PathBuf>,
    flags: Option<c_int>,
    what: Option<What>,
    /// Whether it returns a descriptor.
    opens: bool,
}

impl Pending {
    fn new(call: &'static str) -> Self {
        Self {
            call,
            path: None,
            flags: None,
            what: None,
            opens: false,
        }
    }

    /// It has returned. What was opened is told by the descriptor: the path may have been another when the kernel read it.
    pub fn returned(mut self, thread: Pid, process: Process, result: i64) -> Touch {
        if self.opens
            && let Ok(fd @ 0..) = i32::try_from(result)
        {
            let (what, path) = objects::of(thread, fd);
            self.what = Some(what);
            self.path = path.or(self.path);
        }
        self.touch(process, Some(result))
    }

    /// The process ended within it: nobody knows whether it was done.
    pub fn never_returned(self, process: Process) -> Touch {
        self.touch(process, None)
    }

    fn touch(self, process: Process, result: Option<i64>) -> Touch {
        Touch {
            process,
            call: self.call.to_owned(),
            path: self.path,
            flags: self.flags,
            what: self.what,
            result,
        }
    }
}

/// Looks at a call that a thread is about to make.
pub fn examine(thread: Pid, entry: &Entry) -> Examined {
    if !entry.native {
        // Its number means something else.
        return Examined::Touch(Pending::new("of another architecture"));
    }
    let Some((call, look)) = table::find(entry.number) else {
        return Examined::Harmless;
    };
    let arguments = &entry.arguments;
    let argument = |index: usize| arguments.get(index).copied().unwrap_or_default();
    let pending = Pending::new(call);
    let path = |name| objects::named(thread, arguments, name);
    match look {
        Look::Open(name, flags) => opening(pending, low(argument(flags)), || path(name)),
        Look::OpenHow(name, how) => {
            // It begins with 64 bits of flags, all of them within the lower 32 as far as they are for us.
            let how = objects::bytes(thread, argument(how)).map(u64::from_le_bytes);
            opening(pending, low(how.unwrap_or(u64::MAX)), || path(name))
        }
        Look::OpenHandle(flags) => opening(pending, low(argument(flags)), || None),
        Look::Name(name) => Examined::Touch(Pending {
            path: path(name),
            ..pending
        }),
        Look::Write(fd) => writing(thread, pending, low(argument(fd))),
        Look::Send => Examined::Stream(What::Socket),
        Look::Map if maps_for_writing(low(argument(2)), low(argument(3))) => {
            writing(thread, pending, low(argument(4)))
        }
        Look::Control if [FICLONE, FICLONERANGE].contains(&argument(1)) => {
            writing(thread, pending, low(argument(0)))
        }
        Look::Bind => {
            socket_file(thread, argument(1), argument(2)).map_or(Examined::Harmless, |path| {
                Examined::Touch(Pending {
                    path: Some(path),
                    ..pending
                })
            })
        }
        Look::Descriptor => Examined::Touch(Pending {
            opens: true,
            ..pending
        }),
        Look::Always => Examined::Touch(pending),
        Look::Map | Look::Control => Examined::Harmless,
    }
}

fn opening(pending: Pending, flags: c_int, path: impl FnOnce() -> Option<PathBuf>) -> Examined {
    // O_TMPFILE has the bit of O_DIRECTORY in it, which alone is harmless.
    let makes = flags & (O_CREAT | O_TRUNC) != 0 || flags & O_TMPFILE == O_TMPFILE;
    if flags & O_ACCMODE == O_RDONLY && !makes {
        return Examined::Harmless;
    }
    Examined::Touch(Pending {
        path: path(),
        flags: Some(flags),
        opens: true,
        ..pending
    })
}

fn writing(thread: Pid, pending: Pending, fd: c_int) -> Examined {
    match objects::of(thread, fd) {
        (stream @ (What::Socket | What::Pipe), _) => Examined::Stream(stream),
        (what @ (What::File | What::Folder), path) => Examined::Touch(Pending {
            path,
            what: Some(what),
            ..pending
        }),
        (What::Memory | What::Device | What::Kernel | What::Closed, _) => Examined::Harmless,
    }
}

fn maps_for_writing(protection: c_int, flags: c_int) -> bool {
    // MAP_SHARED_VALIDATE has the bit of MAP_SHARED in it.
    protection & PROT_WRITE != 0 && flags & MAP_SHARED != 0 && flags & MAP_ANONYMOUS == 0
}

/// The file that the name of a Unix socket makes: none for one that begins with a zero (unix(7)).
fn socket_file(thread: Pid, address: u64, len: u64) -> Option<PathBuf> {
    let [low, high, first]: [u8; 3] = objects::bytes(thread, address)?;
    let is_file = c_int::from(u16::from_le_bytes([low, high])) == AF_UNIX && first != 0 && len > 2;
    let path = table::Name { at: None, path: 0 };
    is_file
        .then(|| objects::named(thread, &[address + 2, 0, 0, 0, 0, 0], path))
        .flatten()
}
