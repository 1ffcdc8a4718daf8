//! What is done about each failure: the one table.

use dodolens_app::ports::ModelError;

/// What is done about a failure. When the last provider of a chain has failed, the result goes without its task and says
/// so ([`Gap`](dodolens_domain::evidence::Gap)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Policy {
    /// How often the same model is asked in all, before the next provider is.
    pub(super) tries: u32,
    /// Whether it speaks against the provider, whatever it is asked: enough of these and it is left in peace for a while.
    pub(super) blames_provider: bool,
    /// Whether the provider may ask for money though it has not said what was used.
    pub(super) may_cost: bool,
}

/// What passes by itself.
const TRANSIENT: u32 = 4;
/// Asked again it may well do better, but that costs as much again.
const TWICE: u32 = 2;
/// The same would come again.
const ONCE: u32 = 1;

/// What is done about `failure`.
pub(super) const fn policy(failure: ModelError) -> Policy {
    let (tries, blames_provider, may_cost) = match failure {
        ModelError::RateLimited { .. } => (TRANSIENT, true, false),
        ModelError::Unavailable => (TRANSIENT, true, false),
        ModelError::Interrupted => (TWICE, true, true),
        ModelError::TimedOut => (ONCE, true, true),
        ModelError::OutOfQuota => (ONCE, true, false),
        // The key, the account or the model.
        ModelError::Rejected { status: 401..=404 } => (ONCE, true, false),
        // This one request.
        ModelError::Rejected { .. } => (ONCE, false, false),
        ModelError::Refused => (ONCE, false, true),
        ModelError::Filtered => (ONCE, false, true),
        ModelError::Truncated => (ONCE, false, true),
        ModelError::Empty => (TWICE, false, true),
        ModelError::NotJson => (TWICE, false, true),
        ModelError::Malformed => (TWICE, false, true),
        ModelError::OverBudget => (ONCE, false, false),
    };
    Policy {
        tries,
        blames_provider,
        may_cost,
    }
}
