//! What a thread's descriptors are, and what lies in its memory.

use std::{
    fs::{self, File},
    os::unix::{
        ffi::OsStringExt as _,
        fs::{FileExt as _, FileTypeExt as _},
    },
    path::PathBuf,
};

use dodolens_tests::watch::What;
use libc::{AT_FDCWD, PATH_MAX};
use nix::unistd::Pid;

use crate::table::Name;

/// Paths are read by so many bytes: no read crosses a page, of which the next may not be there.
const STEP: usize = 256;

/// What a descriptor is, and its name.
pub fn of(thread: Pid, fd: i32) -> (What, Option<PathBuf>) {
    let link = format!("/proc/{thread}/fd/{fd}");
    let Ok(name) = fs::read_link(&link) else {
        return (What::Closed, None);
    };
    // A file of this name elsewhere would have been seen when it was made.
    let text = name.to_string_lossy();
    let what = if text.starts_with("/memfd:") && text.ends_with(" (deleted)") {
        What::Memory
    } else {
        // Follows the link to what is open, whatever its name may be by now.
        match fs::metadata(&link).map(|metadata| metadata.file_type()) {
            Ok(kind) if kind.is_socket() => What::Socket,
            Ok(kind) if kind.is_fifo() => What::Pipe,
            Ok(kind) if kind.is_char_device() => What::Device,
            Ok(kind) if kind.is_dir() => What::Folder,
            Ok(kind) if kind.is_file() || kind.is_block_device() => What::File,
            Ok(_) => What::Kernel,
            Err(_) => What::Closed,
        }
    };
    (what, Some(name))
}

/// The file that a call names.
pub fn named(thread: Pid, arguments: &[u64; 6], name: Name) -> Option<PathBuf> {
    let path = string(thread, *arguments.get(name.path)?)?;
    let base = match name.at.and_then(|at| arguments.get(at)) {
        Some(fd) if low(*fd) != AT_FDCWD => format!("/proc/{thread}/fd/{}", low(*fd)),
        _ => format!("/proc/{thread}/cwd"),
    };
    // An absolute path takes the place of the base.
    Some(fs::read_link(base).unwrap_or_default().join(path))
}

/// The lower half of an argument: what the kernel takes of one that is an `int`.
pub fn low(argument: u64) -> i32 {
    let [a, b, c, d, ..] = argument.to_le_bytes();
    i32::from_le_bytes([a, b, c, d])
}

/// The string at an address, up to its zero.
fn string(thread: Pid, address: u64) -> Option<PathBuf> {
    let memory = File::open(format!("/proc/{thread}/mem")).ok()?;
    let mut bytes = Vec::new();
    let limit = usize::try_from(PATH_MAX).unwrap_or(usize::MAX);
    while bytes.len() < limit {
        let at = address.checked_add(bytes.len() as u64)?;
        let within_page = STEP - usize::try_from(at % STEP as u64).unwrap_or(0);
        let mut piece = vec![0; within_page];
        memory.read_exact_at(&mut piece, at).ok()?;
        match piece.iter().position(|byte| *byte == 0) {
            Some(end) => {
                bytes.extend(piece.drain(..end));
                break;
            }
            None => bytes.append(&mut piece),
        }
    }
    Some(std::ffi::OsString::from_vec(bytes).into())
}

/// The bytes at an address.
pub fn bytes<const N: usize>(thread: Pid, address: u64) -> Option<[u8; N]> {
    let memory = File::open(format!("/proc/{thread}/mem")).ok()?;
    let mut bytes = [0; N];
    memory.read_exact_at(&mut bytes, address).ok()?;
    Some(bytes)
}
