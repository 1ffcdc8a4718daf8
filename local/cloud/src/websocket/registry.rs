//! The connections that are open: those whose `$connect` has returned.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

/// What a connection can be told.
pub(super) enum Command {
    /// Send a message; answered when it has been written.
    Send {
        data: Bytes,
        written: oneshot::Sender<()>,
    },
    /// Close the connection.
    Close,
}

/// What is known of a connection.
#[derive(Clone)]
pub(super) struct Connection {
    pub commands: mpsc::Sender<Command>,
    pub connected_at: Timestamp,
    pub last_active_at: Timestamp,
    pub source_ip: IpAddr,
    pub user_agent: String,
}

/// Open connections by id.
#[derive(Default)]
pub(super) struct Registry(Mutex<HashMap<String, Connection>>);

impl Registry {
    pub fn open(&self, id: String, connection: Connection) {
        self.connections().insert(id, connection);
    }

    pub fn close(&self, id: &str) {
        self.connections().remove(id);
    }

    pub fn get(&self, id: &str) -> Option<Connection> {
        self.connections().get(id).cloned()
    }

    /// Notes that something went over a connection.
    pub fn touch(&self, id: &str) {
        if let Some(connection) = self.connections().get_mut(id) {
            connection.last_active_at = Timestamp::now();
        }
    }

    fn connections(&self) -> MutexGuard<'_, HashMap<String, Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
