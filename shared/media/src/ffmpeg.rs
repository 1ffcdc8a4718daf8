//! Runs ffmpeg as a confined child process.

use std::{
    os::{
        fd::{AsRawFd, BorrowedFd},
        unix::process::ExitStatusExt,
    },
    path::Path,
    pin::Pin,
    process::{ExitStatus, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use rustix::fs::{SeekFrom, seek};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf},
    process::ChildStdout,
};
use zeroize::Zeroizing;

use super::{
    complaints,
    jail::{Jail, Limits, Opening, StartError, Stay, Strictness},
    memfd::MemoryFile,
    trial,
};
use dodolens_app::{
    metrics::{self, table},
    ports::{DecoderFault, MediaError},
};

/// Address space for pictures, bytes. Of 8K in 10 bits with 4 references, 6 of 8 keys come with 1 GiB, and all with 1.25.
pub(super) const DECODING: u64 = 1792 << 20;
/// As [`DECODING`], for one of several decoders at the same time: two cores run two, which together may use as much as one.
/// More run only where there is more memory.
const DECODING_BESIDE: u64 = DECODING / 2;
/// Address space for sound, bytes, which may run beside pictures. glibc reserves 64 MiB for each of its threads: with
/// 320 MiB half of the runs fail, whatever the sound.
pub(super) const SOUND: u64 = 512 << 20;
/// Address space for copying, bytes. A picture that is decoded here to see what it is, and does not fit, is still
/// reported with its size.
pub(super) const COPYING: u64 = 512 << 20;

/// Address space for pictures, bytes, for each of so many decoders.
pub(super) const fn decoding(lanes: usize) -> u64 {
    if lanes > 1 { DECODING_BESIDE } else { DECODING }
}

/// With which ffmpeg ends after a signal that it has caught.
const CAUGHT: i32 = 255;

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
    /// A file that it may open by its descriptor; it is read from its beginning.
    pub(super) file: Option<BorrowedFd<'a>>,
    /// What it may use.
    pub(super) limits: Limits,
}

/// What came of a run.
#[derive(Debug, PartialEq)]
pub(super) struct Ran<T> {
    /// What was made of its output.
    pub(super) output: T,
    /// Whether there are pictures in it whose holes are filled from others.
    pub(super) damaged: bool,
}

impl Run<'_> {
    /// Whether a second run may do better than one that ended so. It is made on one thread when memory was short.
    fn prepare_again(&mut self, fault: DecoderFault) -> bool {
        match fault {
            DecoderFault::Killed | DecoderFault::Crashed | DecoderFault::Forbidden => true,
            DecoderFault::OutOfMemory => {
                let mut fewer = false;
                let mut words = self.arguments.iter_mut();
                while words.any(|word| word == "-threads") {
                    if let Some(count) = words.next().filter(|count| *count != "1") {
                        "1".clone_into(count);
                        fewer = true;
                    }
                }
                fewer
            }
            DecoderFault::Unavailable => false,
        }
    }
}

/// What a decoder writes.
pub(super) struct Output {
    stdout: ChildStdout,
    /// Set when the decoder has ended it.
    ended: Arc<AtomicBool>,
}

impl AsyncRead for Output {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = into.remaining();
        ready!(Pin::new(&mut self.stdout).poll_read(context, into))?;
        if before > 0 && into.remaining() == before {
            self.ended.store(true, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl Ffmpeg {
    /// Finds ffmpeg, and has it decode a film in its jail, from a memory file too where there is one: first without opening
    /// any file, and if that is not enough with opening them for reading, as all later runs then may.
    ///
    /// # Errors
    /// See [`StartError`].
    pub(super) async fn start(
        path: &Path,
        strictness: Strictness,
        film: Option<&MemoryFile>,
    ) -> Result<Self, StartError> {
        for opening in [Opening::Nothing, Opening::ForReading] {
            let Some(jail) = Jail::start(path, strictness, opening).await? else {
                continue;
            };
            let ffmpeg = Self { jail };
            if trial::run(&ffmpeg, film).await.is_ok() {
                match opening {
                    Opening::Nothing => tracing::info!("the decoder opens no file"),
                    Opening::ForReading => {
                        tracing::info!("the decoder needs to open files: it may, for reading");
                    }
                }
                return Ok(ffmpeg);
            }
        }
        Err(StartError::Broken)
    }

    /// Runs ffmpeg and gives what `read` makes of its output. It is killed when the future is dropped, and when `read`
    /// fails. After a fault that need not come again it is run once more.
    pub(super) async fn run<T, F>(
        &self,
        mut run: Run<'_>,
        read: impl Fn(Output) -> F,
    ) -> Result<Ran<T>, MediaError>
    where
        F: Future<Output = Result<T, MediaError>>,
    {
        let first = self.once(&run, &read).await;
        match first {
            Err(MediaError::Decoder(fault)) if run.prepare_again(fault) => {
                self.once(&run, &read).await
            }
            first => first,
        }
    }

    /// As [`Self::run`], once. A fault is logged and counted.
    pub(super) async fn once<T, F>(
        &self,
        run: &Run<'_>,
        read: &impl Fn(Output) -> F,
    ) -> Result<Ran<T>, MediaError>
    where
        F: Future<Output = Result<T, MediaError>>,
    {
        let result = self.attempt(run, read).await;
        let fault = match &result {
            Err(MediaError::Decoder(fault)) => Some(*fault),
            _ => None,
        };
        if let Some(fault) = fault {
            tracing::warn!(%fault, "a run of the decoder failed");
        }
        let failed = f64::from(u8::from(fault.is_some()));
        metrics::record(&table::DECODER_FAILURES, failed);
        result
    }

    async fn attempt<T, F>(
        &self,
        run: &Run<'_>,
        read: &impl Fn(Output) -> F,
    ) -> Result<Ran<T>, MediaError>
    where
        F: Future<Output = Result<T, MediaError>>,
    {
        let unavailable = MediaError::Decoder(DecoderFault::Unavailable);
        if let Some(file) = run.file {
            seek(file, SeekFrom::Start(0)).map_err(|_| unavailable)?;
        }
        let stay = Stay {
            arguments: &run.arguments,
            limits: run.limits,
            file: run.file.map(|fd| fd.as_raw_fd()),
        };
        let mut child = self
            .jail
            .command(&stay)
            .and_then(|mut command| {
                command
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped())
                    .spawn()
            })
            .map_err(|_| unavailable)?;
        let (Some(mut stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(unavailable);
        };
        let ended = Arc::new(AtomicBool::new(false));
        let output = Output {
            stdout,
            ended: Arc::clone(&ended),
        };
        let feed = async move {
            // It may stop reading when it has what it needs: a broken pipe is no failure.
            let _ = stdin.write_all(run.input).await;
        };
        let taken = async {
            let taken = read(output).await;
            let stopped = taken.is_err() && !ended.load(Ordering::Relaxed);
            if stopped {
                let _ = child.start_kill();
            }
            (taken, stopped)
        };
        let ((), (taken, stopped), said) = tokio::join!(feed, taken, complaints::heard(stderr));
        let status = child.wait().await.map_err(|_| unavailable)?;
        match self.failure(status, said.short) {
            Some(MediaError::Decoder(DecoderFault::Killed)) if stopped => taken,
            Some(failure) => Err(failure),
            None => taken,
        }
        .map(|output| Ran {
            output,
            damaged: said.damaged,
        })
    }

    /// What went wrong, by how it ended and by whether memory was short.
    fn failure(&self, status: ExitStatus, short: bool) -> Option<MediaError> {
        let fault = match status.signal() {
            Some(libc::SIGSYS) => DecoderFault::Forbidden,
            Some(libc::SIGXCPU) => return Some(MediaError::TooSlow),
            Some(libc::SIGKILL) => DecoderFault::Killed,
            Some(
                libc::SIGSEGV
                | libc::SIGABRT
                | libc::SIGBUS
                | libc::SIGILL
                | libc::SIGFPE
                | libc::SIGTRAP,
            ) => DecoderFault::Crashed,
            _ if short => DecoderFault::OutOfMemory,
            // The filter keeps it from catching SIGXCPU; without a filter it does.
            _ if status.code() == Some(CAUGHT) && !self.jail.filters_calls() => {
                return Some(MediaError::TooSlow);
            }
            _ => return None,
        };
        Some(fault.into())
    }
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
mod tests;
