//! A video whose reads are timed, so that a store that is slow is not taken for a video that is.

use std::{
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use dodolens_app::ports::{MediaError, ReadError, VideoSource};
use dodolens_domain::media::ContentType;

/// A video that knows how long its store has been waited for.
pub(super) struct Timed<'a, V> {
    video: &'a V,
    waits: Mutex<Waits>,
}

#[derive(Debug, Default)]
struct Waits {
    /// Time of the reads that are over.
    over: Duration,
    /// How many go on.
    going_on: usize,
    /// Since when any does.
    since: Option<Instant>,
}

impl<'a, V> Timed<'a, V> {
    pub(super) fn new(video: &'a V) -> Self {
        Self {
            video,
            waits: Mutex::default(),
        }
    }

    /// Why extraction was not done by its deadline: the store, when it is waited for right now or was most of the time;
    /// else the video.
    pub(super) fn too_slow(&self, deadline: Duration) -> MediaError {
        let waits = self.waits();
        if waits.going_on > 0 || waits.over * 2 > deadline {
            return ReadError::TooSlow.into();
        }
        MediaError::TooSlow
    }

    fn waits(&self) -> MutexGuard<'_, Waits> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One read that goes on; over when dropped.
struct Read<'a>(&'a Mutex<Waits>);

impl<'a> Read<'a> {
    fn begin(waits: &'a Mutex<Waits>) -> Self {
        let mut it = waits.lock().unwrap_or_else(PoisonError::into_inner);
        it.going_on += 1;
        it.since.get_or_insert_with(Instant::now);
        Self(waits)
    }
}

impl Drop for Read<'_> {
    fn drop(&mut self) {
        let mut it = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        it.going_on -= 1;
        if it.going_on == 0 {
            let since = it.since.take();
            it.over += since.map_or(Duration::ZERO, |since| since.elapsed());
        }
    }
}

impl<V: VideoSource> VideoSource for Timed<'_, V> {
    fn len(&self) -> u64 {
        self.video.len()
    }

    fn content_type(&self) -> ContentType {
        self.video.content_type()
    }

    async fn read(
        &self,
        ranges: &[Range<u64>],
        sink: &mut (dyn FnMut(u64, &[u8]) + Send),
    ) -> Result<(), ReadError> {
        let _read = Read::begin(&self.waits);
        self.video.read(ranges, sink).await
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::Notify;

    use super::*;

    const DEADLINE: Duration = Duration::from_secs(60);

    /// A store that answers when it is told to.
    #[derive(Default)]
    struct Slow(Notify);

    impl VideoSource for Slow {
        fn len(&self) -> u64 {
            1
        }

        fn content_type(&self) -> ContentType {
            ContentType::Mp4
        }

        async fn read(
            &self,
            _: &[Range<u64>],
            _: &mut (dyn FnMut(u64, &[u8]) + Send),
        ) -> Result<(), ReadError> {
            self.0.notified().await;
            Ok(())
        }
    }

    #[test]
    fn the_slower_one_is_blamed() {
        let slow = Slow::default();
        let video = Timed::new(&slow);
        for (seconds, blamed) in [
            (0, MediaError::TooSlow),
            (30, MediaError::TooSlow),
            (31, ReadError::TooSlow.into()),
        ] {
            video.waits().over = Duration::from_secs(seconds);
            assert_eq!(video.too_slow(DEADLINE), blamed);
        }
    }

    #[tokio::test]
    async fn a_store_is_blamed_while_it_is_waited_for() {
        let slow = Slow::default();
        let video = Timed::new(&slow);
        let read = async || video.read(&[], &mut |_, _| ()).await;
        let mut reads = Box::pin(async { tokio::join!(read(), read()) });
        tokio::select! { biased; _ = reads.as_mut() => unreachable!(), () = std::future::ready(()) => {} }
        assert_eq!(video.waits().going_on, 2);
        assert_eq!(video.too_slow(DEADLINE), ReadError::TooSlow.into());
        slow.0.notify_waiters();
        reads.await.0.unwrap();
        assert_eq!(video.waits().going_on, 0);
        assert!(video.waits().since.is_none());
        // A read that is given up is over, too.
        let mut given_up = Box::pin(read());
        tokio::select! { biased; _ = given_up.as_mut() => unreachable!(), () = std::future::ready(()) => {} }
        drop(given_up);
        assert_eq!(video.waits().going_on, 0);
    }
}
