//! Credentials in the headers of requests.

use bytes::Bytes;
use http::HeaderValue;
use zeroize::Zeroizing;

/// A header's value, such as `Bearer …` (RFC 6750): wiped once the last request with it is gone, and not shown. `None` when
/// no header can carry it.
pub fn secret_header(prefix: &str, secret: &str) -> Option<HeaderValue> {
    let mut text = Zeroizing::new(Vec::with_capacity(prefix.len() + secret.len()));
    text.extend_from_slice(prefix.as_bytes());
    text.extend_from_slice(secret.as_bytes());
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(text)).ok()?;
    value.set_sensitive(true);
    Some(value)
}
