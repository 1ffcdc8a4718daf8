use super::{NoEntropy, SessionKey, Unopenable, aad::associated_data, cipher};
use dodolens_domain::{
    ids::SessionId,
    plan::{PartIndex, UploadPlan},
    session::Fingerprint,
};

/// How much longer a sealed part is than the part.
pub const SEALED_OVERHEAD: usize = cipher::OVERHEAD;

/// The place of a part: its session, its video's plan, its index, and the content of its chunk as a whole.
#[derive(Debug, Clone, Copy)]
pub struct PartContext {
    /// The session.
    pub session: SessionId,
    /// How the video is cut.
    pub plan: UploadPlan,
    /// Which part.
    pub at: PartIndex,
    /// Of the whole chunk, so that parts of two contents of one chunk never mix.
    pub chunk: Fingerprint,
}

impl PartContext {
    fn associated_data(&self) -> Vec<u8> {
        associated_data(&[
            b"dodolens/sealed-part/1",
            self.session.as_bytes(),
            &self.at.chunk.to_be_bytes(),
            &self.at.part.to_be_bytes(),
            &self.plan.chunks().to_be_bytes(),
            &self.plan.parts_of(self.at.chunk).to_be_bytes(),
            &self.chunk.0,
        ])
    }
}

impl SessionKey {
    /// Seals a part for its place.
    ///
    /// # Errors
    /// [`NoEntropy`].
    pub fn seal(&self, context: &PartContext, part: &[u8]) -> Result<Vec<u8>, NoEntropy> {
        self.cipher.seal(&context.associated_data(), part)
    }

    /// Opens a part that was sealed for this place, in the buffer that it comes in; wiped on drop.
    ///
    /// # Errors
    /// [`Unopenable`].
    pub fn open(
        &self,
        context: &PartContext,
        sealed: Vec<u8>,
    ) -> Result<impl std::ops::Deref<Target = [u8]> + Send + use<>, Unopenable> {
        self.cipher.open(&context.associated_data(), sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dodolens_domain::plan::DEFAULT_CHUNK_BYTES;

    fn context() -> PartContext {
        PartContext {
            session: SessionId::from_bytes([1; 16]),
            plan: UploadPlan::new(5_000_000, DEFAULT_CHUNK_BYTES, u64::MAX).unwrap(),
            at: PartIndex { chunk: 2, part: 1 },
            chunk: Fingerprint([9; 16]),
        }
    }

    #[test]
    fn a_part_opens_in_its_own_place_only() {
        let key = SessionKey::generate().unwrap();
        let here = context();
        let sealed = key.seal(&here, b"a part").unwrap();
        assert_eq!(&*key.open(&here, sealed.clone()).unwrap(), b"a part");

        let elsewhere = [
            PartContext {
                session: SessionId::from_bytes([2; 16]),
                ..here
            },
            PartContext {
                at: PartIndex {
                    chunk: 1,
                    ..here.at
                },
                ..here
            },
            PartContext {
                at: PartIndex { part: 0, ..here.at },
                ..here
            },
            PartContext {
                chunk: Fingerprint([8; 16]),
                ..here
            },
            // Another count of chunks, then another count of parts in this chunk.
            PartContext {
                plan: UploadPlan::new(6_000_000, DEFAULT_CHUNK_BYTES, u64::MAX).unwrap(),
                ..here
            },
            PartContext {
                plan: UploadPlan::new(2 * 1_048_576 + 400_000, DEFAULT_CHUNK_BYTES, u64::MAX)
                    .unwrap(),
                ..here
            },
        ];
        for place in elsewhere {
            assert!(key.open(&place, sealed.clone()).is_err(), "{place:?}");
        }
        assert!(SessionKey::generate().unwrap().open(&here, sealed).is_err());
    }

    #[test]
    fn two_seals_of_one_part_differ() {
        let key = SessionKey::generate().unwrap();
        assert_ne!(
            key.seal(&context(), b"x").unwrap(),
            key.seal(&context(), b"x").unwrap()
        );
    }

    #[test]
    fn a_fingerprint_tells_contents_and_chunks_apart_and_needs_the_key() {
        let key = SessionKey::generate().unwrap();
        let print = key.fingerprint(1, b"content");
        assert_eq!(print, key.fingerprint(1, b"content"));
        assert_ne!(print, key.fingerprint(1, b"contenu"));
        assert_ne!(print, key.fingerprint(2, b"content"));
        assert_ne!(
            print,
            SessionKey::generate().unwrap().fingerprint(1, b"content")
        );
    }
}
