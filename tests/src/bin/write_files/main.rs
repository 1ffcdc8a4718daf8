//! Touches a file in one way: what the watches are tried on.
//!
//! `write_files call <way> <path>` makes one system call, on `path` or on its standard output.
//! `write_files plant <way> <path>` writes what it reads on standard input into a file.
#![allow(unsafe_code)]

mod calls;
mod plant;

use std::{
    env,
    io::{Error, ErrorKind, Result},
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

/// What the ways below do in the end.
const PLAIN: &str = "create";

fn main() -> Result<()> {
    let words: Vec<_> = env::args_os().skip(1).collect();
    let [command, way, path] = words.as_slice() else {
        return Err(Error::other("call|plant <way> <path>"));
    };
    let way = way.to_string_lossy();
    match command.to_str() {
        Some("call") => call(&way, Path::new(path)),
        Some("plant") => plant::plant(&way, Path::new(path)),
        _ => Err(ErrorKind::InvalidInput.into()),
    }
}

fn call(way: &str, path: &Path) -> Result<()> {
    match way {
        "by a thread" => {
            let path = PathBuf::from(path);
            let called = thread::spawn(move || call(PLAIN, &path)).join();
            called.unwrap_or_else(|_| Err(ErrorKind::Other.into()))
        }
        "by a child" => {
            let mut again = Command::new(env::current_exe()?);
            again.args(["call", PLAIN]).arg(path).status().map(drop)
        }
        // By a process that nobody but root may look into.
        "undumpable" => {
            // SAFETY: it has no memory to do with.
            unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0) };
            call(PLAIN, path)
        }
        "forbidden" => {
            let rules = [(libc::SYS_openat, Vec::new())].into();
            let (otherwise, on_match) = (SeccompAction::Allow, SeccompAction::KillProcess);
            let arch = env::consts::ARCH.try_into().map_err(Error::other)?;
            let filter = SeccompFilter::new(rules, otherwise, on_match, arch);
            let program = filter.and_then(BpfProgram::try_from);
            let program = program.map_err(Error::other)?;
            seccompiler::apply_filter(&program).map_err(Error::other)?;
            call(PLAIN, path)
        }
        "by a long path" => {
            let long = format!("{}/{}", path.display(), "./".repeat(600));
            call("nameless", Path::new(&long))
        }
        way => calls::make(way, path),
    }
}
