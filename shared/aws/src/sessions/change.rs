//! Each change of a session as an update with its condition. What they mean is said in [`Session::apply`] and
//! [`Session::allows`]; the stores' behaviour suite holds the two against each other.
//!
//! [`Session::apply`]: dodolens_domain::session::Session::apply
//! [`Session::allows`]: dodolens_domain::session::Session::allows

use std::time::Duration;

use super::{
    item::{
        CHUNK_EXPIRES_AT, CONNECTIONS, ERASURE_REASON, EXPIRES_AT, FAILURE, FINGERPRINT, JOB,
        JOB_CLAIMED, JOB_CLAIMED_UNTIL, JOB_SENT, JOB_UNSENT, KEY, KEY_DESTROYED_AT, LEASE_OWNER,
        LEASE_UNTIL, PROGRESS, RECEIPT, RECEIVED, RESULT, SEQ, STATE, SWEEP_AT, TTL, TTL_GRACE,
        WRAPPED_KEY, bytes, chunk, json, number, text,
    },
    update::Update,
};
use dodolens_domain::{
    session::{Change, Ending, MAX_CONNECTIONS, Progress, ReceivedChunk, SessionState},
    time::Timestamp,
};

use SessionState::{Complete, Erased, Expired, Failed, Open, Processing, Queued};

/// The update that makes `change` happen, if it is allowed `now`.
pub fn update(change: &Change, now: Timestamp) -> Update {
    let mut update = Update::default();
    let key = update.name(&[KEY]);
    update.require(format!("attribute_exists({key})"));
    let u = &mut update;
    match change {
        Change::ReceiveChunk {
            index,
            chunk: received,
        } => receive(u, *index, received, now),
        Change::Connect { connection } => {
            not_in(u, &[Erased, Expired]);
            let (all, this) = (
                u.name(&[CONNECTIONS]),
                u.name(&[CONNECTIONS, connection.as_str()]),
            );
            let max = u.value(number(MAX_CONNECTIONS));
            u.require(format!("size({all}) < {max} OR attribute_exists({this})"));
            u.set(&[CONNECTIONS, connection.as_str()], number(now.as_millis()));
        }
        Change::Disconnect { connection } => {
            u.remove(&[CONNECTIONS, connection.as_str()]);
        }
        Change::Queue { claimed_until } => queue(u, *claimed_until, now),
        Change::JobSent => {
            u.set(&[JOB], text(JOB_SENT));
        }
        Change::JobNotSent => {
            u.set(&[JOB], text(JOB_UNSENT));
        }
        Change::Lease(lease) => {
            let (queued, processing) = (is(u, Queued), is(u, Processing));
            let (over, ours) = (
                before(u, LEASE_UNTIL, now),
                equals(u, LEASE_OWNER, &lease.owner),
            );
            u.require(format!("{queued} OR ({processing} AND ({over} OR {ours}))"));
            u.set(&[STATE], text(Processing.as_str()))
                .set(&[LEASE_OWNER], text(&lease.owner))
                .set(&[LEASE_UNTIL], number(lease.until.as_millis()))
                .set(&[PROGRESS], json(&Progress::BEGUN))
                .increment(SEQ);
        }
        Change::Report { owner, progress } => {
            held_by(u, owner);
            u.set(&[PROGRESS], json(progress)).increment(SEQ);
        }
        Change::Release { owner } => {
            held_by(u, owner);
            u.set(&[STATE], text(Queued.as_str()))
                .remove(&[LEASE_OWNER])
                .remove(&[LEASE_UNTIL])
                .remove(&[PROGRESS]);
        }
        Change::End { ending, keep } => end(u, ending, *keep, now),
        Change::Certify {
            receipt,
            recheck_at,
        } => {
            one_of(u, &[Complete, Failed, Erased, Expired]);
            u.set_if_absent(RECEIPT, json(receipt))
                .set(&[SWEEP_AT], number(recheck_at.as_millis()));
        }
        Change::ForgetChunks { seen } => {
            one_of(u, &[Open]);
            for (index, received) in seen {
                let path = [RECEIVED, &index.to_string()];
                let (name, value) = (u.name(&path), u.value(chunk(received)));
                u.require(format!("{name} = {value}")).remove(&path);
            }
        }
        Change::SweepAt(at) => {
            u.set(&[SWEEP_AT], number(at.as_millis()));
        }
    }
    update
}

fn receive(u: &mut Update, index: u32, received: &ReceivedChunk, now: Timestamp) {
    one_of(u, &[Open]);
    not_over(u, now);
    let index = index.to_string();
    let this = u.name(&[RECEIVED, &index]);
    let (print, life) = (
        u.name(&[RECEIVED, &index, FINGERPRINT]),
        u.name(&[RECEIVED, &index, CHUNK_EXPIRES_AT]),
    );
    let (ours, now) = (
        u.value(bytes(received.fingerprint.0)),
        u.value(number(now.as_millis())),
    );
    u.require(format!(
        "attribute_not_exists({this}) OR {print} = {ours} OR {life} <= {now}"
    ));
    u.set(&[RECEIVED, &index], chunk(received)).increment(SEQ);
}

fn queue(u: &mut Update, claimed_until: Timestamp, now: Timestamp) {
    let (open, queued) = (is(u, Open), is(u, Queued));
    let later = format!("NOT {}", before(u, EXPIRES_AT, now));
    let unsent = equals(u, JOB, JOB_UNSENT);
    let (claimed, over) = (
        equals(u, JOB, JOB_CLAIMED),
        before(u, JOB_CLAIMED_UNTIL, now),
    );
    u.require(format!(
        "({open} AND {later}) OR ({queued} AND ({unsent} OR ({claimed} AND {over})))"
    ));
    u.set(&[STATE], text(Queued.as_str()))
        .set(&[JOB], text(JOB_CLAIMED))
        .set(&[JOB_CLAIMED_UNTIL], number(claimed_until.as_millis()));
}

fn end(u: &mut Update, ending: &Ending, keep: Duration, now: Timestamp) {
    match (ending, ending.owner()) {
        (_, Some(owner)) => held_by(u, owner),
        (Ending::Erased, None) => one_of(u, &[Open, Queued, Processing, Complete, Failed]),
        (_, None) => {
            one_of(u, &[Open, Queued, Processing]);
            let (processing, over) = (is(u, Processing), before(u, LEASE_UNTIL, now));
            u.require(format!("NOT {processing} OR {over}"));
        }
    }
    let record_ends = now + keep;
    u.set(&[STATE], text(ending.state().as_str()))
        .set_if_absent(KEY_DESTROYED_AT, number(now.as_millis()))
        .set_if_absent(ERASURE_REASON, json(&ending.reason()))
        .set(&[EXPIRES_AT], number(record_ends.as_millis()))
        .set(&[TTL], number((record_ends + TTL_GRACE).as_secs_ceil()))
        .set(&[SWEEP_AT], number(now.as_millis()))
        .increment(SEQ)
        .remove(&[WRAPPED_KEY])
        .remove(&[LEASE_OWNER])
        .remove(&[LEASE_UNTIL])
        .remove(&[PROGRESS]);
    match ending {
        Ending::Complete {
            result: Some(result),
            ..
        } => u.set(&[RESULT], json(result)),
        _ => u.remove(&[RESULT]),
    };
    if let Some(failure) = ending.failure() {
        u.set(&[FAILURE], json(&failure));
    }
}

fn is(u: &mut Update, state: SessionState) -> String {
    equals(u, STATE, state.as_str())
}

fn equals(u: &mut Update, name: &str, value: &str) -> String {
    format!("{} = {}", u.name(&[name]), u.value(text(value)))
}

/// The time in this attribute has come, or there is none.
fn before(u: &mut Update, name: &str, now: Timestamp) -> String {
    let (name, now) = (u.name(&[name]), u.value(number(now.as_millis())));
    format!("(attribute_not_exists({name}) OR {name} <= {now})")
}

fn not_over(u: &mut Update, now: Timestamp) {
    let over = before(u, EXPIRES_AT, now);
    u.require(format!("NOT {over}"));
}

fn one_of(u: &mut Update, states: &[SessionState]) {
    let any: Vec<_> = states.iter().map(|state| is(u, *state)).collect();
    u.require(any.join(" OR "));
}

fn not_in(u: &mut Update, states: &[SessionState]) {
    let any: Vec<_> = states.iter().map(|state| is(u, *state)).collect();
    u.require(format!("NOT ({})", any.join(" OR ")));
}

fn held_by(u: &mut Update, owner: &str) {
    one_of(u, &[Processing]);
    let ours = equals(u, LEASE_OWNER, owner);
    u.require(ours);
}
