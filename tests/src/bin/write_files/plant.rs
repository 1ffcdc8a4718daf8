//! Whole files, written as programs do it.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Error, ErrorKind, Read as _, Result, Write as _},
    os::fd::AsRawFd as _,
    path::Path,
    ptr,
};

use libc::{MAP_FAILED, MAP_SHARED, PROT_READ, PROT_WRITE};

/// Writes standard input into a file.
///
/// # Errors
/// When that fails, or there is no such way.
pub fn plant(way: &str, path: &Path) -> Result<()> {
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes)?;
    let mut options = OpenOptions::new();
    match way {
        "write" => fs::write(path, &bytes),
        "append" => options.append(true).open(path)?.write_all(&bytes),
        "rename" => {
            let other = path.with_extension("other");
            fs::write(&other, &bytes)?;
            fs::rename(other, path)
        }
        "map" => {
            let file = options.read(true).write(true).create_new(true).open(path)?;
            map(&file, &bytes)
        }
        _ => Err(ErrorKind::InvalidInput.into()),
    }
}

fn map(file: &File, bytes: &[u8]) -> Result<()> {
    file.set_len(bytes.len() as u64)?;
    // SAFETY: a new mapping at an address of the kernel's choice, of a file that is so long.
    let start = unsafe {
        libc::mmap(
            ptr::null_mut(),
            bytes.len(),
            PROT_READ | PROT_WRITE,
            MAP_SHARED,
            file.as_raw_fd(),
            0,
        )
    };
    if start == MAP_FAILED {
        return Err(Error::last_os_error());
    }
    // SAFETY: the mapping is so many writable bytes, and nothing else has it.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), start.cast(), bytes.len()) };
    Ok(())
}
