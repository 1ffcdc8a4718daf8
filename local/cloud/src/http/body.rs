//! Reading a request's body up to a limit.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures::StreamExt;

/// Why a body was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is over the limit.
    TooLarge,
    /// The client left in the middle.
    Broken,
}

/// Over the limit, so much more is read and dropped: a client that still sends would otherwise see
/// a reset connection and not the answer.
const DRAINED: usize = 64 * 1024 * 1024;

/// Reads at most `limit` bytes.
///
/// # Errors
/// As [`Refused`] says.
pub(crate) async fn read(body: Body, limit: usize) -> Result<Bytes, Refused> {
    let mut stream = body.into_data_stream();
    let mut all = BytesMut::new();
    let mut count = 0_usize;
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|_| Refused::Broken)?;
        count += piece.len();
        if count <= limit {
            all.extend_from_slice(&piece);
        } else {
            all = BytesMut::new();
            if count > limit + DRAINED {
                break;
            }
        }
    }
    if count > limit {
        return Err(Refused::TooLarge);
    }
    Ok(all.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_limit_itself_is_taken_and_one_more_is_not() {
        assert_eq!(read(Body::from("abcd"), 4).await, Ok(Bytes::from("abcd")));
        assert_eq!(read(Body::from("abcde"), 4).await, Err(Refused::TooLarge));
    }
}
