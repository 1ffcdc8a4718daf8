use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit, Nonce, Tag};
use zeroize::Zeroizing;

use super::{NoEntropy, Unopenable, random};

/// Format of everything sealed: version, nonce, ciphertext, tag.
const VERSION: u8 = 1;
const NONCE: usize = 12;
const TAG: usize = 16;

/// How much longer a sealed text is.
pub const OVERHEAD: usize = 1 + NONCE + TAG;

/// AES-256-GCM under one key; the key schedule is wiped on drop.
pub struct Cipher(Aes256Gcm);

impl Cipher {
    pub fn new(key: &[u8; 32]) -> Self {
        Self(Aes256Gcm::new(key.into()))
    }

    /// Seals `plain` for the place that `aad` names.
    pub fn seal(&self, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, NoEntropy> {
        let nonce: [u8; NONCE] = random()?;
        let mut sealed = Vec::with_capacity(plain.len() + OVERHEAD);
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let (_, text) = sealed.split_at_mut(1 + NONCE);
        let tag = self
            .0
            .encrypt_inout_detached(&Nonce::from(nonce), aad, text.into())
            .map_err(|_| NoEntropy)?;
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }

    /// Opens what was sealed for the place that `aad` names, in the buffer that it comes in.
    pub fn open(&self, aad: &[u8], sealed: Vec<u8>) -> Result<Opened, Unopenable> {
        let mut buffer = Zeroizing::new(sealed);
        let (head, rest) = buffer.split_at_mut_checked(1 + NONCE).ok_or(Unopenable)?;
        let [VERSION, nonce @ ..] = head else {
            return Err(Unopenable);
        };
        let nonce: [u8; NONCE] = (&*nonce).try_into().map_err(|_| Unopenable)?;
        let (text, tag) = rest
            .split_at_mut_checked(rest.len().checked_sub(TAG).ok_or(Unopenable)?)
            .ok_or(Unopenable)?;
        let tag = Tag::try_from(&*tag).map_err(|_| Unopenable)?;
        self.0
            .decrypt_inout_detached(&Nonce::from(nonce), aad, text.into(), &tag)
            .map_err(|_| Unopenable)?;
        Ok(Opened(buffer))
    }
}

/// Plaintext in the buffer that it was opened in; wiped on drop.
pub struct Opened(Zeroizing<Vec<u8>>);

impl std::ops::Deref for Opened {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0
            .get(1 + NONCE..self.0.len() - TAG)
            .unwrap_or_default()
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[{} B redacted]", self.len())
    }
}
