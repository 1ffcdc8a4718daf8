//! What adapters that ask others over HTTP share.

mod retry_after;
mod secret_header;

pub use retry_after::{retry_after, until};
pub use secret_header::secret_header;
