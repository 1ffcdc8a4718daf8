//! The key that seals a session's parts, unwrapped by hand as docs/ARCHITECTURE.md describes.

use aes_gcm::{
    Aes256Gcm, KeyInit as _, Nonce,
    aead::{Aead as _, Payload},
};
use dodolens::{app::ports::SessionStore as _, domain::ids::SessionId, wire::http::SessionCreated};
use dodolens_tests::stack::TestStack;
use hkdf::Hkdf;
use sha2::Sha256;

/// Bytes before what is sealed: version and nonce.
const HEAD: usize = 13;

pub async fn data_key(stack: &TestStack, session: &SessionCreated) -> Vec<u8> {
    let id: SessionId = session.session_id.parse().unwrap();
    let stored = stack.sessions().load(id).await.unwrap().unwrap();
    let wrapped = stored.key.unwrap();
    let name = stack.secret("MasterKey");
    let ask = stack.secrets().get_secret_value().secret_id(name).send();
    let secret = ask.await.unwrap();
    assert_eq!(secret.version_id(), Some(wrapped.key_id.as_str()));
    let mut master = [0; 32];
    Hkdf::<Sha256>::new(None, secret.secret_string().unwrap().as_bytes())
        .expand(b"dodolens/master-key/1", &mut master)
        .unwrap();
    let place = [
        b"dodolens/wrapped-key/1".as_slice(),
        wrapped.key_id.as_bytes(),
        id.as_bytes(),
    ];
    let aad: Vec<u8> = place
        .iter()
        .flat_map(|field| [&u32::try_from(field.len()).unwrap().to_be_bytes(), *field].concat())
        .collect();
    let (head, sealed) = wrapped.bytes.split_at(HEAD);
    let nonce = Nonce::try_from(&head[1..]).unwrap();
    let payload = Payload {
        msg: sealed,
        aad: &aad,
    };
    let cipher = Aes256Gcm::new(&master.into());
    cipher.decrypt(&nonce, payload).unwrap()
}
