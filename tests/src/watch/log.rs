//! Reading the logs of watched programs.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use super::{End, Line, Process, Role, Touch};

/// How long a program may take to begin, and its processes to end once it has been killed.
const WITHIN: Duration = Duration::from_secs(120);
/// Between two looks at a log.
const PAUSE: Duration = Duration::from_millis(2);

/// A place for the logs of watched programs.
pub struct Watch {
    program: PathBuf,
    folder: TempDir,
}

impl Watch {
    /// A place for the logs that `program`, the watch, writes.
    ///
    /// # Panics
    /// When no folder can be made.
    #[must_use]
    #[allow(clippy::expect_used)]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            folder: TempDir::new().expect("a folder for logs"),
        }
    }

    /// What comes before the command of a program to watch it.
    #[must_use]
    pub fn command(&self) -> Vec<OsString> {
        vec![self.program.clone().into(), self.folder.path().into()]
    }

    /// Where the logs are, one a program.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// All programs that have been started so far.
    ///
    /// # Panics
    /// When a log is no log.
    #[must_use]
    #[allow(clippy::expect_used)]
    pub fn programs(&self) -> Vec<Watched> {
        let files = std::fs::read_dir(self.folder()).expect("the folder of the logs");
        let paths = files.map(|file| file.expect("a log").path());
        paths.map(|path| Watched::read(&path)).collect()
    }

    /// Waits until a program has done what is looked for, and gives that.
    ///
    /// # Panics
    /// When none has within two minutes.
    #[allow(clippy::expect_used)]
    pub async fn wait_for<T>(&self, find: impl Fn(&Watched) -> Option<T>) -> T {
        let found = async {
            loop {
                if let Some(found) = self.programs().iter().find_map(&find) {
                    return found;
                }
                sleep(PAUSE).await;
            }
        };
        timeout(WITHIN, found).await.expect("it is in a log")
    }

    /// Kills every program that still runs, and gives all, complete.
    ///
    /// # Panics
    /// When something that a program has started outlives it.
    #[allow(clippy::expect_used)]
    pub async fn end(&self) -> Vec<Watched> {
        let ended = async {
            loop {
                let programs = self.programs();
                if programs.iter().all(Watched::is_complete) {
                    return programs;
                }
                for program in programs.iter().filter(|program| !program.has_ended()) {
                    program.kill();
                }
                sleep(PAUSE).await;
            }
        };
        let ended = timeout(WITHIN, ended).await;
        ended.expect("what a killed program has started ends with it")
    }
}

/// The log of a program.
#[derive(Debug)]
pub struct Watched {
    /// What it and its children did.
    pub lines: Vec<Line>,
}

impl Watched {
    #[allow(clippy::expect_used)]
    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).expect("a log");
        // The last line may be in the writing.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let lines = whole.lines().map(serde_json::from_str);
        Self {
            lines: lines.collect::<Result<_, _>>().expect("lines of a log"),
        }
    }

    /// Its first process, once it has begun.
    #[must_use]
    pub fn first(&self) -> Option<Process> {
        self.began().next().map(|(process, _)| process)
    }

    /// What has begun, each with its arguments.
    pub fn began(&self) -> impl Iterator<Item = (Process, &[String])> {
        self.lines.iter().filter_map(|line| match line {
            Line::Began { process, arguments } => Some((*process, arguments.as_slice())),
            _ => None,
        })
    }

    /// What had to do with files.
    pub fn touches(&self) -> impl Iterator<Item = &Touch> {
        self.lines.iter().filter_map(|line| match line {
            Line::Touched(touch) => Some(touch),
            _ => None,
        })
    }

    /// How the processes of a role ended.
    pub fn ends(&self, role: Role) -> impl Iterator<Item = End> {
        self.lines.iter().filter_map(move |line| match line {
            Line::Ended { process, how, .. } if process.role == role => Some(*how),
            _ => None,
        })
    }

    /// Whether all of its processes have ended.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.lines.last() == Some(&Line::Complete)
    }

    /// Whether its first process has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        let ended = |line: &Line| matches!(line, Line::Ended { process, .. } if Some(process.id) == self.first().map(|first| first.id));
        self.lines.iter().any(ended)
    }

    /// Sends SIGKILL to its first process alone: neither to its children nor to the watch.
    pub fn kill(&self) {
        if let Some(first) = self.first() {
            // It may have ended meanwhile.
            let _ = kill(Pid::from_raw(first.id), Signal::SIGKILL);
        }
    }
}
