//! How every function runs: what it does before it takes its first event, and how it keeps its memory clean.

mod relay;

use std::{future::Future, io};

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::filter_fn, fmt, layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use zeroize::Zeroize as _;

use self::relay::Relay;
use dodolens_app::audit;

/// More of the stack than anything here uses, 8-byte words: 512 KiB. The deepest, `process`, was seen to use 432 KiB.
const STACK_WORDS: usize = 64 * 1024;

/// Frees no memory without wiping it: what libraries copy of plaintext, in JSON, base64 or TLS buffers, goes with it.
pub type WipingAllocator = zeroizing_alloc::ZeroAlloc<std::alloc::System>;

/// The allocator of every function.
#[must_use]
pub const fn wiping_allocator() -> WipingAllocator {
    zeroizing_alloc::ZeroAlloc(std::alloc::System)
}

/// Runs a function for as long as its process lives: everything on one thread, whose stack is wiped whenever there is
/// nothing to do. What is moved about in memory leaves copies on the stack: keys, tokens, the last block of a hash. The
/// Runtime API is reached by way of a relay that keeps no connection.
///
/// # Errors
/// Those of `wiring`, and when there can be no runtime.
pub fn run<E: From<io::Error>>(
    function: &str,
    wiring: impl Future<Output = Result<(), E>>,
) -> Result<(), E> {
    start(function);
    let relay = Relay::take_place()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .on_thread_park(wipe_stack)
        .build()?;
    runtime.block_on(async {
        tokio::select! {
            ended = wiring => ended,
            failed = relay.run() => Ok(failed?),
        }
    })
}

/// Writes zeros over what earlier calls have left below this one.
#[inline(never)]
fn wipe_stack() {
    let mut left = [0_u64; STACK_WORDS];
    left.zeroize();
    std::hint::black_box(&mut left);
}

/// Sets up logging in JSON to stdout: of the crate `function` and this one at the level of `LOG_LEVEL`, and the audit log
/// at any. Sees that the memory of this process is never dumped into a file nor read by a child of its user.
fn start(function: &str) {
    let level = std::env::var("LOG_LEVEL").unwrap_or_else(|_| "info".into());
    // Libraries stay quiet below warnings: their debug logs may hold bodies.
    let filter = EnvFilter::try_new(format!("warn,dodolens={level},{function}={level}"))
        .unwrap_or_else(|_| EnvFilter::new("warn"));
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .with_filter(filter)
        .with_filter(filter_fn(|line| line.target() != audit::TARGET));
    // Without its span: that would name the session.
    let audit_lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_filter(filter_fn(|line| line.target() == audit::TARGET));
    tracing_subscriber::registry()
        .with(lines)
        .with(audit_lines)
        .init();
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "this process can be dumped: the kernel refuses PR_SET_DUMPABLE");
    }
    if let Err(error) = setrlimit(
        Resource::Core,
        Rlimit {
            current: Some(0),
            maximum: Some(0),
        },
    ) {
        tracing::warn!(%error, "core dumps can't be switched off");
    }
}
