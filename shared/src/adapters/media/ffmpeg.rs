//! Runs ffmpeg as a confined child process.

use std::{
    os::{
        fd::{AsRawFd, BorrowedFd},
        unix::process::ExitStatusExt,
    },
    path::Path,
    process::{ExitStatus, Stdio},
    sync::Arc,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::ChildStdout,
};
use zeroize::Zeroizing;

use super::jail::{Jail, Limits, StartError, Stay, Strictness};
use crate::ports::{DecoderFault, MediaError};

/// Address space for decoding, bytes. 4K HEVC on one thread fails at 400 MiB and succeeds at 500.
pub(super) const DECODING: u64 = 768 << 20;
/// Address space for copying, bytes. A picture that is decoded here to see what it is, and does not fit, is still
/// reported with its size.
pub(super) const COPYING: u64 = 256 << 20;

/// SIGSYS: a system call that its filter does not know.
pub(super) const FORBIDDEN: i32 = 31;

/// ffmpeg in its jail.
#[derive(Clone)]
pub(super) struct Ffmpeg {
    jail: Arc<Jail>,
}

/// One run of ffmpeg.
#[derive(Debug)]
pub(super) struct Run<'a> {
    /// Its arguments.
    pub(super) arguments: Vec<String>,
    /// What it reads on standard input.
    pub(super) input: &'a [u8],
    /// A file that it may open by its descriptor.
    pub(super) file: Option<BorrowedFd<'a>>,
    /// What it may use.
    pub(super) limits: Limits,
}

impl Ffmpeg {
    /// Finds ffmpeg and tries its jail.
    ///
    /// # Errors
    /// See [`StartError`].
    pub(super) async fn start(path: &Path, strictness: Strictness) -> Result<Self, StartError> {
        let jail = Jail::start(path, strictness).await?;
        Ok(Self { jail })
    }

    /// Runs ffmpeg and gives what `read` makes of its output. What it says on standard error goes nowhere: it may quote
    /// the video. It is killed when the future is dropped, and when `read` fails.
    pub(super) async fn run<T, F>(
        &self,
        run: Run<'_>,
        read: impl FnOnce(ChildStdout) -> F,
    ) -> Result<T, MediaError>
    where
        F: Future<Output = Result<T, MediaError>>,
    {
        let stay = Stay {
            arguments: &run.arguments,
            limits: run.limits,
            file: run.file.map(|fd| fd.as_raw_fd()),
        };
        let started = self.jail.command(&stay).and_then(|mut command| {
            command
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
        });
        let mut child = started.map_err(|_| MediaError::Decoder(DecoderFault::Unavailable))?;
        let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(MediaError::Decoder(DecoderFault::Unavailable));
        };
        let feed = async move {
            // It may stop reading when it has what it needs: a broken pipe is no failure.
            let _ = stdin.write_all(run.input).await;
        };
        let ((), output) = tokio::join!(feed, read(stdout));
        if output.is_err() {
            let _ = child.start_kill();
        }
        let status = child
            .wait()
            .await
            .map_err(|_| MediaError::Decoder(DecoderFault::Unavailable))?;
        if status.signal() == Some(FORBIDDEN) {
            tracing::warn!("the decoder tried something forbidden and was killed");
            return Err(MediaError::Unreadable);
        }
        if output.is_ok() && out_of_time(status) {
            return Err(MediaError::TooSlow);
        }
        output
    }
}

/// Whether the CPU limit ended it: SIGXCPU, then SIGKILL.
fn out_of_time(status: ExitStatus) -> bool {
    matches!(status.signal(), Some(24 | 9))
}

/// Reads to the end; more than `limit` bytes are too large. Nothing is left behind in memory as the buffer grows.
pub(super) async fn read_all(
    mut from: impl AsyncRead + Unpin,
    limit: usize,
) -> Result<Zeroizing<Vec<u8>>, MediaError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 * 1024));
    loop {
        if bytes.len() == bytes.capacity() {
            if bytes.len() >= limit {
                return Err(MediaError::TooLarge);
            }
            let mut larger = Zeroizing::new(Vec::with_capacity(bytes.len() * 2));
            larger.extend_from_slice(&bytes);
            bytes = larger;
        }
        match from.read_buf(&mut *bytes).await {
            Ok(0) => return Ok(bytes),
            Ok(_) => {}
            Err(_) => return Err(MediaError::Unreadable),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A shell, which needs more than the filter lets through; the suite `jail` tests that.
    fn shell<'a>(script: &str, input: &'a [u8]) -> (Ffmpeg, Run<'a>) {
        let jail = Arc::new(Jail::unfiltered(Path::new("/bin/sh")));
        let arguments = vec!["-c".to_owned(), script.to_owned()];
        let limits = Limits {
            cpu: Duration::from_secs(5),
            memory: DECODING,
        };
        (
            Ffmpeg { jail },
            Run {
                arguments,
                input,
                file: None,
                limits,
            },
        )
    }

    #[tokio::test]
    async fn feeds_and_reads_at_the_same_time() {
        let input = vec![5; 1 << 20];
        let (ffmpeg, run) = shell("cat", &input);
        let output = ffmpeg.run(run, |out| read_all(out, 1 << 21)).await;
        assert_eq!(*output.unwrap(), input);
    }

    #[tokio::test]
    async fn output_is_bounded_and_a_stuck_child_is_killed() {
        let (ffmpeg, run) = shell("cat /dev/zero", b"");
        let output = ffmpeg.run(run, |out| read_all(out, 1 << 20)).await;
        assert_eq!(output, Err(MediaError::TooLarge));
    }

    #[tokio::test]
    async fn a_child_killed_by_the_system_was_too_slow() {
        let (ffmpeg, run) = shell("kill -9 $$", b"");
        let output = ffmpeg.run(run, |out| read_all(out, 10)).await;
        assert_eq!(output, Err(MediaError::TooSlow));
    }

    #[tokio::test]
    async fn a_forbidden_call_makes_the_video_unreadable_whatever_came_before() {
        let (ffmpeg, run) = shell("echo a picture; kill -SYS $$", b"");
        let output = ffmpeg.run(run, |out| read_all(out, 100)).await;
        assert_eq!(output, Err(MediaError::Unreadable));
    }

    #[tokio::test]
    async fn an_argument_that_is_none_is_unavailable() {
        let (ffmpeg, run) = shell("echo \0", b"");
        let output = ffmpeg.run(run, |out| read_all(out, 10)).await;
        assert_eq!(output, Err(MediaError::Decoder(DecoderFault::Unavailable)));
    }

    #[tokio::test]
    async fn a_missing_program_is_told_at_start() {
        let path = Path::new("/nonexistent/ffmpeg");
        let started = Ffmpeg::start(path, Strictness::Lenient).await;
        assert!(matches!(started.err(), Some(StartError::Missing(_))));
    }

    #[tokio::test]
    async fn dropping_the_future_kills_the_child() {
        let (ffmpeg, run) = shell("echo $$; exec sleep 1000", b"");
        let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
        let reading = ffmpeg.run(run, |mut out| async move {
            let mut line = vec![0; 32];
            let n = out.read(&mut line).await.unwrap();
            sender.send(line[..n].to_vec()).await.unwrap();
            std::future::pending::<Result<(), MediaError>>().await
        });
        let pid = tokio::select! {
            _ = reading => unreachable!("it never ends"),
            pid = receiver.recv() => String::from_utf8(pid.unwrap()).unwrap(),
        };
        let stat = format!("/proc/{}/stat", pid.trim());
        let gone = async {
            while std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z")) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), gone)
            .await
            .unwrap();
    }
}
