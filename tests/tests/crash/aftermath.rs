//! What the promise says of a session that was left where it stood.

use bytes::Bytes;
use dodolens::{app::ports::Clock as _, aws::SystemClock, domain::session::Session};
use dodolens_tests::stack::TestStack;

use crate::{
    player::{Broken, PATIENCE, idle, past, until},
    remains::{self, Remains},
};

/// Waits for the deadline of the media, sweeps, and sees that nothing can be read; sweeps, and sees that nothing is there;
/// waits for the deadline of the session, sweeps, and sees that its key is gone and certified to be. Gives what was left
/// before the first sweep.
pub async fn all_goes(stack: &TestStack, video: &Bytes) -> Result<Remains, Broken> {
    media_have_expired(stack).await?;
    let before = remains::of(stack, video).await;
    sweep(stack).await?;
    let after = remains::of(stack, video).await;
    if after.readable + after.served > 0 {
        return Err(format!("readable one sweep after the deadline: {after:?}"));
    }
    sweep(stack).await?;
    nothing_is_there(stack, video).await?;

    let deadlines = remains::sessions(stack).await.into_iter();
    let last = deadlines
        .filter(|session| !session.state.is_final())
        .map(|session| {
            let lease = session.lease.map(|lease| lease.until);
            lease.map_or(session.expires_at, |until| until.max(session.expires_at))
        })
        .max();
    if let Some(deadline) = last {
        past(deadline).await;
    }
    sweep(stack).await?;
    every_session_has_ended(stack).await?;
    Ok(before)
}

/// Waits for the deadline of every part, also of those that are still being written for a client that has left.
async fn media_have_expired(stack: &TestStack) -> Result<(), Broken> {
    loop {
        until(PATIENCE, async || idle(stack)).await?;
        match remains::media_deadline(stack).await {
            Some(deadline) if SystemClock.now() <= deadline => past(deadline).await,
            Some(_) | None => return Ok(()),
        }
    }
}

/// No part is left of any session, and no key of one that has ended.
pub async fn nothing_is_there(stack: &TestStack, video: &Bytes) -> Result<(), Broken> {
    let remains = remains::of(stack, video).await;
    if remains.parts + remains.readable + remains.served > 0 {
        return Err(format!("something is left: {remains:?}"));
    }
    let keeps_key = |session: &Session| session.state.is_final() && session.key.is_some();
    if remains::sessions(stack).await.iter().any(keeps_key) {
        return Err("the key of a session that has ended is left".to_owned());
    }
    Ok(())
}

async fn every_session_has_ended(stack: &TestStack) -> Result<(), Broken> {
    let ended = |session: &Session| {
        session.state.is_final() && session.key.is_none() && session.receipt.is_some()
    };
    for session in remains::sessions(stack).await {
        if !ended(&session) {
            let keyed = session.key.is_some();
            let certified = session.receipt.is_some();
            return Err(format!(
                "{:?} after its deadline; a key: {keyed}, a receipt: {certified}",
                session.state
            ));
        }
    }
    let items = stack.items("Sessions").await;
    if items.iter().any(|item| item.contains_key("wrapped_key")) {
        return Err("a wrapped key is left".to_owned());
    }
    Ok(())
}

async fn sweep(stack: &TestStack) -> Result<(), Broken> {
    let swept = stack.running.cloud.run_schedule("SweepFunction").await;
    swept.map_err(|error| format!("the sweep failed: {error}"))
}
