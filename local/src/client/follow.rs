use std::pin::pin;

use dodolens::{
    domain::{inventory::Inventory, session::SessionState},
    wire::http::{CreateSession, SessionCreated, Snapshot},
};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{Instant, timeout, timeout_at},
};

use super::{
    Client, ClientError, FetchedSnapshot, Options, Report, VideoFile,
    listen::{Ears, Wake, tell},
};

/// A session that has ended, well or badly.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The last snapshot; its state is final.
    pub last: FetchedSnapshot,
    /// The inventory, from the snapshot or, where results are not kept, from its event. None unless complete.
    pub inventory: Option<Inventory>,
}

impl Client {
    /// Opens a session for a video, with retries.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn open(
        &self,
        video: &VideoFile,
        options: &Options,
        observer: &mut impl FnMut(Report),
    ) -> Result<SessionCreated, ClientError> {
        let request = CreateSession {
            total_bytes: video.len(),
            content_type: video.content_type().as_str().to_owned(),
            chunk_bytes: options.chunk_bytes,
            locale: Some(options.locale.code().to_owned()),
        };
        let (reports, inbox) = unbounded_channel();
        let created = self.persist(&reports, "create", || self.create(&request));
        observed(created, inbox, observer).await
    }

    /// Sends what the session still misses of `video` and follows it to its end. May be called again for the same
    /// session, by another process too: it goes on where the session stands.
    ///
    /// # Errors
    /// See [`ClientError`]; a session that failed is no error but an [`Outcome`].
    pub async fn follow(
        &self,
        session: &SessionCreated,
        video: &VideoFile,
        options: &Options,
        observer: &mut impl FnMut(Report),
    ) -> Result<Outcome, ClientError> {
        let (reports, inbox) = unbounded_channel();
        let (wakes, woken) = unbounded_channel();
        let ears = Ears {
            reports: reports.clone(),
            wakes,
        };
        let work = async {
            self.upload(session, video, options, &reports).await?;
            self.await_end(session, woken, &reports).await
        };
        let heard = async {
            tokio::select! {
                outcome = timeout(options.timeout, work) => {
                    outcome.unwrap_or(Err(ClientError::TimedOut(options.timeout)))
                }
                never = self.listen(session, &ears) => match never {},
            }
        };
        observed(Box::pin(heard), inbox, observer).await
    }

    /// [`open`](Self::open) and [`follow`](Self::follow).
    ///
    /// # Errors
    /// As theirs.
    pub async fn analyze(
        &self,
        video: &VideoFile,
        options: &Options,
        observer: &mut impl FnMut(Report),
    ) -> Result<Outcome, ClientError> {
        let session = self.open(video, options, observer).await?;
        self.follow(&session, video, options, observer).await
    }

    /// Events only say when to look; what counts is the snapshot.
    async fn await_end(
        &self,
        session: &SessionCreated,
        mut woken: UnboundedReceiver<Wake>,
        reports: &UnboundedSender<Report>,
    ) -> Result<Outcome, ClientError> {
        let mut connected = false;
        let mut told: Option<Inventory> = None;
        let mut ended_at = None;
        loop {
            let fetched = self
                .persist(reports, "snapshot", || self.snapshot(session))
                .await?;
            let snapshot = &fetched.snapshot;
            let mut pause = self.timing.poll(connected);
            if snapshot.state.is_final() {
                let since = *ended_at.get_or_insert_with(Instant::now);
                if is_settled(snapshot, &told) || since.elapsed() >= self.timing.settle_within {
                    let inventory = snapshot.result.clone().or(told);
                    return Ok(Outcome {
                        last: fetched,
                        inventory,
                    });
                }
                pause = self.timing.settle_within / 20;
            } else if let Some(progress) = snapshot.progress {
                tell(reports, Report::Polled(progress));
            }
            let asked_at = Instant::now();
            while let Ok(Some(wake)) = timeout_at(asked_at + pause, woken.recv()).await {
                match wake {
                    Wake::Ended(inventory) => {
                        told = inventory.map(|boxed| *boxed).or(told);
                        break;
                    }
                    Wake::Up => connected = true,
                    Wake::Down => {
                        connected = false;
                        pause = pause.min(self.timing.poll(false));
                    }
                }
            }
        }
    }
}

/// Hands on the reports of `work` as they come.
async fn observed<T>(
    work: impl Future<Output = T>,
    mut inbox: UnboundedReceiver<Report>,
    observer: &mut impl FnMut(Report),
) -> T {
    let mut work = pin!(work);
    let done = loop {
        tokio::select! {
            biased;
            Some(report) = inbox.recv() => observer(report),
            done = &mut work => break done,
        }
    };
    while let Ok(report) = inbox.try_recv() {
        observer(report);
    }
    done
}

/// The receipt follows the end of a session, and an inventory that is not kept comes by event only.
fn is_settled(snapshot: &Snapshot, told: &Option<Inventory>) -> bool {
    let has_result =
        snapshot.state != SessionState::Complete || snapshot.result.is_some() || told.is_some();
    has_result && snapshot.receipt.is_some()
}
