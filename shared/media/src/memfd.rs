//! A file that exists only in memory, for videos that a decoder must seek in.
#![allow(unsafe_code)]

use std::{
    os::fd::{AsRawFd, OwnedFd},
    ptr::NonNull,
};

use rustix::{
    fs::{MemfdFlags, Mode, OFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create},
    io::Errno,
    mm::{Advice, MapFlags, ProtFlags, madvise, mmap, munmap},
};

/// A memory file of fixed size (memfd_create(2)) with its bytes mapped. They are wiped when it is dropped.
pub(super) struct MemoryFile {
    fd: OwnedFd,
    start: NonNull<u8>,
    len: usize,
}

// SAFETY: the mapping belongs to this value alone and lives as long as it; nothing in it is bound to a thread.
unsafe impl Send for MemoryFile {}
// SAFETY: through a shared reference only the descriptor and the length can be had, never the mapped bytes.
unsafe impl Sync for MemoryFile {}

impl MemoryFile {
    /// Makes a file of `len` zeros, `len` > 0.
    pub(super) fn new(len: usize) -> Result<Self, Errno> {
        let fd = create()?;
        ftruncate(&fd, len as u64)?;
        // SAFETY: a new mapping at an address of the kernel's choice touches no memory that is in use.
        let start = unsafe {
            mmap(
                std::ptr::null_mut(),
                len,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::SHARED,
                &fd,
                0,
            )?
        };
        let start = NonNull::new(start.cast()).ok_or(Errno::NOMEM)?;
        let file = Self { fd, start, len };
        // SAFETY: the range is the mapping just made, and the advice does not change its bytes.
        unsafe { madvise(start.as_ptr().cast(), len, Advice::LinuxDontDump)? };
        // The decoder can neither change nor cut the file: its size is what the mapping relies on. Old kernels know no
        // seal for future writes.
        let size = SealFlags::GROW | SealFlags::SHRINK;
        fcntl_add_seals(&file.fd, size)?;
        let _ = fcntl_add_seals(&file.fd, SealFlags::FUTURE_WRITE | SealFlags::SEAL);
        Ok(file)
    }

    /// The file, for reading only, from its beginning: a description of its own, with an offset of its own.
    pub(super) fn open(&self) -> Result<OwnedFd, Errno> {
        open(&self.fd)
    }

    /// The bytes.
    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: the mapping is `len` readable and writable bytes until `self` is dropped; the exclusive borrow of
        // `self` rules out another reference in this process, and no other process maps it.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

fn create() -> Result<OwnedFd, Errno> {
    memfd_create("video", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)
}

fn open(file: &OwnedFd) -> Result<OwnedFd, Errno> {
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    rustix::fs::open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
}

impl Drop for MemoryFile {
    fn drop(&mut self) {
        // Not optimised away: the kernel, and whoever else has the file open, can see it.
        self.bytes_mut().fill(0);
        std::hint::black_box(self.start);
        // SAFETY: the range is the mapping made in `new`, unmapped once, and no reference into it outlives `self`.
        let _ = unsafe { munmap(self.start.as_ptr().cast(), self.len) };
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs::File,
        io::{Read, Write},
        os::unix::fs::FileExt,
    };

    use super::*;

    #[test]
    fn what_is_written_can_be_read_through_the_descriptor_but_not_changed() {
        let mut file = MemoryFile::new(5000).unwrap();
        file.bytes_mut()[4990..].copy_from_slice(b"0123456789");
        let mut reader = File::from(file.open().unwrap());
        let mut end = [0; 10];
        reader.read_exact_at(&mut end, 4990).unwrap();
        assert_eq!(&end, b"0123456789");
        assert!(reader.set_len(0).is_err());
        assert!(reader.set_len(6000).is_err());
        assert!(reader.write(b"0").is_err());
        file.bytes_mut()[0] = 1;
        // The size is sealed, whoever asks.
        let owner = File::from(file.fd.try_clone().unwrap());
        assert!(owner.set_len(0).is_err());
        assert!(owner.set_len(6000).is_err());
    }

    #[test]
    fn each_reader_has_an_offset_of_its_own() {
        let mut file = MemoryFile::new(2).unwrap();
        file.bytes_mut().copy_from_slice(b"ab");
        let (one, other) = (file.open().unwrap(), file.open().unwrap());
        for reader in [one, other] {
            let mut all = String::new();
            File::from(reader).read_to_string(&mut all).unwrap();
            assert_eq!(all, "ab");
        }
    }

    #[test]
    fn dropping_it_wipes_it() {
        let mut file = MemoryFile::new(1 << 20).unwrap();
        file.bytes_mut().fill(7);
        let mut reader = File::from(file.open().unwrap());
        drop(file);
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, vec![0; 1 << 20]);
    }
}
