//! The program that a child becomes, once.
#![allow(unsafe_code)]

use std::{
    ffi::{CString, NulError, OsStr, c_char},
    io,
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::ffi::OsStrExt,
    },
    path::Path,
    ptr,
};

use rustix::{
    fs::{Mode, OFlags},
    mm::{MapFlags, ProtFlags, mmap_anonymous},
};

use super::calls::EMPTY_PATH;

/// A program on disk.
#[derive(Debug)]
pub(super) struct Program {
    fd: OwnedFd,
    name: CString,
}

impl Program {
    /// Finds the program; whatever its path names later, it stays the same.
    ///
    /// # Errors
    /// When it can't be opened.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::PATH | OFlags::CLOEXEC;
        Ok(Self {
            fd: rustix::fs::open(path, flags, Mode::empty())?,
            name: c_string(path.as_os_str())?,
        })
    }

    /// Its descriptor, the same in every child.
    pub(super) fn descriptor(&self) -> i32 {
        self.fd.as_raw_fd()
    }

    /// Prepares the list of arguments for [`Self::become_it`].
    ///
    /// # Errors
    /// When an argument has a zero in it.
    pub(super) fn arguments(&self, arguments: &[String]) -> Result<Arguments, NulError> {
        let strings = std::iter::once(Ok(self.name.clone()))
            .chain(arguments.iter().map(|word| c_string(OsStr::new(word))))
            .collect::<Result<Vec<_>, _>>()?;
        let pointers = strings.iter().map(|string| string.as_ptr());
        Ok(Arguments {
            pointers: pointers.chain([ptr::null()]).collect(),
            _strings: strings,
        })
    }

    /// Maps the empty path where the filter wants it; before the filter is installed. Allocates nothing.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub(super) fn prepare() -> io::Result<()> {
        // SAFETY: MAP_FIXED_NOREPLACE maps at this address or fails: it touches no memory that is in use.
        let page = unsafe {
            mmap_anonymous(
                empty_path().cast_mut().cast(),
                1,
                ProtFlags::READ,
                MapFlags::PRIVATE | MapFlags::FIXED_NOREPLACE,
            )
        }?;
        if page.cast_const().cast() != empty_path() {
            return Err(io::ErrorKind::Unsupported.into()); // before Linux 4.17 it is a hint
        }
        Ok(())
    }

    /// Makes the calling process this program, without any environment. Returns only when that fails. Allocates nothing.
    pub(super) fn become_it(&self, arguments: &Arguments) -> io::Error {
        let environment: [*const c_char; 1] = [ptr::null()];
        // SAFETY: the path is the zeros that `prepare` mapped; both lists end with a null pointer, and the strings live
        // as long as the lists.
        unsafe {
            libc::syscall(
                libc::SYS_execveat,
                self.fd.as_raw_fd(),
                empty_path(),
                arguments.pointers.as_ptr(),
                environment.as_ptr(),
                libc::AT_EMPTY_PATH,
            )
        };
        io::Error::last_os_error()
    }
}

fn empty_path() -> *const c_char {
    ptr::without_provenance(EMPTY_PATH as usize)
}

fn c_string(text: &OsStr) -> Result<CString, NulError> {
    CString::new(text.as_bytes())
}

/// A list of arguments as the kernel takes it.
pub(super) struct Arguments {
    /// Into `_strings`, then null.
    pointers: Vec<*const c_char>,
    _strings: Vec<CString>,
}

// SAFETY: the pointers are into strings on the heap that this value owns and never changes.
unsafe impl Send for Arguments {}
// SAFETY: as above; through a shared reference they are only read.
unsafe impl Sync for Arguments {}
