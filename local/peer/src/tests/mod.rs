//! The peer by itself, over raw HTTP, and the real adapter against it.

mod adapter;
mod forms_strictness;
mod hearing;
mod make;
mod sound_strictness;
mod strictness;

use tokio::net::TcpListener;

use super::{Peer, PeerOptions, serve};
use make::{encoded, flac, jpeg, keys_sound, picture, speech, wav};

const KEY: &str = "sk-simulated";

async fn peer(options: PeerOptions) -> Peer {
    serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), options).unwrap()
}
