//! The first run: which measures hold on this kernel, and whether the program runs within them.

use std::{io, path::Path, process::Stdio, sync::Arc, time::Duration};

use tokio::time::timeout;

use super::{Jail, Limits, Measures, Opening, Refusal, Stay, Strictness};

/// The first run takes a few milliseconds, and the loading of 80 MB when the machine is new.
const DEADLINE: Duration = Duration::from_secs(60);
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
    /// refuses is logged. `None`: it does not run so.
    ///
    /// # Errors
    /// See [`StartError`].
    pub(in super::super) async fn start(
        path: &Path,
        strictness: Strictness,
        opening: Opening,
    ) -> Result<Option<Arc<Self>>, StartError> {
        let mut jail = Arc::new(Self::new(path, opening).map_err(StartError::Missing)?);
        let Some(missing) = jail.first_run().await? else {
            return Ok(None);
        };
        for measure in missing.names() {
            tracing::warn!(measure, "the kernel refuses to confine the decoder in full");
        }
        if strictness == Strictness::Strict && !missing.is_empty() {
            return Err(StartError::Refused(missing));
        }
        Arc::get_mut(&mut jail).ok_or(StartError::Broken)?.missing = missing;
        Ok(Some(jail))
    }

    /// What the kernel refused; `None` when the program told no version.
    async fn first_run(self: &Arc<Self>) -> Result<Option<Measures>, StartError> {
        let stay = Stay {
            arguments: &["-version".to_owned()],
            limits: Limits {
                cpu: DEADLINE,
                memory: MEMORY,
            },
            file: None,
        };
        let mut command = self
            .confined(&stay, Refusal::Tell)
            .map_err(StartError::Missing)?;
        let streams = command.stdin(Stdio::null()).stderr(Stdio::null());
        let output = timeout(DEADLINE, streams.output())
            .await
            .map_err(|_| StartError::Broken)?
            .map_err(StartError::Missing)?;
        let told = output.stdout.split_first_chunk();
        Ok(told.and_then(|(refused, version)| {
            let runs = output.status.success() && !version.is_empty();
            runs.then(|| Measures::from_bytes(*refused))
        }))
    }
}
