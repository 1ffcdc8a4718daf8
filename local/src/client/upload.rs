use std::sync::atomic::{AtomicU64, Ordering};

use dodolens::{
    domain::{plan::UploadPlan, ranges::IndexRange, session::SessionState},
    wire::{http::SessionCreated, problem::ProblemCode},
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use tokio::sync::mpsc::UnboundedSender;

use super::{Client, ClientError, Options, Report, VideoFile, listen::tell};

/// How often what is missing is sent, before giving up.
const ROUNDS: usize = 5;

impl Client {
    /// Sends what is missing and finalizes, until the session has left `open`.
    pub(super) async fn upload(
        &self,
        session: &SessionCreated,
        video: &VideoFile,
        options: &Options,
        reports: &UnboundedSender<Report>,
    ) -> Result<(), ClientError> {
        let plan = UploadPlan::new(video.len(), session.chunk_bytes, u64::MAX)
            .map_err(|_| ClientError::Malformed("upload plan"))?;
        let wanted = options.parallel.unwrap_or(session.max_parallel);
        let upload = Upload {
            client: self,
            session,
            video,
            plan,
            parallel: wanted.min(session.max_parallel).max(1) as usize,
            stored: AtomicU64::new(0),
            reports,
        };
        let mut told = None;
        let mut rounds = 1;
        loop {
            let now = self
                .persist(reports, "snapshot", || self.snapshot(session))
                .await?
                .snapshot;
            if now.state != SessionState::Open {
                return Ok(());
            }
            let failure = match upload.round(told.take().unwrap_or(now.missing)).await {
                Ok(()) => return Ok(()),
                Err(failure) => failure,
            };
            let missing = failure.code() == Some(ProblemCode::ChunksMissing);
            if rounds == ROUNDS || !(missing || failure.may_pass_soon()) {
                return Err(failure);
            }
            if let ClientError::Problem(problem) = failure {
                told = problem.missing;
            }
            rounds += 1;
        }
    }
}

/// One video on its way up.
struct Upload<'a> {
    client: &'a Client,
    session: &'a SessionCreated,
    video: &'a VideoFile,
    plan: UploadPlan,
    parallel: usize,
    stored: AtomicU64,
    reports: &'a UnboundedSender<Report>,
}

impl Upload<'_> {
    async fn round(&self, missing: Vec<IndexRange>) -> Result<(), ClientError> {
        let mut stored = self.plan.total_bytes();
        for index in indices(&missing) {
            stored = stored.saturating_sub(self.len(index)?.into());
        }
        self.stored.store(stored, Ordering::Relaxed);
        self.report(stored);
        stream::iter(indices(&missing))
            .map(Ok)
            .try_for_each_concurrent(self.parallel, |index| self.chunk(index))
            .await?;
        self.client
            .persist(self.reports, "finalize", || {
                self.client.finalize(self.session)
            })
            .await?;
        tell(self.reports, Report::Finalized);
        Ok(())
    }

    async fn chunk(&self, index: u32) -> Result<(), ClientError> {
        let len = self.len(index)?;
        let offset = u64::from(index) * u64::from(self.plan.chunk_bytes());
        let bytes = self.video.read(offset, len).await?;
        self.client
            .persist(self.reports, "chunk", || {
                self.client.put_chunk(self.session, index, bytes.clone())
            })
            .await?;
        let before = self.stored.fetch_add(len.into(), Ordering::Relaxed);
        self.report(before + u64::from(len));
        Ok(())
    }

    fn len(&self, index: u32) -> Result<u32, ClientError> {
        self.plan
            .chunk_len(index)
            .ok_or(ClientError::Malformed("list of missing chunks"))
    }

    fn report(&self, bytes: u64) {
        let total = self.plan.total_bytes();
        tell(self.reports, Report::Uploaded { bytes, total });
    }
}

fn indices(missing: &[IndexRange]) -> impl Iterator<Item = u32> {
    missing.iter().flat_map(|range| range.first..=range.last)
}
