//! Follows a program, its threads and its children from call to call.

use std::{collections::HashMap, fs, io};

use dodolens_tests::watch::{Calls, End, Line, Process, Role, What};
use libc::{PTRACE_EVENT_EXEC, SIGSTOP, c_int};
use nix::{errno::Errno, sys::ptrace, unistd::Pid};

use crate::{
    calls::{self, Examined, Pending},
    kernel::{self, News, Stop},
    log::Log,
};

/// A thread.
struct Thread {
    process: Pid,
    /// Whether it is past the stop with which every thread begins.
    begun: bool,
    /// A call that it is in.
    call: Option<Pending>,
}

/// What a process has been so far.
struct Account {
    role: Role,
    calls: Calls,
}

/// Follows a program.
pub struct Tracer {
    first: Pid,
    threads: HashMap<Pid, Thread>,
    accounts: HashMap<Pid, Account>,
    log: Log,
}

impl Tracer {
    /// Follows the process `first`, which has stopped before its first instruction.
    pub fn new(first: Pid, log: Log) -> Self {
        let thread = Thread {
            process: first,
            begun: true,
            call: None,
        };
        Self {
            first,
            threads: [(first, thread)].into(),
            accounts: HashMap::new(),
            log,
        }
    }

    /// Follows it until every process has ended; says how the first did.
    ///
    /// # Errors
    /// When the log can't be written, or the kernel refuses to go on. The program is killed then, as this process ends.
    pub fn follow(mut self) -> io::Result<End> {
        let mut ended = None;
        self.began(self.first)?;
        kernel::resume(self.first, 0)?;
        while let Some((thread, news)) = kernel::wait()? {
            match news {
                News::Ended(how) => {
                    if thread == self.first {
                        ended = Some(how);
                    }
                    self.ended(thread, how)?;
                }
                News::Call => {
                    self.call(thread)?;
                    kernel::resume(thread, 0)?;
                }
                News::Event(event) => {
                    self.event(thread, event)?;
                    kernel::resume(thread, 0)?;
                }
                News::Signal(signal) => {
                    let thread_began = signal == SIGSTOP && !self.thread(thread).begun;
                    self.thread(thread).begun = true;
                    kernel::resume(thread, if thread_began { 0 } else { signal })?;
                }
            }
        }
        self.log.write(&Line::Complete)?;
        ended.ok_or_else(|| io::Error::other("the program's end was never told"))
    }

    /// A thread's state. It may be heard of first by its own stop, or by an event of who started it.
    fn thread(&mut self, thread: Pid) -> &mut Thread {
        self.threads.entry(thread).or_insert_with(|| Thread {
            process: process_of(thread),
            begun: false,
            call: None,
        })
    }

    fn account(&mut self, process: Pid) -> &mut Account {
        self.accounts.entry(process).or_insert_with(|| Account {
            role: role(&arguments(process)),
            calls: Calls::default(),
        })
    }

    fn process(&mut self, process: Pid) -> Process {
        Process {
            id: process.as_raw(),
            role: self.account(process).role,
        }
    }

    /// A process has become a program.
    fn began(&mut self, process: Pid) -> io::Result<()> {
        let arguments = arguments(process);
        self.account(process).role = role(&arguments);
        let process = self.process(process);
        self.log.write(&Line::Began { process, arguments })
    }

    fn event(&mut self, thread: Pid, event: c_int) -> io::Result<()> {
        let subject = match ptrace::getevent(thread) {
            // A process id, or that of a thread.
            Ok(subject) => Pid::from_raw(i32::try_from(subject).unwrap_or(0)),
            Err(Errno::ESRCH) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if event != PTRACE_EVENT_EXEC {
            self.thread(subject);
            return Ok(());
        }
        // Of all threads only this one is left, with the id of the process whatever it had before.
        self.threads
            .retain(|id, other| other.process != thread || *id == thread);
        self.thread(thread).begun = true;
        self.began(thread)
    }

    fn call(&mut self, thread: Pid) -> io::Result<()> {
        let process = self.thread(thread).process;
        match kernel::stop(thread)? {
            Stop::Entry(entry) => {
                let examined = calls::examine(thread, &entry);
                let calls = &mut self.account(process).calls;
                calls.all += 1;
                match examined {
                    Examined::Harmless => {}
                    Examined::Stream(What::Socket) => calls.to_sockets += 1,
                    Examined::Stream(_) => calls.to_pipes += 1,
                    Examined::Touch(call) => self.thread(thread).call = Some(call),
                }
            }
            Stop::Exit(result) => {
                if let Some(call) = self.thread(thread).call.take() {
                    let process = self.process(process);
                    let touch = call.returned(thread, process, result);
                    self.log.write(&Line::Touched(touch))?;
                }
            }
            Stop::Gone => {}
        }
        Ok(())
    }

    fn ended(&mut self, thread: Pid, how: End) -> io::Result<()> {
        let Some(state) = self.threads.remove(&thread) else {
            return Ok(());
        };
        let process = self.process(state.process);
        if let Some(call) = state.call {
            self.log
                .write(&Line::Touched(call.never_returned(process)))?;
        }
        // The first thread of a process is the last to be told of.
        if state.process == thread {
            let account = self.accounts.remove(&thread);
            let calls = account.map(|account| account.calls).unwrap_or_default();
            self.log.write(&Line::Ended {
                process,
                how,
                calls,
            })?;
        }
        Ok(())
    }
}

/// Its program's name and arguments. Not its name to the kernel (`comm`): that of ffmpeg, which is executed by a
/// descriptor, is the descriptor's number.
fn arguments(process: Pid) -> Vec<String> {
    let bytes = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
    let words = bytes.split_inclusive(|byte| *byte == 0);
    words
        .map(|word| {
            String::from_utf8_lossy(word)
                .trim_end_matches('\0')
                .to_owned()
        })
        .collect()
}

fn role(arguments: &[String]) -> Role {
    match arguments.first() {
        Some(name) if name.ends_with("/ffmpeg") => Role::Decoder,
        _ => Role::Function,
    }
}

/// The process of a thread: its own when it is the first.
fn process_of(thread: Pid) -> Pid {
    let status = fs::read_to_string(format!("/proc/{thread}/status")).unwrap_or_default();
    let told = status.lines().find_map(|line| line.strip_prefix("Tgid:"));
    let told = told.and_then(|id| id.trim().parse().ok());
    told.map_or(thread, Pid::from_raw)
}
