//! Names of sessions and the secrets that open them.

use std::{fmt, str::FromStr};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A text is not what it was read as. Says nothing of the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a well-formed {0}")]
pub struct Malformed(pub &'static str);

/// Names a session: 128 random bits, 32 lower-case hex digits in text. It is no secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId([u8; 16]);

impl SessionId {
    /// From random bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The raw bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for SessionId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        lower_hex(text).map(Self).ok_or(Malformed("session id"))
    }
}

/// Opens a session: 256 random bits, 64 lower-case hex digits in text. Wiped on drop, redacted when shown.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SessionToken([u8; 32]);

impl SessionToken {
    /// From random bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The text that the client is given, once.
    #[must_use]
    pub fn expose(&self) -> String {
        hex::encode(self.0)
    }

    /// What is stored instead of the token.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0).into())
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[token redacted]")
    }
}

impl FromStr for SessionToken {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        lower_hex(text).map(Self).ok_or(Malformed("token"))
    }
}

/// SHA-256 of a [`SessionToken`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// From the stored bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// HMAC-SHA-256 (RFC 2104) under this hash of a fixed text, cut to 128 bits: whoever has the token can find its
    /// trail in the audit log.
    #[must_use]
    pub fn audit_id(&self) -> AuditId {
        // A key shorter than the block is padded with zeros (RFC 2104, section 2).
        let mut block = [0; 64];
        block[..32].copy_from_slice(&self.0);
        let mac = Hmac::<Sha256>::new(&block.into()).chain_update(b"dodolens/audit-id/1");
        let full: [u8; 32] = mac.finalize().into_bytes().into();
        let mut short = [0; 16];
        short.copy_from_slice(&full[..16]);
        AuditId(short)
    }

    /// Whether `shown` is the same hash; takes the same time for any.
    #[must_use]
    pub fn matches(&self, shown: &Self) -> bool {
        self.0.ct_eq(&shown.0).into()
    }
}

/// Names a session in the audit log, 32 lower-case hex digits in text. It can't be linked to the session without its
/// token or its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditId([u8; 16]);

impl fmt::Display for AuditId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// Names a WebSocket connection, as API Gateway does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(String);

impl ConnectionId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for ConnectionId {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn lower_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        return None;
    }
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use dodolens_testing::damaged_text;

    #[test]
    fn a_session_id_has_one_spelling() {
        let id = SessionId::from_bytes([0xab; 16]);
        assert_eq!(id.to_string().parse::<SessionId>(), Ok(id));
        for bad in [
            "",
            "ab",
            &"AB".repeat(16),
            &"zz".repeat(16),
            &"ab".repeat(17),
        ] {
            assert!(bad.parse::<SessionId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_session_has_a_name_of_its_own_in_the_audit_log() {
        // printf %s dodolens/audit-id/1 | openssl dgst -sha256 -mac HMAC -macopt hexkey:<SHA-256 of 32 bytes of 7>
        let token = SessionToken::from_bytes([7; 32]);
        assert_eq!(
            token.hash().audit_id().to_string(),
            "f3823fc74c5a3c5fc212fcf964ec5ef0"
        );
    }

    #[test]
    fn a_token_is_known_by_its_hash_and_never_shown() {
        let token = SessionToken::from_bytes([7; 32]);
        let again: SessionToken = token.expose().parse().unwrap();
        assert!(token.hash().matches(&again.hash()));
        let other = SessionToken::from_bytes([8; 32]);
        assert!(!token.hash().matches(&other.hash()));
        assert_eq!(format!("{token:?}"), "[token redacted]");
    }

    proptest! {
        #[test]
        fn an_id_and_a_token_come_back_from_their_texts(id: [u8; 16], token: [u8; 32]) {
            let id = SessionId::from_bytes(id);
            prop_assert_eq!(id.to_string().parse(), Ok(id));
            let token = SessionToken::from_bytes(token);
            let again: SessionToken = token.expose().parse().unwrap();
            prop_assert_eq!(again.hash(), token.hash());
        }

        #[test]
        fn a_text_that_is_read_is_the_one_spelling(
            id in damaged_text(&"0a".repeat(16)),
            token in damaged_text(&"0a".repeat(32)),
            noise: String,
        ) {
            for text in [&id, &token, &noise] {
                let hex = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                let (id, token) = (text.parse::<SessionId>(), text.parse::<SessionToken>());
                prop_assert_eq!(id.is_ok(), hex && text.len() == 32);
                prop_assert!(id.is_ok_and(|id| id.to_string() == *text) == id.is_ok());
                prop_assert_eq!(token.is_ok(), hex && text.len() == 64);
                prop_assert!(token.is_ok() == token.is_ok_and(|token| token.expose() == *text));
            }
        }
    }
}
