//! What is left of a video: what is there, and what can still be opened.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;
use dodolens::{
    app::ports::{Clock as _, KeyVault as _, PartKey, PartStore as _, SessionStore as _},
    aws::SystemClock,
    crypto::{PartContext, SessionKey},
    domain::{
        ids::SessionId,
        plan::PartIndex,
        session::{Fingerprint, Session},
        time::Timestamp,
    },
};
use dodolens_tests::stack::TestStack;

type Item = HashMap<String, AttributeValue>;

/// What is left of all sessions of a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Remains {
    /// Sealed parts in the table.
    pub parts: usize,
    /// Parts that open with what else is there: the session's wrapped key, the master key and, for what authenticates
    /// a part, the video itself.
    pub readable: usize,
    /// Parts that a function would get and open.
    pub served: usize,
    /// Wrapped keys in the records of sessions.
    pub keys: usize,
}

/// Every session that has a record, by what the table holds: also those that no client has heard of.
pub async fn sessions(stack: &TestStack) -> Vec<Session> {
    let mut sessions = Vec::new();
    for item in stack.items("Sessions").await {
        if let Ok(id) = text(&item, "session_id").parse::<SessionId>() {
            sessions.extend(stack.sessions().load(id).await.unwrap());
        }
    }
    sessions
}

/// When the last part that is there has outlived its time.
pub async fn media_deadline(stack: &TestStack) -> Option<Timestamp> {
    let parts = stack.items("Chunks").await;
    let deadlines = parts.iter().map(|item| {
        let at = item["expires_at"].as_n().unwrap();
        Timestamp::from_millis(at.parse().unwrap())
    });
    deadlines.max()
}

/// Looks at all that is left, past the code that would not serve it.
pub async fn of(stack: &TestStack, video: &Bytes) -> Remains {
    let items = stack.items("Sessions").await;
    let holds_key = |item: &&Item| item.contains_key("wrapped_key");
    let mut remains = Remains {
        keys: items.iter().filter(holds_key).count(),
        ..Remains::default()
    };
    let parts = stack.items("Chunks").await;
    remains.parts = parts.len();
    for session in sessions(stack).await {
        let Some(key) = key_of(stack, &session).await else {
            continue;
        };
        let own = parts.iter().filter_map(|item| {
            let (id, at) = text(item, "part").split_once('#')?;
            let (chunk, part) = at.split_once('#')?;
            let at = PartIndex {
                chunk: chunk.parse().ok()?,
                part: part.parse().ok()?,
            };
            (id == session.id.to_string()).then_some((at, item))
        });
        for (at, item) in own {
            let sealed = item["sealed"].as_b().unwrap().clone().into_inner();
            if opens(&session, &key, video, at, &sealed) {
                remains.readable += 1;
            }
        }
        for at in session.plan.all_parts() {
            let name = PartKey {
                session: session.id,
                at,
            };
            let served = stack.chunks().get(name, SystemClock.now()).await.unwrap();
            if served.is_some_and(|sealed| opens(&session, &key, video, at, &sealed)) {
                remains.served += 1;
            }
        }
    }
    remains
}

async fn key_of(stack: &TestStack, session: &Session) -> Option<SessionKey> {
    let wrapped = session.key.as_ref()?;
    let master = stack.vault().version(&wrapped.key_id).await.unwrap()?;
    master.unwrap(session.id, wrapped).ok()
}

/// Whether a part opens, with the recorded fingerprint of its chunk or with that of the video's own chunk.
fn opens(session: &Session, key: &SessionKey, video: &Bytes, at: PartIndex, sealed: &[u8]) -> bool {
    let size = session.plan.chunk_bytes() as usize;
    let known = video
        .chunks(size)
        .nth(at.chunk as usize)
        .map(|chunk| key.fingerprint(at.chunk, chunk));
    let recorded = session.received.get(&at.chunk);
    let recorded = recorded.map(|chunk| chunk.fingerprint);
    let place = |chunk: Fingerprint| PartContext {
        session: session.id,
        plan: session.plan,
        at,
        chunk,
    };
    known
        .into_iter()
        .chain(recorded)
        .any(|chunk| key.open(&place(chunk), sealed.to_vec()).is_ok())
}

fn text<'a>(item: &'a Item, attribute: &str) -> &'a str {
    item[attribute].as_s().unwrap()
}
