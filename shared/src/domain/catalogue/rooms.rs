use super::Room;

/// Every room kind.
pub static ROOMS: &[Room] = &[];
