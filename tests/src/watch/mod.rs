//! What the watch over system calls (`src/bin/watch_syscalls`) writes down, and how a test reads it.

mod log;

use std::{fmt, path::PathBuf};

use serde::{Deserialize, Serialize};

pub use self::log::{Watch, Watched};

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub enum Line {
    /// A program began: the one that is watched, or one that a process of it became.
    Began {
        /// Whose it is.
        process: Process,
        /// What it was started with, its own name first.
        arguments: Vec<String>,
    },
    /// A system call was made that could have to do with a file.
    Touched(Touch),
    /// A process ended.
    Ended {
        /// Which.
        process: Process,
        /// How.
        how: End,
        /// What it did in all.
        calls: Calls,
    },
    /// Every process has ended: nothing is missing above.
    Complete,
}

/// A process, and what it was at that time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its id.
    pub id: i32,
    /// What it runs.
    pub role: Role,
}

/// What a process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The program that is watched, and a child of it that has not yet become another.
    Function,
    /// ffmpeg.
    Decoder,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// By itself, with this code.
    Exit(i32),
    /// By this signal.
    Signal(i32),
}

/// What a process did in all.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calls {
    /// System calls of all kinds.
    pub all: u64,
    /// Writes to sockets.
    pub to_sockets: u64,
    /// Writes to pipes.
    pub to_pipes: u64,
}

/// A system call that makes a file, changes one, or could.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touch {
    /// Who made it.
    pub process: Process,
    /// Its name.
    pub call: String,
    /// Of the file: as given to the call, or as the kernel names what the descriptor is.
    pub path: Option<PathBuf>,
    /// With which the file was to be opened, see open(2).
    pub flags: Option<i32>,
    /// What was written to or opened.
    pub what: Option<What>,
    /// What the call returned; nothing when the process ended within.
    pub result: Option<i64>,
}

impl fmt::Debug for Touch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (role, path) = (self.process.role, self.path.as_deref());
        let path = path.unwrap_or("".as_ref()).display();
        write!(f, "{role:?} {}({path}", self.call)?;
        if let Some(flags) = self.flags {
            write!(f, ", {flags:#o}")?;
        }
        write!(f, ") = {:?}, {:?}", self.result, self.what)
    }
}

/// What a descriptor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A file on a filesystem.
    File,
    /// A directory.
    Folder,
    /// A file that exists only in memory (memfd_create(2)).
    Memory,
    /// A socket.
    Socket,
    /// A pipe.
    Pipe,
    /// A device without blocks, as `/dev/null`.
    Device,
    /// Of the kernel, as an epoll(7).
    Kernel,
    /// None that is open.
    Closed,
}
