//! What can be seen of a confined child; its system calls are the suite `jail`'s.

use std::{
    os::{fd::AsRawFd, unix::process::ExitStatusExt},
    process::{Output, Stdio},
    time::Duration,
};

use super::*;
use crate::memfd::MemoryFile;

impl Jail {
    /// A jail without filters, for programs that need more than the decoder.
    #[allow(clippy::unwrap_used)]
    pub(in super::super) fn unfiltered(path: &Path) -> Self {
        Self {
            filters: Filters::none(),
            missing: Measures::SYSTEM_CALLS,
            ..Self::new(path, Opening::ForReading).unwrap()
        }
    }
}

async fn shell(script: &str, cpu: Duration, file: Option<RawFd>) -> Output {
    let jail = Arc::new(Jail::unfiltered(Path::new("/bin/sh")));
    let stay = Stay {
        arguments: &["-c".to_owned(), script.to_owned()],
        limits: Limits {
            cpu,
            memory: 500_000_000,
        },
        file,
    };
    let mut command = jail.command(&stay).unwrap();
    command.stdout(Stdio::piped()).output().await.unwrap()
}

#[tokio::test]
async fn the_child_is_held_in() {
    let (file, other) = (MemoryFile::new(10).unwrap(), MemoryFile::new(10).unwrap());
    let opened = file.open().unwrap();
    let inherited = Some(opened.as_raw_fd());
    let script = "/bin/cat /proc/self/limits /proc/self/status; echo; /bin/ls -l /proc/self/fd; /bin/pwd; \
                  /bin/cat /proc/$$/environ";
    let output = shell(script, Duration::from_millis(4500), inherited).await;
    let said = String::from_utf8(output.stdout).unwrap();
    let limit = |name: &str| {
        let line = said.lines().find(|line| line.starts_with(name)).unwrap();
        let words: Vec<_> = line[name.len()..].split_whitespace().take(2).collect();
        words.join(" ")
    };
    assert_eq!(limit("Max cpu time"), "5 6");
    assert_eq!(limit("Max file size"), "0 0");
    assert_eq!(limit("Max core file size"), "0 0");
    assert_eq!(limit("Max open files"), "16 16");
    assert_eq!(limit("Max address space"), "500000000 500000000");
    let tasks: u64 = limit("Max processes")
        .split(' ')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!((256..1 << 20).contains(&tasks), "{tasks}");
    assert_eq!(limit("NoNewPrivs:"), "1");
    for capabilities in ["CapInh:", "CapPrm:", "CapEff:"] {
        assert_eq!(limit(capabilities), "0000000000000000");
    }
    assert_eq!(
        said.matches("memfd:video").count(),
        1,
        "one of the two is inherited"
    );
    assert!(said.lines().any(|line| line == "/"), "it works in the root");
    assert!(!said.contains("PATH=") && !said.contains("CARGO"));
    drop(other);
}

#[tokio::test]
async fn it_dies_of_too_much_cpu() {
    let output = shell("while :; do :; done", Duration::ZERO, None).await;
    assert_eq!(output.status.signal(), Some(24)); // SIGXCPU
}

#[tokio::test]
async fn a_measure_that_held_at_start_must_hold_again() {
    let mut jail = Jail::unfiltered(Path::new("/bin/sh"));
    jail.missing = Measures::default();
    let stay = Stay {
        arguments: &["-c".to_owned(), "exit 0".to_owned()],
        limits: Limits {
            cpu: Duration::ZERO,
            memory: 500_000_000,
        },
        file: None,
    };
    let mut command = Arc::new(jail).command(&stay).unwrap();
    assert!(command.spawn().is_err(), "the filter is missing");
}

#[tokio::test]
async fn a_program_that_needs_more_than_a_decoder_does_not_start() {
    for opening in [Opening::Nothing, Opening::ForReading] {
        let started = Jail::start(Path::new("/bin/sh"), Strictness::Lenient, opening).await;
        assert!(matches!(started, Ok(None)), "{opening:?}");
    }
}
