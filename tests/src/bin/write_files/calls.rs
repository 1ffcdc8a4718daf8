//! One system call each. Whether it succeeds does not matter: it has to be seen.

use std::{
    ffi::{CString, c_long},
    io::{ErrorKind, Result},
    os::unix::ffi::OsStrExt as _,
    path::Path,
};

use libc::{
    AF_UNIX, AT_FDCWD, AT_SYMLINK_FOLLOW, FICLONE, IPC_CREAT, IPC_PRIVATE, IPC_RMID, MAP_SHARED,
    O_CREAT, O_RDONLY, O_RDWR, O_TMPFILE, O_TRUNC, O_WRONLY, PROT_WRITE, S_IFREG, SOCK_STREAM,
    c_int,
};

const OUT: c_long = 1;
const IN: c_long = 0;
const AT: c_long = AT_FDCWD as c_long;
/// Rights of a new file.
const MODE: c_long = 0o600;
/// Bytes to write.
const SOME: c_long = 10;

/// Makes a call on a path, on standard output, or on nothing that was there.
///
/// # Errors
/// When there is no such way, never by what the call returns.
pub fn make(way: &str, path: &Path) -> Result<()> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    let mut bytes = [b'x'; SOME as usize];
    let bytes = bytes.as_mut_ptr() as c_long;
    let mut zeros = [0_u64; 16];
    let zeros = zeros.as_mut_ptr() as c_long;
    let result = on_path(way, &path)
        .or_else(|| on_output(way, bytes))
        .or_else(|| on_nothing(way, bytes, zeros));
    result
        .map(drop)
        .ok_or_else(|| ErrorKind::InvalidInput.into())
}

fn on_path(way: &str, path: &CString) -> Option<c_long> {
    let file = path.as_ptr() as c_long;
    let output = c"/proc/self/fd/1".as_ptr() as c_long;
    let attribute = c"user.x".as_ptr() as c_long;
    // Of openat2(2): flags, mode, ways to resolve.
    let how = [O_WRONLY as u64 | O_CREAT as u64, MODE as u64, 0];
    let address = socket_address(path);
    let open = |flags: c_int| [AT, file, flags.into(), MODE];
    Some(match way {
        "create" => called(libc::SYS_openat, &open(O_WRONLY | O_CREAT)),
        "create to read" => called(libc::SYS_openat, &open(O_RDONLY | O_CREAT)),
        "write only" => called(libc::SYS_openat, &open(O_WRONLY)),
        "read and write" => called(libc::SYS_openat, &open(O_RDWR)),
        "cut" => called(libc::SYS_openat, &open(O_RDONLY | O_TRUNC)),
        "nameless" => called(libc::SYS_openat, &open(O_RDWR | O_TMPFILE)),
        "read" => called(libc::SYS_openat, &open(O_RDONLY)),
        "openat2" => called(
            libc::SYS_openat2,
            &[
                AT,
                file,
                how.as_ptr() as c_long,
                size_of_val(&how) as c_long,
            ],
        ),
        "mkdirat" => called(libc::SYS_mkdirat, &[AT, file, MODE]),
        "mknodat" => called(libc::SYS_mknodat, &[AT, file, S_IFREG as c_long | MODE]),
        "symlinkat" => called(libc::SYS_symlinkat, &[file, AT, file]),
        "linkat" => called(
            libc::SYS_linkat,
            &[AT, output, AT, file, AT_SYMLINK_FOLLOW.into()],
        ),
        "renameat" => called(libc::SYS_renameat, &[AT, file, AT, file]),
        "renameat2" => called(libc::SYS_renameat2, &[AT, file, AT, file]),
        "truncate" => called(libc::SYS_truncate, &[file, 1]),
        "setxattr" => called(libc::SYS_setxattr, &[file, attribute, file, 1]),
        "lsetxattr" => called(libc::SYS_lsetxattr, &[file, attribute, file, 1]),
        "mq_open" => called(libc::SYS_mq_open, &[file, O_WRONLY.into(), MODE]),
        "bind" => {
            // SAFETY: it has no memory to do with.
            let socket = unsafe { libc::socket(AF_UNIX, SOCK_STREAM, 0) };
            let len = address.len() as c_long;
            called(
                libc::SYS_bind,
                &[socket.into(), address.as_ptr() as c_long, len],
            )
        }
        #[cfg(target_arch = "x86_64")]
        "open" => called(libc::SYS_open, &[file, (O_WRONLY | O_CREAT).into(), MODE]),
        #[cfg(target_arch = "x86_64")]
        "creat" => called(libc::SYS_creat, &[file, MODE]),
        #[cfg(target_arch = "x86_64")]
        "mkdir" => called(libc::SYS_mkdir, &[file, MODE]),
        #[cfg(target_arch = "x86_64")]
        "mknod" => called(libc::SYS_mknod, &[file, S_IFREG as c_long | MODE]),
        #[cfg(target_arch = "x86_64")]
        "rename" => called(libc::SYS_rename, &[file, file]),
        #[cfg(target_arch = "x86_64")]
        "link" => called(libc::SYS_link, &[output, file]),
        #[cfg(target_arch = "x86_64")]
        "symlink" => called(libc::SYS_symlink, &[file, file]),
        _ => return None,
    })
}

fn on_output(way: &str, bytes: c_long) -> Option<c_long> {
    let vector = [bytes, SOME];
    let vector = vector.as_ptr() as c_long;
    let attribute = c"user.x".as_ptr() as c_long;
    Some(match way {
        "write" => called(libc::SYS_write, &[OUT, bytes, SOME]),
        "writev" => called(libc::SYS_writev, &[OUT, vector, 1]),
        "pwrite64" => called(libc::SYS_pwrite64, &[OUT, bytes, SOME]),
        "pwritev" => called(libc::SYS_pwritev, &[OUT, vector, 1]),
        "pwritev2" => called(libc::SYS_pwritev2, &[OUT, vector, 1]),
        "vmsplice" => called(libc::SYS_vmsplice, &[OUT, vector, 1]),
        "sendfile" => called(libc::SYS_sendfile, &[OUT, IN, 0, SOME]),
        "splice" => called(libc::SYS_splice, &[IN, 0, OUT, 0, SOME]),
        "tee" => called(libc::SYS_tee, &[IN, OUT, SOME]),
        "copy_file_range" => called(libc::SYS_copy_file_range, &[IN, 0, OUT, 0, SOME]),
        "ftruncate" => called(libc::SYS_ftruncate, &[OUT, 1]),
        "fallocate" => called(libc::SYS_fallocate, &[OUT, 0, 0, SOME]),
        "fsetxattr" => called(libc::SYS_fsetxattr, &[OUT, attribute, bytes, SOME]),
        "mmap" => called(
            libc::SYS_mmap,
            &[0, SOME, PROT_WRITE as c_long, MAP_SHARED as c_long, OUT],
        ),
        "ioctl" => called(libc::SYS_ioctl, &[OUT, FICLONE as c_long, IN]),
        _ => return None,
    })
}

fn on_nothing(way: &str, bytes: c_long, zeros: c_long) -> Option<c_long> {
    let new = IPC_CREAT as c_long | MODE;
    Some(match way {
        "memfd_create" => called(libc::SYS_memfd_create, &[c"x".as_ptr() as c_long]),
        "memfd_secret" => called(libc::SYS_memfd_secret, &[]),
        "io_uring_setup" => called(libc::SYS_io_uring_setup, &[1, zeros]),
        "io_setup" => called(libc::SYS_io_setup, &[1, zeros]),
        "bpf" => called(libc::SYS_bpf, &[]),
        "open_by_handle_at" => called(libc::SYS_open_by_handle_at, &[AT, zeros, O_RDWR as c_long]),
        // Nothing else would ever take these two away.
        "shmget" => {
            let id = called(libc::SYS_shmget, &[IPC_PRIVATE as c_long, SOME, new]);
            called(libc::SYS_shmctl, &[id, IPC_RMID.into(), bytes]);
            id
        }
        "msgget" => {
            let id = called(libc::SYS_msgget, &[IPC_PRIVATE as c_long, new]);
            called(libc::SYS_msgctl, &[id, IPC_RMID.into(), bytes]);
            id
        }
        _ => return None,
    })
}

/// A Unix socket's address that is a path (unix(7)).
fn socket_address(path: &CString) -> Vec<u8> {
    let family = u16::try_from(AF_UNIX).unwrap_or_default();
    [&family.to_ne_bytes(), path.as_bytes_with_nul()].concat()
}

/// Makes a call with these arguments and zeros.
fn called(number: c_long, given: &[c_long]) -> c_long {
    let mut all = [0; 6];
    for (argument, given) in all.iter_mut().zip(given) {
        *argument = *given;
    }
    let [a, b, c, d, e, f] = all;
    // SAFETY: every address above is of memory that outlives the call and is as large as it wants; those that are only
    // numbers are of new memory, of the kernel's choice.
    unsafe { libc::syscall(number, a, b, c, d, e, f) }
}
