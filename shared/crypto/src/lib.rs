//! Envelope encryption: a master key wraps one data key per session, and the data key seals the parts.
//!
//! AES-256-GCM (NIST SP 800-38D) with random 96-bit nonces: one data key seals a few hundred parts, far below the limit
//! of 2^32 (section 8.3). Everything that gives a part its place is associated data, so no part opens anywhere else.

mod aad;
mod cipher;
mod master;
mod part;
pub mod receipt;
#[cfg(test)]
mod tests;

pub use master::MasterKey;
pub use part::{PartContext, SEALED_OVERHEAD};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use dodolens_domain::session::Fingerprint;

/// Fewest characters of a random text that a key is derived from: 43 of base64's would be 256 bits.
const MIN_SECRET_CHARS: usize = 43;

/// Something sealed does not open: another key, another place, or damage. Which of them is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("does not open")]
pub struct Unopenable;

/// The system gives no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no random bytes")]
pub struct NoEntropy;

/// Random bytes from the system.
///
/// # Errors
/// [`NoEntropy`] when there are none.
pub fn random<const N: usize>() -> Result<[u8; N], NoEntropy> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoEntropy)?;
    Ok(bytes)
}

/// The data key of one session. Wiped on drop, never shown.
pub struct SessionKey {
    secret: Zeroizing<[u8; 32]>,
    cipher: cipher::Cipher,
}

impl SessionKey {
    /// A new key.
    ///
    /// # Errors
    /// [`NoEntropy`].
    pub fn generate() -> Result<Self, NoEntropy> {
        Ok(Self::from_secret(Zeroizing::new(random()?)))
    }

    fn from_secret(secret: Zeroizing<[u8; 32]>) -> Self {
        Self {
            cipher: cipher::Cipher::new(&secret),
            secret,
        }
    }

    /// Tells contents of a chunk apart: HMAC-SHA-256 (RFC 2104) under the session's key, cut to 128 bits. Useless once
    /// the key is gone.
    #[must_use]
    pub fn fingerprint(&self, chunk: u32, content: &[u8]) -> Fingerprint {
        Fingerprint(short_mac(
            &self.secret,
            &[
                b"dodolens/chunk-fingerprint/1",
                &chunk.to_be_bytes(),
                content,
            ],
        ))
    }
}

/// HMAC-SHA-256 (RFC 2104) of the fields one after the other, cut to 128 bits.
fn short_mac(secret: &[u8; 32], fields: &[&[u8]]) -> [u8; 16] {
    // A key shorter than the block is padded with zeros (RFC 2104, section 2).
    let mut block = Zeroizing::new([0; 64]);
    for (byte, secret) in block.iter_mut().zip(secret) {
        *byte = *secret;
    }
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    for field in fields {
        mac.update(field);
    }
    let full: [u8; 32] = mac.finalize().into_bytes().into();
    let mut short = [0; 16];
    short.copy_from_slice(&full[..16]);
    short
}

impl std::fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[session key redacted]")
    }
}
