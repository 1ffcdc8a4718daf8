//! The watch over system calls, tried on every way of touching a file that it knows: one program a way.

use std::{
    fs::File,
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use dodolens_tests::watch::{End, Line, Role, Touch, Watch, Watched, What};
use tempfile::TempDir;

/// Where a way leads.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// A new name.
    New,
    /// A file that is there.
    There,
    /// A folder.
    Folder,
    /// The standard output, a file.
    Output,
    /// No name on a filesystem.
    Nowhere,
}

/// What `write_files` does, the call it takes, and where.
const WAYS: &[(&str, &str, Place)] = &[
    ("create", "openat", Place::New),
    ("create to read", "openat", Place::New),
    ("write only", "openat", Place::There),
    ("read and write", "openat", Place::There),
    ("cut", "openat", Place::There),
    ("nameless", "openat", Place::Folder),
    ("by a long path", "openat", Place::Folder),
    ("by a thread", "openat", Place::New),
    ("by a child", "openat", Place::New),
    ("undumpable", "openat", Place::New),
    ("openat2", "openat2", Place::New),
    ("open_by_handle_at", "open_by_handle_at", Place::Nowhere),
    ("mkdirat", "mkdirat", Place::New),
    ("mknodat", "mknodat", Place::New),
    ("symlinkat", "symlinkat", Place::New),
    ("linkat", "linkat", Place::New),
    ("renameat", "renameat", Place::There),
    ("renameat2", "renameat2", Place::There),
    ("truncate", "truncate", Place::There),
    ("setxattr", "setxattr", Place::There),
    ("lsetxattr", "lsetxattr", Place::There),
    ("mq_open", "mq_open", Place::New),
    ("bind", "bind", Place::New),
    ("write", "write", Place::Output),
    ("writev", "writev", Place::Output),
    ("pwrite64", "pwrite64", Place::Output),
    ("pwritev", "pwritev", Place::Output),
    ("pwritev2", "pwritev2", Place::Output),
    ("vmsplice", "vmsplice", Place::Output),
    ("sendfile", "sendfile", Place::Output),
    ("splice", "splice", Place::Output),
    ("tee", "tee", Place::Output),
    ("copy_file_range", "copy_file_range", Place::Output),
    ("ftruncate", "ftruncate", Place::Output),
    ("fallocate", "fallocate", Place::Output),
    ("fsetxattr", "fsetxattr", Place::Output),
    ("mmap", "mmap", Place::Output),
    ("ioctl", "ioctl", Place::Output),
    ("memfd_create", "memfd_create", Place::Nowhere),
    ("memfd_secret", "memfd_secret", Place::Nowhere),
    ("io_uring_setup", "io_uring_setup", Place::Nowhere),
    ("io_setup", "io_setup", Place::Nowhere),
    ("bpf", "bpf", Place::Nowhere),
    ("shmget", "shmget", Place::Nowhere),
    ("msgget", "msgget", Place::Nowhere),
];

/// Older calls, which newer processors don't have.
const OLDER: &[(&str, &str, Place)] = &[
    ("open", "open", Place::New),
    ("creat", "creat", Place::New),
    ("mkdir", "mkdir", Place::New),
    ("mknod", "mknod", Place::New),
    ("rename", "rename", Place::There),
    ("link", "link", Place::New),
    ("symlink", "symlink", Place::New),
];

/// A folder for one run, with a file in it.
struct Run {
    folder: TempDir,
    there: PathBuf,
    output: PathBuf,
}

impl Run {
    fn new(folder: TempDir) -> Self {
        let (there, output) = (folder.path().join("there"), folder.path().join("output"));
        std::fs::write(&there, "some bytes").unwrap();
        Self {
            folder,
            there,
            output,
        }
    }

    fn path(&self, place: Place) -> PathBuf {
        match place {
            Place::There => self.there.clone(),
            Place::Folder => self.folder.path().to_owned(),
            Place::Output => self.output.clone(),
            Place::New | Place::Nowhere => self.folder.path().join("new"),
        }
    }

    /// Lets `write_files` do what it is told, under the watch, to its end.
    fn watched(&self, way: &str, path: &Path, output: Stdio) -> Watched {
        let watch = Watch::new(env!("CARGO_BIN_EXE_watch_syscalls"));
        let mut command = watch.command().into_iter();
        let status = Command::new(command.next().unwrap())
            .args(command)
            .arg(env!("CARGO_BIN_EXE_write_files"))
            .args(["call", way])
            .arg(path)
            .stdin(File::open(&self.there).unwrap())
            .stdout(output)
            .status()
            .unwrap();
        let log = watch.programs().pop().unwrap();
        assert!(log.is_complete(), "{way}");
        // The program's end is that of the watch.
        let end = match status.signal() {
            Some(signal) => End::Signal(signal),
            None => End::Exit(status.code().unwrap()),
        };
        assert_eq!(log.ends(Role::Function).last(), Some(end), "{way}");
        log
    }

    fn touches(&self, way: &str, place: Place) -> Vec<Touch> {
        let output = File::create(&self.output).unwrap();
        let log = self.watched(way, &self.path(place), output.into());
        log.touches().cloned().collect()
    }
}

#[test]
fn every_way_of_touching_a_file_is_seen() {
    let older = OLDER.iter().filter(|_| cfg!(target_arch = "x86_64"));
    for (way, call, place) in WAYS.iter().chain(older) {
        let run = Run::new(tempfile::tempdir().unwrap());
        let touches = run.touches(way, *place);
        let [touch] = touches.as_slice() else {
            panic!("{way}: {touches:?}");
        };
        assert_eq!(&touch.call, call, "{way}");
        assert!(touch.result.is_some(), "{way}");
        let path = touch.path.clone().unwrap_or_default();
        let is_file = touch.what == Some(What::File);
        match place {
            Place::New | Place::There => {
                assert_eq!(path, run.path(*place), "{way}");
                assert_eq!(is_file, touch.flags.is_some(), "{way}: {touch:?}");
            }
            Place::Folder => assert!(is_file && path.starts_with(run.folder.path()), "{way}"),
            Place::Output => assert!(is_file && path == run.output, "{way}"),
            Place::Nowhere => assert!(!path.starts_with(run.folder.path()), "{way}"),
        }
    }
}

#[test]
fn shared_memory_is_a_file() {
    let run = Run::new(TempDir::new_in("/dev/shm").unwrap());
    let touches = run.touches("create", Place::New);
    assert_eq!(touches.len(), 1, "{touches:?}");
    assert!(touches[0].path.as_ref().unwrap().starts_with("/dev/shm"));
    assert_eq!(touches[0].what, Some(What::File));
}

#[test]
fn what_is_refused_is_seen_too() {
    let run = Run::new(tempfile::tempdir().unwrap());
    let absent = run.folder.path().join("absent/file");
    let log = run.watched("create", &absent, Stdio::null());
    let touches: Vec<_> = log.touches().collect();
    assert_eq!(touches.len(), 1, "{touches:?}");
    assert_eq!(touches[0].path.as_ref(), Some(&absent));
    assert_eq!(touches[0].result, Some(-i64::from(libc::ENOENT)));
}

#[test]
fn what_a_process_is_killed_for_is_seen_too() {
    let run = Run::new(tempfile::tempdir().unwrap());
    let new = run.path(Place::New);
    let log = run.watched("forbidden", &new, Stdio::null());
    let touches: Vec<_> = log.touches().collect();
    assert_eq!(touches.len(), 1, "{touches:?}");
    assert_eq!(touches[0].path.as_ref(), Some(&new));
    let ends: Vec<_> = log.ends(Role::Function).collect();
    assert_eq!(ends, [End::Signal(libc::SIGSYS)]);
    assert!(!new.exists());
}

#[tokio::test]
async fn what_is_watched_ends_with_the_watch() {
    let run = Run::new(tempfile::tempdir().unwrap());
    let watch = Watch::new(env!("CARGO_BIN_EXE_watch_syscalls"));
    let mut command = watch.command().into_iter();
    // It reads its standard input, which does not end.
    let mut running = Command::new(command.next().unwrap())
        .args(command)
        .arg(env!("CARGO_BIN_EXE_write_files"))
        .args(["plant", "write"])
        .arg(run.path(Place::New))
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let input = running.stdin.take();
    let first = watch.wait_for(Watched::first).await;
    running.kill().unwrap();
    running.wait().unwrap();
    let gone = async {
        let stat = format!("/proc/{}/stat", first.id);
        while std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z")) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let gone = tokio::time::timeout(Duration::from_secs(120), gone).await;
    assert!(gone.is_ok(), "it lives on, unwatched");
    assert!(!watch.programs()[0].is_complete());
    drop(input);
}

#[test]
fn reading_a_file_and_writing_to_a_pipe_are_no_touches() {
    let run = Run::new(tempfile::tempdir().unwrap());
    assert_eq!(run.touches("read", Place::There), []);
    let log = run.watched("write", &run.there, Stdio::piped());
    assert_eq!(log.touches().count(), 0);
    let Some(Line::Ended {
        process,
        how,
        calls,
    }) = log.lines.iter().rev().nth(1)
    else {
        panic!("{:?}", log.lines);
    };
    assert_eq!((process.role, *how), (Role::Function, End::Exit(0)));
    assert_eq!((calls.to_pipes, calls.to_sockets), (1, 0));
}
