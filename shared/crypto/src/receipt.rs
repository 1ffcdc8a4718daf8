//! Signing erasure receipts, and checking them with nothing but the published keys.
//!
//! The signature is a detached JWS (RFC 7515, appendix F) by Ed25519 (RFC 8037). Its payload is the receipt without its
//! member `signature`, in the JSON Canonicalization Scheme (RFC 8785).

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{MIN_SECRET_CHARS, Unopenable};
use dodolens_domain::receipt::{ErasureReceipt, ErasureStatement};

const ALGORITHM: &str = "EdDSA";
const SIGNATURE: &str = "signature";
/// The canonical form writes numbers as 64-bit floats (RFC 8785, section 3.2.2.3): from here on, two have one text.
const UNSAFE_NUMBER: u64 = 1 << 53;

/// A key to check receipts with: a JSON Web Key (RFC 7517) of the kind `OKP` (RFC 8037).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// `OKP`
    pub kty: String,
    /// `Ed25519`
    pub crv: String,
    /// `EdDSA`
    pub alg: String,
    /// `sig`
    #[serde(rename = "use")]
    pub usage: String,
    /// The key's thumbprint (RFC 7638).
    pub kid: String,
    /// The public key, 32 bytes in base64url.
    pub x: String,
}

impl Jwk {
    fn new(key: &VerifyingKey) -> Self {
        Self::of(BASE64URL.encode(key.as_bytes()))
    }

    /// Of a public key in base64url.
    fn of(x: String) -> Self {
        let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        Self {
            kty: "OKP".into(),
            crv: "Ed25519".into(),
            alg: ALGORITHM.into(),
            usage: "sig".into(),
            kid: BASE64URL.encode(Sha256::digest(members)),
            x,
        }
    }

    fn key(&self) -> Option<VerifyingKey> {
        let bytes = BASE64URL.decode(&self.x).ok()?;
        VerifyingKey::from_bytes(bytes.as_slice().try_into().ok()?).ok()
    }
}

/// The keys that receipts can be checked with (RFC 7517, section 5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JwkSet {
    /// The one that signs today first, then past ones.
    pub keys: Vec<Jwk>,
}

/// Why a receipt proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// It is no receipt, or its signature is not of the agreed form.
    #[error("this is no signed receipt")]
    Malformed,
    /// None of the keys has the signature's `kid`.
    #[error("no known key signed this receipt")]
    UnknownKey,
    /// The receipt is not what was signed.
    #[error("the signature does not fit the receipt")]
    Forged,
}

impl JwkSet {
    /// Checks a receipt as it came, members that are not known here included.
    ///
    /// # Errors
    /// See [`NotVerified`].
    pub fn verify(&self, receipt: &Map<String, Value>) -> Result<ErasureStatement, NotVerified> {
        let mut statement = receipt.clone();
        let Some(Value::String(jws)) = statement.remove(SIGNATURE) else {
            return Err(NotVerified::Malformed);
        };
        let (header, signature) = jws.split_once("..").ok_or(NotVerified::Malformed)?;
        let decoded = |text| BASE64URL.decode(text).map_err(|_| NotVerified::Malformed);
        let Header { alg, kid } =
            serde_json::from_slice(&decoded(header)?).map_err(|_| NotVerified::Malformed)?;
        let signature =
            Signature::from_slice(&decoded(signature)?).map_err(|_| NotVerified::Malformed)?;
        if alg != ALGORITHM {
            return Err(NotVerified::Malformed);
        }
        let named = self.keys.iter().find(|key| key.kid == kid);
        let key = named.and_then(Jwk::key).ok_or(NotVerified::UnknownKey)?;
        let signed = signing_input(header, &statement).ok_or(NotVerified::Malformed)?;
        key.verify_strict(&signed, &signature)
            .map_err(|_| NotVerified::Forged)?;
        serde_json::from_value(Value::Object(statement))
            .ok()
            .filter(|statement: &ErasureStatement| statement.bytes < UNSAFE_NUMBER)
            .ok_or(NotVerified::Malformed)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: String,
}

/// What a JWS signs: header and payload, each in base64url.
fn signing_input(header: &str, statement: &impl Serialize) -> Option<Vec<u8>> {
    let payload = serde_json_canonicalizer::to_vec(statement).ok()?;
    Some(format!("{header}.{}", BASE64URL.encode(payload)).into_bytes())
}

/// Signs receipts, and knows the keys that signed before.
pub struct ReceiptKeys {
    signing: SigningKey,
    past: Vec<Jwk>,
}

impl ReceiptKeys {
    /// From a long random text and the public keys, in base64url, that signed before.
    ///
    /// # Errors
    /// [`Unopenable`] when the text is too short.
    pub fn new(seed: &[u8], past: &[String]) -> Result<Self, Unopenable> {
        if seed.len() < MIN_SECRET_CHARS {
            return Err(Unopenable);
        }
        let mut secret = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, seed)
            .expand(b"dodolens/receipt-key/1", secret.as_mut_slice())
            .map_err(|_| Unopenable)?;
        Ok(Self {
            signing: SigningKey::from_bytes(&secret),
            past: past.iter().cloned().map(Jwk::of).collect(),
        })
    }

    /// All keys to check receipts with.
    #[must_use]
    pub fn published(&self) -> JwkSet {
        let current = Jwk::new(&self.signing.verifying_key());
        let mut keys = vec![current];
        keys.extend(self.past.iter().cloned());
        JwkSet { keys }
    }

    /// Signs a statement; the same statement gets the same signature.
    ///
    /// # Errors
    /// [`Unopenable`] when it has no canonical form.
    pub fn sign(&self, statement: ErasureStatement) -> Result<ErasureReceipt, Unopenable> {
        if statement.bytes >= UNSAFE_NUMBER {
            return Err(Unopenable);
        }
        let header = Header {
            alg: ALGORITHM.into(),
            kid: Jwk::new(&self.signing.verifying_key()).kid,
        };
        let header = BASE64URL.encode(serde_json::to_vec(&header).map_err(|_| Unopenable)?);
        let input = signing_input(&header, &statement).ok_or(Unopenable)?;
        let signature = BASE64URL.encode(self.signing.sign(&input).to_bytes());
        Ok(ErasureReceipt {
            statement,
            signature: format!("{header}..{signature}"),
        })
    }
}

impl std::fmt::Debug for ReceiptKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[receipt keys redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dodolens_domain::{
        receipt::{ErasureReason, PartsFate},
        time::Timestamp,
    };

    const SEED: &[u8] = &[b'x'; 64];

    fn statement() -> ErasureStatement {
        ErasureStatement {
            schema: dodolens_domain::receipt::SCHEMA.into(),
            session_id: "0123456789abcdef0123456789abcdef".into(),
            audit_id: "fedcba9876543210fedcba9876543210".into(),
            reason: ErasureReason::Completed,
            chunks: 3,
            parts: 9,
            bytes: 3_000_000,
            key_id: "v1".into(),
            key_destroyed_at: Timestamp::from_millis(1_700_000_000_000),
            fate: PartsFate::Deleted {
                parts_verified_absent_at: Timestamp::from_millis(1_700_000_000_250),
            },
        }
    }

    fn object(receipt: &ErasureReceipt) -> Map<String, Value> {
        let Ok(Value::Object(object)) = serde_json::to_value(receipt) else {
            panic!("a receipt is an object");
        };
        object
    }

    #[test]
    fn a_key_is_named_by_its_thumbprint() {
        // RFC 8037, appendix A.3
        let key = Jwk::of("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".into());
        assert_eq!(key.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_receipt_is_checked_with_the_published_keys_alone() {
        let keys = ReceiptKeys::new(SEED, &[]).unwrap();
        let receipt = object(&keys.sign(statement()).unwrap());
        assert_eq!(keys.published().verify(&receipt), Ok(statement()));
    }

    #[test]
    fn a_receipt_outlives_the_key_that_signed_it() {
        let old = ReceiptKeys::new(SEED, &[]).unwrap();
        let receipt = object(&old.sign(statement()).unwrap());
        let new = ReceiptKeys::new(&[b'y'; 64], &[old.published().keys[0].x.clone()]).unwrap();
        assert_eq!(new.published().verify(&receipt), Ok(statement()));
        let stranger = ReceiptKeys::new(&[b'z'; 64], &[]).unwrap();
        assert_eq!(
            stranger.published().verify(&receipt),
            Err(NotVerified::UnknownKey)
        );
    }

    #[test]
    fn no_member_can_be_changed_added_or_left_out() {
        let keys = ReceiptKeys::new(SEED, &[]).unwrap();
        let published = keys.published();
        let receipt = object(&keys.sign(statement()).unwrap());
        for name in receipt.keys().filter(|name| *name != SIGNATURE) {
            let mut changed = receipt.clone();
            changed[name] = Value::from("other");
            assert_eq!(published.verify(&changed), Err(NotVerified::Forged));
            changed.remove(name);
            assert_eq!(published.verify(&changed), Err(NotVerified::Forged));
        }
        let mut added = receipt.clone();
        added.insert("kept".into(), Value::from(true));
        assert_eq!(published.verify(&added), Err(NotVerified::Forged));
    }

    #[test]
    fn a_signature_of_another_form_is_refused() {
        let keys = ReceiptKeys::new(SEED, &[]).unwrap();
        let receipt = object(&keys.sign(statement()).unwrap());
        let kid = &keys.published().keys[0].kid;
        let none = BASE64URL.encode(format!(r#"{{"alg":"none","kid":"{kid}"}}"#));
        let critical = format!(r#"{{"alg":"EdDSA","kid":"{kid}","crit":["b64"],"b64":false}}"#);
        let signature = receipt[SIGNATURE].as_str().unwrap();
        let tail = signature.split_once("..").unwrap().1;
        for bad in [
            String::new(),
            "..".into(),
            format!("{none}.."),
            format!("{none}..{tail}"),
            format!("{}..{tail}", BASE64URL.encode(critical)),
            signature.replace("..", "."),
        ] {
            let mut receipt = receipt.clone();
            receipt[SIGNATURE] = Value::from(bad);
            let refused = keys.published().verify(&receipt);
            assert_eq!(refused, Err(NotVerified::Malformed));
        }
        assert_eq!(
            keys.published().verify(&Map::new()),
            Err(NotVerified::Malformed)
        );
    }

    #[test]
    fn a_short_seed_is_refused_and_keys_are_never_shown() {
        assert!(ReceiptKeys::new(b"hunter2", &[]).is_err());
        let keys = ReceiptKeys::new(SEED, &[]).unwrap();
        assert_eq!(format!("{keys:?}"), "[receipt keys redacted]");
    }
}
