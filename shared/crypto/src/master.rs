use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{
    MIN_SECRET_CHARS, NoEntropy, SessionKey, Unopenable, aad::associated_data, cipher::Cipher,
    short_mac,
};
use dodolens_domain::{
    ids::SessionId,
    quota::{Principal, Pseudonym},
    session::WrappedKey,
    time::Timestamp,
};

/// One version of the key that wraps the sessions' keys.
pub struct MasterKey {
    id: String,
    cipher: Cipher,
    pseudonyms: Zeroizing<[u8; 32]>,
}

impl MasterKey {
    /// From a version of the secret: HKDF-SHA-256 (RFC 5869), so that any long random text will do.
    ///
    /// # Errors
    /// [`Unopenable`] when the secret is too short to be one.
    pub fn from_secret(id: String, secret: &[u8]) -> Result<Self, Unopenable> {
        if secret.len() < MIN_SECRET_CHARS {
            return Err(Unopenable);
        }
        let hkdf = Hkdf::<Sha256>::new(None, secret);
        let mut key = Zeroizing::new([0; 32]);
        let mut pseudonyms = Zeroizing::new([0; 32]);
        hkdf.expand(b"dodolens/master-key/1", key.as_mut_slice())
            .and_then(|()| hkdf.expand(b"dodolens/client-pseudonym/1", pseudonyms.as_mut_slice()))
            .map_err(|_| Unopenable)?;
        Ok(Self {
            id,
            cipher: Cipher::new(&key),
            pseudonyms,
        })
    }

    /// Names this version.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Wraps a session's key; what comes out opens for this session only.
    ///
    /// # Errors
    /// [`NoEntropy`].
    pub fn wrap(&self, session: SessionId, key: &SessionKey) -> Result<WrappedKey, NoEntropy> {
        let bytes = self
            .cipher
            .seal(&self.place(session), key.secret.as_slice())?;
        Ok(WrappedKey {
            key_id: self.id.clone(),
            bytes,
        })
    }

    /// Unwraps a session's key.
    ///
    /// # Errors
    /// [`Unopenable`].
    pub fn unwrap(
        &self,
        session: SessionId,
        wrapped: &WrappedKey,
    ) -> Result<SessionKey, Unopenable> {
        let opened = self
            .cipher
            .open(&self.place(session), wrapped.bytes.clone())?;
        let mut secret = Zeroizing::new([0; 32]);
        if opened.len() != secret.len() {
            return Err(Unopenable);
        }
        secret.copy_from_slice(&opened);
        Ok(SessionKey::from_secret(secret))
    }

    /// What stands for a client in the window that ends at `until`. Another window or another version gives another
    /// pseudonym, so that what a client did at one time can't be linked with what it did at another.
    #[must_use]
    pub fn pseudonym(&self, client: &Principal, until: Timestamp) -> Pseudonym {
        let until = until.as_millis().to_be_bytes();
        Pseudonym(short_mac(&self.pseudonyms, &[&until, client.as_bytes()]))
    }

    fn place(&self, session: SessionId) -> Vec<u8> {
        associated_data(&[
            b"dodolens/wrapped-key/1",
            self.id.as_bytes(),
            session.as_bytes(),
        ])
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MasterKey({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn master(id: &str) -> MasterKey {
        MasterKey::from_secret(id.into(), &[b'x'; 64]).unwrap()
    }

    #[test]
    fn a_wrapped_key_opens_for_its_session_and_master_only() {
        let (session, other) = (
            SessionId::from_bytes([1; 16]),
            SessionId::from_bytes([2; 16]),
        );
        let key = SessionKey::generate().unwrap();
        let wrapped = master("v1").wrap(session, &key).unwrap();
        assert_eq!(
            *master("v1").unwrap(session, &wrapped).unwrap().secret,
            *key.secret
        );
        assert!(master("v1").unwrap(other, &wrapped).is_err());
        assert!(master("v2").unwrap(session, &wrapped).is_err());
        let another = MasterKey::from_secret("v1".into(), &[b'y'; 64]).unwrap();
        assert!(another.unwrap(session, &wrapped).is_err());
    }

    #[test]
    fn a_pseudonym_is_of_one_client_one_window_and_one_version() {
        let client = Principal::subject("https://issuer.example", "bob");
        let until = Timestamp::from_millis(3_600_000);
        let pseudonym = master("v1").pseudonym(&client, until);
        assert_eq!(master("v1").pseudonym(&client, until), pseudonym);
        let another = MasterKey::from_secret("v2".into(), &[b'y'; 64]).unwrap();
        let other = Principal::subject("https://issuer.example", "eve");
        let later = Timestamp::from_millis(7_200_000);
        for different in [
            master("v1").pseudonym(&other, until),
            master("v1").pseudonym(&client, later),
            another.pseudonym(&client, until),
        ] {
            assert_ne!(different, pseudonym);
        }
    }

    #[test]
    fn a_short_secret_is_no_master_key() {
        assert!(MasterKey::from_secret("v1".into(), b"hunter2").is_err());
    }

    #[test]
    fn nothing_of_a_key_is_shown() {
        let key = SessionKey::generate().unwrap();
        assert_eq!(
            format!("{key:?} {:?}", master("v1")),
            "[session key redacted] MasterKey(v1)"
        );
    }
}
