//! Keeps a WebSocket open for as long as a session is followed.

use std::{convert::Infallible, time::Duration};

use backon::BackoffBuilder as _;
use dodolens::{
    domain::inventory::Inventory,
    wire::{http::SessionCreated, ws::Event},
};
use tokio::{
    sync::mpsc::UnboundedSender,
    time::{Instant, sleep, timeout_at},
};

use super::{Client, ClientError, Report};

/// What the one who waits for the end wants to know of the events.
pub(super) enum Wake {
    /// Events come.
    Up,
    /// They don't.
    Down,
    /// The session may have ended; with the inventory, if it was told.
    Ended(Option<Box<Inventory>>),
}

/// Where a listener tells what it hears.
pub(super) struct Ears {
    pub(super) reports: UnboundedSender<Report>,
    pub(super) wakes: UnboundedSender<Wake>,
}

impl Client {
    /// Listens until dropped, through any number of connections.
    pub(super) async fn listen(&self, session: &SessionCreated, ears: &Ears) -> Infallible {
        let mut delays = self.timing.reconnect().build();
        let mut told = false;
        loop {
            let mut joined = false;
            let ended = self.listen_once(session, ears, &mut joined).await;
            tell(&ears.wakes, Wake::Down);
            if joined || !told {
                tell(&ears.reports, Report::Disconnected);
                told = true;
            }
            if ended.is_err_and(|error| !error.is_transient()) {
                // Asking again would be refused again; polling goes on.
                std::future::pending::<()>().await;
            }
            if joined {
                delays = self.timing.reconnect().build();
            }
            sleep(delays.next().unwrap_or(Duration::ZERO)).await;
        }
    }

    async fn listen_once(
        &self,
        session: &SessionCreated,
        ears: &Ears,
        joined: &mut bool,
    ) -> Result<(), ClientError> {
        let connect = tokio::time::timeout(self.timing.pong_within, self.connect(session));
        let Ok(connected) = connect.await else {
            return Ok(());
        };
        let mut socket = connected?;
        socket.join().await?;
        let mut answer_due = true;
        let mut deadline = Instant::now() + self.timing.pong_within;
        loop {
            let message = match timeout_at(deadline, socket.next()).await {
                Ok(Ok(Some(message))) => message,
                Ok(Err(ClientError::Malformed(_))) => continue,
                Ok(Ok(None)) => return Ok(()),
                Ok(Err(error)) => return Err(error),
                Err(_) if answer_due => return Ok(()),
                Err(_) => {
                    socket.ping().await?;
                    answer_due = true;
                    deadline = Instant::now() + self.timing.pong_within;
                    continue;
                }
            };
            answer_due = false;
            deadline = Instant::now() + self.timing.ping_every;
            match &message.event {
                Event::SessionJoined(snapshot) => {
                    *joined = true;
                    tell(&ears.wakes, Wake::Up);
                    tell(&ears.reports, Report::Connected);
                    if snapshot.state.is_final() {
                        tell(&ears.wakes, Wake::Ended(None));
                    }
                }
                Event::AnalysisComplete(inventory) => {
                    tell(&ears.wakes, Wake::Ended(Some(inventory.clone())));
                }
                Event::Error(_) | Event::SessionErased(_) => tell(&ears.wakes, Wake::Ended(None)),
                _ => {}
            }
            tell(&ears.reports, Report::Event(Box::new(message)));
        }
    }
}

/// Nobody listens any more only when the session is no longer followed.
pub(super) fn tell<T>(sender: &UnboundedSender<T>, what: T) {
    let _ = sender.send(what);
}
