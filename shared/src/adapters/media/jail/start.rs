//! The first run: which measures hold on this kernel, and whether this decoder needs to open files.

use std::{
    io, os::unix::process::ExitStatusExt, path::Path, process::Stdio, sync::Arc, time::Duration,
};

use tokio::time::timeout;

use super::{Jail, Limits, Measures, Opening, Refusal, Stay, Strictness};
use crate::adapters::media::ffmpeg::FORBIDDEN;

/// The first run takes a few milliseconds, and the loading of 80 MB when the machine is new.
const DEADLINE: Duration = Duration::from_secs(20);
/// Address space of the first run, bytes.
const MEMORY: u64 = 512 << 20;

/// Why the decoder can't be used.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no such program, or it can't be started.
    #[error("the decoder can't be started: {0}")]
    Missing(io::Error),
    /// The kernel refuses these measures, and they are asked for.
    #[error(
        "the kernel refuses what confines the decoder (DECODER_JAIL=lenient goes on without): {0}"
    )]
    Refused(Measures),
    /// It does not answer within its confines.
    #[error("the decoder does not run within its confines")]
    Broken,
}

impl Jail {
    /// Runs the program at `path` once (`-version`), in confinement, to see which measures hold. Each that the kernel
    /// refuses is logged. A program that can't start without opening a file is let read files, in this run and in all
    /// later ones, and that is logged too.
    ///
    /// # Errors
    /// See [`StartError`].
    pub(in super::super) async fn start(
        path: &Path,
        strictness: Strictness,
    ) -> Result<Arc<Self>, StartError> {
        let (mut jail, missing) = match first_run(path, Opening::Nothing).await? {
            Some(started) => started,
            None => {
                tracing::info!("the decoder needs to open files: it may, for reading");
                let started = first_run(path, Opening::ForReading).await?;
                started.ok_or(StartError::Broken)?
            }
        };
        for measure in missing.names() {
            tracing::warn!(measure, "the kernel refuses to confine the decoder in full");
        }
        if strictness == Strictness::Strict && !missing.is_empty() {
            return Err(StartError::Refused(missing));
        }
        Arc::get_mut(&mut jail).ok_or(StartError::Broken)?.missing = missing;
        Ok(jail)
    }
}

/// The jail and what the kernel refused of it; `None` when the program was killed for a system call.
async fn first_run(
    path: &Path,
    opening: Opening,
) -> Result<Option<(Arc<Jail>, Measures)>, StartError> {
    let jail = Arc::new(Jail::new(path, opening).map_err(StartError::Missing)?);
    let stay = Stay {
        arguments: &["-version".to_owned()],
        limits: Limits {
            cpu: DEADLINE,
            memory: MEMORY,
        },
        file: None,
    };
    let mut command = jail
        .confined(&stay, Refusal::Tell)
        .map_err(StartError::Missing)?;
    let streams = command.stdin(Stdio::null()).stderr(Stdio::null());
    let output = timeout(DEADLINE, streams.output())
        .await
        .map_err(|_| StartError::Broken)?
        .map_err(StartError::Missing)?;
    drop(command);
    match output.stdout.split_first_chunk() {
        Some((told, version)) if output.status.success() && !version.is_empty() => {
            Ok(Some((jail, Measures::from_bytes(*told))))
        }
        _ if output.status.signal() == Some(FORBIDDEN) => Ok(None),
        _ => Err(StartError::Broken),
    }
}
