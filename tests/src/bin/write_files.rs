//! Touches a file in one way: what the watches are tried on.
//!
//! `write_files call <name> <path>` makes one system call, on `path` or on its standard output.
//! `write_files plant <way> <path>` writes what it reads on standard input into a new file.
#![allow(unsafe_code)]

use std::{
    env,
    ffi::CString,
    fs::{self, OpenOptions},
    io::{self, Read as _, Write as _},
    os::{fd::AsRawFd as _, unix::ffi::OsStrExt as _},
    path::{Path, PathBuf},
    process::Command,
    ptr, thread,
};

use libc::{
    AT_FDCWD, IPC_CREAT, IPC_PRIVATE, MAP_FAILED, MAP_SHARED, O_CREAT, O_RDONLY, O_RDWR, O_TMPFILE,
    O_TRUNC, O_WRONLY, PROT_READ, PROT_WRITE, S_IFREG, c_long,
};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

/// Standard output.
const OUT: c_long = 1;
/// Standard input.
const IN: c_long = 0;
const AT: c_long = AT_FDCWD as c_long;
/// Rights of a new file.
const MODE: c_long = 0o600;

fn main() -> io::Result<()> {
    let words: Vec<_> = env::args_os().skip(1).collect();
    let [command, way, path] = words.as_slice() else {
        return Err(io::Error::other("call|plant <way> <path>"));
    };
    let way = way.to_string_lossy().into_owned();
    let path = PathBuf::from(path);
    match command.to_str() {
        Some("call") => call(&way, &path),
        Some("plant") => plant(&way, &path),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

fn call(name: &str, path: &Path) -> io::Result<()> {
    let path_name = CString::new(path.as_os_str().as_bytes())?;
    let file = path_name.as_ptr() as c_long;
    // openat2(2): flags, mode, resolve.
    let how: [u64; 3] = [O_WRONLY as u64 | O_CREAT as u64, MODE as u64, 0];
    let mut bytes = *b"some bytes";
    let data = bytes.as_mut_ptr() as c_long;
    let vector: [c_long; 2] = [data, bytes.len() as c_long];
    let vector = vector.as_ptr() as c_long;
    let mut parameters = [0_u64; 15];
    let parameters = parameters.as_mut_ptr() as c_long;
    let mut address = [0_u8; 110];
    address[0] = libc::AF_UNIX as u8;
    let copied = path_name.as_bytes_with_nul();
    if let Some(place) = address.get_mut(2..2 + copied.len()) {
        place.copy_from_slice(copied);
    }
    let address = address.as_ptr() as c_long;
    let open = |flags: i32| (libc::SYS_openat, [AT, file, flags.into(), MODE, 0, 0]);
    let (number, arguments) = match name {
        "create" => open(O_WRONLY | O_CREAT),
        "create to read" => open(O_RDONLY | O_CREAT),
        "write only" => open(O_WRONLY),
        "read and write" => open(O_RDWR),
        "cut" => open(O_RDONLY | O_TRUNC),
        "nameless" => open(O_RDWR | O_TMPFILE),
        "read" => open(O_RDONLY),
        "openat2" => (
            libc::SYS_openat2,
            [AT, file, how.as_ptr() as c_long, 24, 0, 0],
        ),
        "mkdirat" => (libc::SYS_mkdirat, [AT, file, MODE, 0, 0, 0]),
        "mknodat" => (
            libc::SYS_mknodat,
            [AT, file, S_IFREG as c_long | MODE, 0, 0, 0],
        ),
        "symlinkat" => (libc::SYS_symlinkat, [file, AT, file, 0, 0, 0]),
        "linkat" => (
            libc::SYS_linkat,
            [
                AT,
                c"/proc/self/fd/1".as_ptr() as c_long,
                AT,
                file,
                0x400,
                0,
            ],
        ),
        "renameat2" => (libc::SYS_renameat2, [AT, file, AT, file, 0, 0]),
        "truncate" => (libc::SYS_truncate, [file, 1, 0, 0, 0, 0]),
        "bind" => {
            // SAFETY: it has no memory to do with.
            let socket = unsafe { libc::socket(libc::AF_UNIX, libc::SOCK_STREAM, 0) };
            (libc::SYS_bind, [socket.into(), address, 110, 0, 0, 0])
        }
        "write" => (libc::SYS_write, [OUT, data, 10, 0, 0, 0]),
        "writev" => (libc::SYS_writev, [OUT, vector, 1, 0, 0, 0]),
        "pwrite64" => (libc::SYS_pwrite64, [OUT, data, 10, 0, 0, 0]),
        "pwritev2" => (libc::SYS_pwritev2, [OUT, vector, 1, 0, 0, 0]),
        "sendfile" => (libc::SYS_sendfile, [OUT, IN, 0, 10, 0, 0]),
        "splice" => (libc::SYS_splice, [IN, 0, OUT, 0, 10, 0]),
        "copy_file_range" => (libc::SYS_copy_file_range, [IN, 0, OUT, 0, 10, 0]),
        "ftruncate" => (libc::SYS_ftruncate, [OUT, 1, 0, 0, 0, 0]),
        "fallocate" => (libc::SYS_fallocate, [OUT, 0, 0, 10, 0, 0]),
        "fsetxattr" => (
            libc::SYS_fsetxattr,
            [OUT, c"user.x".as_ptr() as c_long, data, 10, 0, 0],
        ),
        "mmap" => (
            libc::SYS_mmap,
            [
                0,
                10,
                (PROT_READ | PROT_WRITE).into(),
                MAP_SHARED.into(),
                OUT,
                0,
            ],
        ),
        "ioctl" => (libc::SYS_ioctl, [OUT, libc::FICLONE as c_long, IN, 0, 0, 0]),
        "memfd_create" => (
            libc::SYS_memfd_create,
            [c"x".as_ptr() as c_long, 0, 0, 0, 0, 0],
        ),
        "io_uring_setup" => (libc::SYS_io_uring_setup, [1, parameters, 0, 0, 0, 0]),
        "shmget" => (
            libc::SYS_shmget,
            [IPC_PRIVATE.into(), 10, (IPC_CREAT | 0o600).into(), 0, 0, 0],
        ),
        // Again, as another thread or process.
        "thread" => {
            let path = path.to_owned();
            let called = thread::spawn(move || call("create", &path)).join();
            return called.unwrap_or_else(|_| Err(io::ErrorKind::Other.into()));
        }
        "child" => {
            let mut again = Command::new(env::current_exe()?);
            return again.args(["call", "create"]).arg(path).status().map(drop);
        }
        // By a process that nobody but root may look into.
        "closed" => {
            // SAFETY: it has no memory to do with.
            unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0) };
            return call("create", path);
        }
        // By a process that is killed for it.
        "forbidden" => {
            let rules = [(libc::SYS_openat, Vec::new())].into();
            let (otherwise, on_match) = (SeccompAction::Allow, SeccompAction::KillProcess);
            let arch = env::consts::ARCH.try_into().map_err(io::Error::other)?;
            let filter = SeccompFilter::new(rules, otherwise, on_match, arch);
            let program = filter.and_then(BpfProgram::try_from);
            let program = program.map_err(io::Error::other)?;
            seccompiler::apply_filter(&program).map_err(io::Error::other)?;
            return call("create", path);
        }
        "long path" => {
            let long = format!("{}/{}", path.display(), "./".repeat(600));
            return call("nameless", Path::new(&long));
        }
        _ => return Err(io::ErrorKind::InvalidInput.into()),
    };
    let [a, b, c, d, e, f] = arguments;
    // SAFETY: every address is of memory of this function that is as large as the call wants.
    let result = unsafe { libc::syscall(number, a, b, c, d, e, f) };
    if name == "shmget" && result >= 0 {
        // SAFETY: it has no memory to do with. Nothing else would ever take it away.
        unsafe { libc::shmctl(result as i32, libc::IPC_RMID, ptr::null_mut()) };
    }
    Ok(())
}

fn plant(way: &str, path: &Path) -> io::Result<()> {
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes)?;
    match way {
        "write" => fs::write(path, &bytes),
        "rename" => {
            let other = path.with_extension("other");
            fs::write(&other, &bytes)?;
            fs::rename(other, path)
        }
        "append" => OpenOptions::new()
            .append(true)
            .open(path)?
            .write_all(&bytes),
        "map" => {
            let mut options = OpenOptions::new();
            let file = options.read(true).write(true).create_new(true).open(path)?;
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
                return Err(io::Error::last_os_error());
            }
            // SAFETY: the mapping is so many writable bytes, and nothing else has it.
            unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), start.cast(), bytes.len()) };
            Ok(())
        }
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}
