//! The simulated AI peer.
