//! A stand-in for ffmpeg that has been taken over. It makes the one attempt that its own name asks for, `<attempt>` or
//! `<attempt>,<argument>`, and writes a picture if, and only if, that succeeds. So an attempt that gets through is an
//! analysis that succeeds. Until its trial is over it behaves. Some names ask for what an honest decoder may do.
//!
//! It opens no file of its own accord, as the minimal ffmpeg, and so has no `main` of Rust's, whose runtime does; under the
//! name `opening-<attempt>` it needs one to start at all, as the ffmpeg of the wheel.
//!
//! The tests compile it again by itself and static, as ffmpeg is: the jail has no place for a dynamic linker.
#![no_main]
#![allow(unsafe_code)]
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

use std::{
    ffi::{c_char, c_int, c_long, c_uint, c_ulong, c_void},
    fs::{File, OpenOptions},
    io::{Error, ErrorKind, Read as _, Result, Write as _, stdout},
    net::{TcpListener, TcpStream, UdpSocket},
    os::{fd::AsRawFd as _, unix::net::UnixStream},
    process::Command,
    time::Duration,
};

unsafe extern "C" {
    fn execve(path: *const c_char, argv: *const *const c_char, envp: *const *const c_char)
    -> c_int;
    fn fork() -> c_int;
    fn getppid() -> c_int;
    fn kill(pid: c_int, signal: c_int) -> c_int;
    fn memfd_create(name: *const c_char, flags: c_uint) -> c_int;
    fn mmap(
        at: *mut c_void,
        len: usize,
        protection: c_int,
        flags: c_int,
        fd: c_int,
        offset: i64,
    ) -> *mut c_void;
    fn abort() -> !;
    fn setrlimit(resource: c_int, limit: *const [c_ulong; 2]) -> c_int;
    fn signal(signal: c_int, handler: usize) -> usize;
    fn syscall(number: c_long, ...) -> c_long;
    fn unshare(flags: c_int) -> c_int;
}

/// Numbers of system calls.
const IO_URING_SETUP: c_long = 425;
#[cfg(target_arch = "x86_64")]
const PROCESS_VM_READV: c_long = 310;
#[cfg(target_arch = "aarch64")]
const PROCESS_VM_READV: c_long = 270;
#[cfg(target_arch = "x86_64")]
const EXECVEAT: c_long = 322;
#[cfg(target_arch = "aarch64")]
const EXECVEAT: c_long = 281;
#[cfg(target_arch = "x86_64")]
const PTRACE: c_long = 101;
#[cfg(target_arch = "aarch64")]
const PTRACE: c_long = 117;
/// Of ptrace(2).
const PTRACE_SEIZE: c_long = 0x4206;
/// Of unshare(2).
const CLONE_NEWUSER: c_int = 0x1000_0000;
/// Of execveat(2).
const AT_EMPTY_PATH: c_int = 0x1000;
/// Of setrlimit(2).
const RLIMIT_NOFILE: c_int = 7;
/// Of signal(2): the CPU limit is reached.
const SIGXCPU: c_int = 24;
/// Of signal(2): ignore it.
const SIG_IGN: usize = 1;
/// More address space than a decoder may have.
const MUCH: usize = 2 << 30;
/// `-max_pixels` of the film that a decoder is tried with when the process starts.
const TRIAL: &str = "1632";

/// The markers of a JPEG of 16 × 9 pixels.
const JPEG: &[u8] = b"\xff\xd8\xff\xc0\x00\x0b\x08\x00\x09\x00\x10\x01\x01\x11\x00data\xff\xd9";

/// What the C library calls.
#[unsafe(no_mangle)]
pub extern "C" fn main(_: c_int, _: *const *const c_char) -> c_int {
    let mut arguments = std::env::args();
    let name = arguments.next().unwrap_or_default();
    // In a layer its name is given: there the layer's folder has the attempt's.
    let name = name.strip_suffix("/bin/ffmpeg").unwrap_or(&name);
    let name = name.rsplit('/').next().unwrap_or_default();
    let opening = name.strip_prefix("opening-");
    if opening.is_some() && File::open("/dev/urandom").is_err() {
        return 1;
    }
    let arguments: Vec<_> = arguments.collect();
    if arguments.first().is_some_and(|first| first == "-version") {
        println!("a version");
        return 0;
    }
    if arguments
        .windows(2)
        .any(|two| two == ["-max_pixels", TRIAL])
    {
        let _ = stdout().write_all(&[picture(), picture()].concat());
        return 0;
    }
    let name = opening.unwrap_or(name);
    let (attempt, argument) = name.split_once(',').unwrap_or((name, ""));
    if try_to(attempt, argument).is_ok() {
        let _ = stdout().write_all(&picture());
        let _ = stdout().flush();
    }
    0
}

/// One picture as ffmpeg's `mpjpeg` muxer writes it.
fn picture() -> Vec<u8> {
    let head = format!(
        "--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: {}\r\n\r\n",
        JPEG.len()
    );
    [head.as_bytes(), JPEG, b"\r\n"].concat()
}

fn try_to(attempt: &str, argument: &str) -> Result<()> {
    match attempt {
        "nothing" => Ok(()),
        "work" => {
            work();
            Ok(())
        }
        "complain" => {
            let _ = std::io::stderr().write_all(b"Decoding error: Cannot allocate memory\n");
            Ok(())
        }
        // SAFETY: it has no memory to do with.
        "abort" => unsafe { abort() },
        "catch" => {
            // SAFETY: no function is called at the signal.
            let refused = unsafe { signal(SIGXCPU, SIG_IGN) } == usize::MAX;
            outcome(if refused { -1 } else { 0 })
        }
        "tcp" => TcpStream::connect(format!("127.0.0.1:{argument}"))?.write_all(b"got out"),
        "listen" => TcpListener::bind("127.0.0.1:0").map(drop),
        "udp" => {
            let socket = UdpSocket::bind("127.0.0.1:0")?;
            let to = format!("127.0.0.1:{argument}");
            socket.send_to(b"got out", to).map(drop)
        }
        "unix" => UnixStream::pair().map(drop),
        "create" => File::create(path(argument)).map(drop),
        "write" => OpenOptions::new()
            .write(true)
            .open(path(argument))
            .map(drop),
        "append" => OpenOptions::new()
            .append(true)
            .open(path(argument))
            .map(drop),
        "read" => File::open(path(argument))?.read_exact(&mut [0]),
        "unlink" => std::fs::remove_file(path(argument)),
        "mkdir" => std::fs::create_dir(path(argument)),
        "memfd" => {
            // SAFETY: the name ends with a zero.
            outcome(unsafe { memfd_create(c"x".as_ptr(), 0) })
        }
        // SAFETY: the child only ends.
        "fork" => match unsafe { fork() } {
            0 => std::process::exit(0),
            pid => outcome(pid),
        },
        "command" => Command::new("/bin/sh").args(["-c", ":"]).status().map(drop),
        "exec" => {
            // Started as "nothing", it would give a picture.
            let arguments = [c"nothing".as_ptr(), std::ptr::null()];
            // SAFETY: path and arguments end with zeros, the lists with null.
            outcome(unsafe {
                execve(
                    c"/proc/self/exe".as_ptr(),
                    arguments.as_ptr(),
                    [std::ptr::null()].as_ptr(),
                )
            })
        }
        // SAFETY: without a buffer, it only attaches.
        "ptrace" => outcome(unsafe {
            syscall(
                PTRACE,
                PTRACE_SEIZE,
                parent().parse::<c_long>().map_err(Error::other)?,
                0,
                0,
            )
        }),
        "peek" => {
            let mut byte = [0_u8; 1];
            let to: [usize; 2] = [byte.as_mut_ptr() as usize, 1];
            let from: [usize; 2] = [to.as_ptr() as usize, 0];
            let pid = parent().parse::<c_long>().map_err(Error::other)?;
            let (one, none): (c_ulong, c_ulong) = (1, 0); // all of a register or of a place on the stack
            // SAFETY: both lists have one entry; nothing is read of an empty one.
            outcome(unsafe {
                syscall(
                    PROCESS_VM_READV,
                    pid,
                    to.as_ptr(),
                    one,
                    from.as_ptr(),
                    one,
                    none,
                )
            })
        }
        "environ" => read_of(&parent(), "environ"),
        "mem" => File::open(format!("/proc/{}/mem", parent())).map(drop),
        "kill" => {
            let pid = parent().parse().map_err(Error::other)?;
            // SAFETY: signal 0 is only a question.
            outcome(unsafe { kill(pid, 0) })
        }
        "memory" => take_memory(),
        "cpu" => loop {
            std::hint::spin_loop();
        },
        "output" => loop {
            stdout().write_all(&picture())?;
        },
        "headers" => loop {
            stdout().write_all(b"no header ends")?;
        },
        "threads" => start_threads(),
        "limits" => {
            // SAFETY: the limits are read during the call.
            outcome(unsafe { setrlimit(RLIMIT_NOFILE, &[17, 17]) })
        }
        "uring" => {
            let mut parameters = [0_u64; 15];
            // SAFETY: the kernel writes 120 bytes of parameters at most.
            outcome(unsafe { syscall(IO_URING_SETUP, 1, parameters.as_mut_ptr()) })
        }
        // SAFETY: it has no memory to do with.
        "unshare" => outcome(unsafe { unshare(CLONE_NEWUSER) }),
        // The place of the path by which the jail starts a decoder.
        "page" => {
            let (read, private_fixed) = (1, 0x32);
            let at = std::ptr::without_provenance_mut(0x10_0000);
            // SAFETY: nothing of this program lies so low.
            let page = unsafe { mmap(at, 4096, read, private_fixed, -1, 0) };
            outcome(if page == at { 0 } else { -1 })
        }
        "descriptor" => {
            let program = File::open("/proc/self/exe")?;
            let arguments = [c"nothing".as_ptr(), std::ptr::null()];
            // SAFETY: path and arguments end with zeros, the lists with null.
            outcome(unsafe {
                syscall(
                    EXECVEAT,
                    program.as_raw_fd(),
                    c"".as_ptr(),
                    arguments.as_ptr(),
                    [std::ptr::null::<c_char>()].as_ptr(),
                    AT_EMPTY_PATH,
                )
            })
        }
        "code" => {
            let (all, private) = (1 | 2 | 4, 0x22);
            // SAFETY: a new mapping at an address of the kernel's choice.
            let page = unsafe { mmap(std::ptr::null_mut(), 4096, all, private, -1, 0) };
            outcome(if page.addr() == usize::MAX { -1 } else { 0 })
        }
        _ => Err(ErrorKind::InvalidInput.into()),
    }
}

fn outcome(code: impl Into<c_long>) -> Result<()> {
    if code.into() < 0 {
        return Err(Error::last_os_error());
    }
    Ok(())
}

/// A path written with `+` for `/`, so that it can be in a name.
fn path(argument: &str) -> String {
    argument.replace('+', "/")
}

/// From its status file, or of the kernel itself: the former is open to a decoder that may read files.
fn parent() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let told = status.lines().find_map(|line| line.strip_prefix("PPid:"));
    told.map_or_else(
        // SAFETY: it has no memory to do with.
        || unsafe { getppid() }.to_string(),
        |pid| pid.trim().to_owned(),
    )
}

fn read_of(process: &str, file: &str) -> Result<()> {
    let mut bytes = Vec::new();
    File::open(format!("/proc/{process}/{file}"))?.read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

/// Takes address space until there is much, or no more.
fn take_memory() -> Result<()> {
    const STEP: usize = 16 << 20;
    let mut taken: Vec<Vec<u8>> = Vec::new();
    while taken.len() * STEP < MUCH {
        let mut more = Vec::new();
        more.try_reserve_exact(STEP).map_err(Error::other)?;
        taken.push(std::hint::black_box(more));
    }
    Ok(())
}

/// Has many threads take memory in small pieces, give it back, so that their heaps shrink, and end.
fn work() {
    const PIECES: usize = 128;
    const PIECE: usize = 64 << 10; // less than what the C library maps on its own
    for _ in 0..8 {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                std::thread::spawn(|| {
                    let pieces: Vec<Vec<u8>> = (0..PIECES).map(|_| vec![1; PIECE]).collect();
                    std::hint::black_box(pieces);
                })
            })
            .collect();
        for thread in threads {
            let _ = thread.join();
        }
    }
}

/// Starts threads until there are many, or no more.
fn start_threads() -> Result<()> {
    for _ in 0..2000 {
        std::thread::Builder::new().spawn(|| std::thread::sleep(Duration::from_secs(5)))?;
    }
    Ok(())
}
