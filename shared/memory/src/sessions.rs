//! What is kept: sessions, whose connections, sealed parts, counts of clients.

use std::{collections::BTreeMap, num::NonZeroU32};

use dodolens_app::ports::{
    Admission, ChangeError, ConnectionStore, PartKey, PartStore, QuotaStore, SessionStore,
    StoreError, Unavailable,
};
use dodolens_domain::{
    ids::{ConnectionId, SessionId},
    quota::Pseudonym,
    session::{Change, Session},
    time::Timestamp,
};

use crate::{Call, Cargo, Memory};

#[derive(Debug, Default)]
pub struct Stores {
    pub sessions: BTreeMap<SessionId, Session>,
    /// By their names, each with its ciphertext and when it expires.
    pub parts: BTreeMap<String, (Vec<u8>, Timestamp)>,
    pub connections: BTreeMap<ConnectionId, SessionId>,
    counts: BTreeMap<[u8; 16], u32>,
}

impl SessionStore for Memory {
    async fn create(&self, session: &Session) -> Result<(), Unavailable> {
        let created = self.call(Call("SessionStore::create"), |world| {
            let sessions = &mut world.stores().sessions;
            let is_new = !sessions.contains_key(&session.id);
            if is_new {
                sessions.insert(session.id, session.clone());
            }
            is_new
        });
        match created.await? {
            true => Ok(()),
            false => Err(Unavailable("the name of the session")),
        }
    }

    async fn load(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let loaded = self.call(Call("SessionStore::load"), |world| {
            world.stores().sessions.get(&id).cloned()
        });
        Ok(loaded.await?)
    }

    async fn change(
        &self,
        id: SessionId,
        change: &Change,
        now: Timestamp,
    ) -> Result<Session, ChangeError> {
        let (call, cargo) = (Call("SessionStore::change"), Cargo::Change(change));
        let changed = self.carrying(call, cargo, |world| {
            let mut stores = world.stores();
            let session = stores.sessions.get_mut(&id).ok_or(ChangeError::NotFound)?;
            session.apply(change, now)?;
            Ok(session.clone())
        });
        changed.await?
    }

    async fn due(&self, now: Timestamp) -> Result<Vec<SessionId>, Unavailable> {
        self.call(Call("SessionStore::due"), |world| {
            let stores = world.stores();
            let due = stores
                .sessions
                .values()
                .filter(|session| session.sweep_at.is_some_and(|at| at <= now));
            due.map(|session| session.id).collect()
        })
        .await
    }

    async fn forget(&self, id: SessionId) -> Result<(), Unavailable> {
        self.call(Call("SessionStore::forget"), |world| {
            world.stores().sessions.remove(&id);
        })
        .await
    }
}

impl ConnectionStore for Memory {
    async fn bind(
        &self,
        connection: &ConnectionId,
        session: SessionId,
        _: Timestamp,
    ) -> Result<(), Unavailable> {
        self.call(Call("ConnectionStore::bind"), |world| {
            let connections = &mut world.stores().connections;
            connections.insert(connection.clone(), session);
        })
        .await
    }

    async fn unbind(&self, connection: &ConnectionId) -> Result<Option<SessionId>, Unavailable> {
        self.call(Call("ConnectionStore::unbind"), |world| {
            world.stores().connections.remove(connection)
        })
        .await
    }
}

impl PartStore for Memory {
    async fn put(
        &self,
        key: PartKey,
        sealed: Vec<u8>,
        expires_at: Timestamp,
    ) -> Result<(), Unavailable> {
        self.call(Call("PartStore::put"), |world| {
            let parts = &mut world.stores().parts;
            parts.insert(key.to_string(), (sealed, expires_at));
        })
        .await
    }

    async fn get(&self, key: PartKey, now: Timestamp) -> Result<Option<Vec<u8>>, Unavailable> {
        self.call(Call("PartStore::get"), |world| {
            let stores = world.stores();
            let part = stores.parts.get(&key.to_string());
            part.filter(|(_, expires_at)| *expires_at > now)
                .map(|(sealed, _)| sealed.clone())
        })
        .await
    }

    async fn delete(&self, key: PartKey, expired_by: Option<Timestamp>) -> Result<(), Unavailable> {
        self.call(Call("PartStore::delete"), |world| {
            let (name, mut stores) = (key.to_string(), world.stores());
            let goes =
                |(_, expires_at): &(_, Timestamp)| expired_by.is_none_or(|by| *expires_at <= by);
            if stores.parts.get(&name).is_some_and(goes) {
                stores.parts.remove(&name);
            }
        })
        .await
    }

    async fn count_present(&self, keys: &[PartKey]) -> Result<usize, Unavailable> {
        self.call(Call("PartStore::count_present"), |world| {
            let stores = world.stores();
            let present = |key: &&PartKey| stores.parts.contains_key(&key.to_string());
            keys.iter().filter(present).count()
        })
        .await
    }
}

impl QuotaStore for Memory {
    async fn count_session(
        &self,
        client: Pseudonym,
        most: NonZeroU32,
        _: Timestamp,
    ) -> Result<Admission, Unavailable> {
        self.call(Call("QuotaStore::count_session"), |world| {
            let mut stores = world.stores();
            let count = stores.counts.entry(client.0).or_default();
            if *count >= most.get() {
                return Admission::Refused;
            }
            *count += 1;
            Admission::Admitted
        })
        .await
    }
}
