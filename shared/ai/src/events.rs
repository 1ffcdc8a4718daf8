//! Server-sent events (<https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream>), of which
//! providers use the data alone.

use std::ops::ControlFlow;

use zeroize::Zeroizing;

use super::call::append_wiping;
use dodolens_app::ports::ModelError;

/// Finds the events in a stream. What it has of them wipes itself, and is bounded by the longest answer.
#[derive(Default)]
pub(super) struct Events {
    /// The line that has begun.
    line: Zeroizing<Vec<u8>>,
    /// The data lines of the event that has begun.
    data: Option<Zeroizing<Vec<u8>>>,
    /// The last line ended with a carriage return: a line feed now is still its end.
    returned: bool,
}

impl Events {
    /// Takes the next piece of the stream and gives `take` the data of each event that ends in it, until it breaks.
    ///
    /// # Errors
    /// [`ModelError::Malformed`] for an event that is longer than the longest answer.
    pub(super) fn feed<B>(
        &mut self,
        piece: &[u8],
        mut take: impl FnMut(&[u8]) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>, ModelError> {
        for part in piece.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            let (text, end) = match part.split_last() {
                Some((end @ (b'\n' | b'\r'), text)) => (text, Some(*end)),
                _ => (part, None),
            };
            let returned = std::mem::replace(&mut self.returned, end == Some(b'\r'));
            if returned && part == b"\n" {
                continue;
            }
            append_wiping(&mut self.line, text).ok_or(ModelError::Malformed)?;
            if end.is_none() {
                continue;
            }
            if !self.line.is_empty() {
                self.end_line()?;
            } else if let Some(data) = self.data.take()
                && let ControlFlow::Break(value) = take(&data)
            {
                return Ok(ControlFlow::Break(value));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Adds the line to the event's data, if it is data: `data`, `data:…` or `data: …`.
    fn end_line(&mut self) -> Result<(), ModelError> {
        if let Some(rest) = self.line.strip_prefix(b"data")
            && let Some(value) = rest.strip_prefix(b":").or(rest.is_empty().then_some(rest))
        {
            let value = value.strip_prefix(b" ").unwrap_or(value);
            let further = self.data.is_some();
            let data = self.data.get_or_insert_default();
            if further {
                append_wiping(data, b"\n").ok_or(ModelError::Malformed)?;
            }
            append_wiping(data, value).ok_or(ModelError::Malformed)?;
        }
        self.line.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    /// The data of the events in these pieces.
    fn events<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Vec<u8>> {
        let (mut events, mut found) = (Events::default(), Vec::new());
        for piece in pieces {
            let flow = events.feed(piece, |data| {
                found.push(data.to_vec());
                ControlFlow::<()>::Continue(())
            });
            assert_eq!(flow, Ok(ControlFlow::Continue(())));
        }
        found
    }

    #[test]
    fn events_are_found_as_the_standard_says() {
        for (stream, expected) in [
            ("data: one\n\ndata:two\n\n", vec!["one", "two"]),
            ("event: e\r\ndata: one\r\nid: 4\r\n\r\n", vec!["one"]),
            ("data: one\rdata:  two\r\r", vec!["one\n two"]),
            (": a comment\n\nretry: 5\n\ndatabase: no\n\n", vec![]),
            ("data\n\ndata:\ndata\n\n", vec!["", "\n"]),
            ("data: no end\n", vec![]),
        ] {
            let found = events([stream.as_bytes()]);
            assert_eq!(
                found,
                expected.iter().map(|it| it.as_bytes()).collect::<Vec<_>>(),
                "{stream:?}"
            );
        }
    }

    #[test]
    fn an_event_without_end_is_refused() {
        let mut events = Events::default();
        let piece = [b"data: ".as_slice(), &[b'x'; (1 << 20) - 6]].concat();
        let mut take = |_: &[u8]| ControlFlow::<()>::Continue(());
        assert!(events.feed(&piece, &mut take).is_ok());
        assert!(events.feed(&piece, &mut take).is_ok());
        assert_eq!(events.feed(&piece, &mut take), Err(ModelError::Malformed));
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(
            lines in vec(select(vec!["data: a", "data:b", "data", ":c", "event: d", "", "", "x"]), 0..12),
            ends in vec(select(vec!["\n", "\r\n", "\r"]), 12),
            size in 1_usize..7,
        ) {
            let stream: String = lines.iter().zip(&ends).flat_map(|(line, end)| [*line, *end]).collect();
            let stream = stream.as_bytes();
            prop_assert_eq!(events(stream.chunks(size)), events([stream]));
        }
    }
}
