//! Runs a program and writes down every system call of it, of its threads and of its children that makes a file, changes
//! one, or could. The program's end is this one's end.
//!
//! `watch_syscalls <folder> <program> <argument>…` writes `<folder>/<process id>.log`, a JSON line for each (see
//! `dodolens_tests::watch`).
//!
//! It sees the calls, by ptrace(2), on their way into and out of the kernel, so also those that a filter then refuses or
//! kills for. What it can't see: calls before the program is executed (they are of this file), and what another process
//! does on the program's behalf.

mod calls;
mod kernel;
mod log;
mod objects;
mod start;
mod table;
mod tracer;

use std::{env, ffi::OsString, io, path::PathBuf, process::ExitCode};

use dodolens_tests::watch::End;

use self::{log::Log, tracer::Tracer};

fn main() -> io::Result<ExitCode> {
    let mut arguments = env::args_os().skip(1);
    let usage = || io::Error::other("watch_syscalls <folder> <program> <argument>...");
    let folder = PathBuf::from(arguments.next().ok_or_else(usage)?);
    let program = arguments.next().ok_or_else(usage)?;
    let arguments: Vec<OsString> = arguments.collect();

    let log = Log::create(&folder)?;
    let first = start::traced(&program, &arguments)?;
    match Tracer::new(first, log).follow()? {
        End::Exit(code) => Ok(ExitCode::from(code.to_le_bytes()[0])),
        End::Signal(signal) => Err(kernel::end_by(signal)),
    }
}
