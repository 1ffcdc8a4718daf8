//! What clients are shown while the models work.

use std::{convert::Infallible, time::Duration};

use tokio::{
    sync::{Mutex, watch},
    time::{MissedTickBehavior, interval},
};

use crate::ports::{HasSessions, SessionStore as _};
use dodolens_domain::{
    evidence::Evidence,
    fusion::found,
    ids::SessionId,
    joining::{Look, join},
    locale::Locale,
    media::ExtractedMedia,
    session::{Progress, Session, SessionState, Stage},
};
use dodolens_wire::ws::AnalysisProgress;

/// No more than one message in this time.
const PACE: Duration = Duration::from_secs(1);

/// What the models have found so far and what clients know of it. It goes no further than to connected clients: the table
/// has the stage and the fraction of [`Progress`] alone.
#[derive(Debug)]
pub(super) struct Shown {
    found: watch::Receiver<Vec<Look>>,
    frame_seconds: Vec<f64>,
    locale: Locale,
    half_done: bool,
    /// The largest part of the frames that an answer has gone through.
    share: f64,
    last: Option<AnalysisProgress>,
}

impl Shown {
    /// Of an analysis that begins.
    pub(super) fn new(
        found: watch::Receiver<Vec<Look>>,
        media: &ExtractedMedia,
        locale: Locale,
    ) -> Self {
        let frames = media.frames.iter();
        Self {
            found,
            frame_seconds: frames.map(|frame| frame.at.as_secs_f64()).collect(),
            locale,
            half_done: false,
            share: 0.0,
            last: None,
        }
    }

    /// Either pictures or speech are done.
    pub(super) fn half_done(&mut self) -> AnalysisProgress {
        self.half_done = true;
        let now = AnalysisProgress {
            progress: Progress::HALF_DONE,
            ..self.now()
        };
        self.last = Some(now.clone());
        now
    }

    /// What is to be shown, if it is not the same as before.
    fn news(&mut self) -> Option<AnalysisProgress> {
        if !self.found.has_changed().unwrap_or(false) {
            return None;
        }
        let now = self.now();
        let is_new = self.last.as_ref() != Some(&now);
        self.last = Some(now.clone());
        is_new.then_some(now)
    }

    fn now(&mut self) -> AnalysisProgress {
        let looks = self.found.borrow_and_update().clone();
        let frames: usize = looks.iter().map(|look| look.frames.len()).sum();
        let past: usize = looks.iter().map(past).sum();
        self.share = self.share.max(past as f64 / frames.max(1) as f64);
        let (from, to) = match self.half_done {
            false => (Progress::ANALYSING, Progress::HALF_DONE),
            true => (Progress::HALF_DONE, Progress::FINISHING),
        };
        let evidence = Evidence {
            things: join(&looks),
            frame_seconds: self.frame_seconds.clone(),
            ..Evidence::default()
        };
        AnalysisProgress {
            progress: Progress {
                stage: Stage::Analysing,
                fraction: ((from.fraction + self.share * (to.fraction - from.fraction)) * 100.0)
                    .round()
                    / 100.0,
            },
            found: found(&evidence, self.locale),
        }
    }
}

/// How many of its frames an answer has gone through, as far as one can see.
fn past(look: &Look) -> usize {
    let seen = look.things.iter().flat_map(|thing| &thing.seen);
    let last = seen.map(|sight| sight.frame + 1).max();
    last.map_or(0, |last| {
        last.saturating_sub(look.frames.start)
            .min(look.frames.len())
    })
}

/// Tells by `tell` what is new, until dropped, as long as the session is processed. The connections are those that the
/// session has by then.
pub(super) async fn show(
    shown: &Mutex<Shown>,
    ports: &impl HasSessions,
    id: SessionId,
    tell: impl AsyncFn(&Session, AnalysisProgress),
) -> Infallible {
    let mut ticks = interval(PACE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first is now.
    ticks.tick().await;
    loop {
        ticks.tick().await;
        // Held until all is told, so that nobody is told of less afterwards.
        let mut shown = shown.lock().await;
        let Some(news) = shown.news() else {
            continue;
        };
        if let Ok(Some(now)) = ports.sessions().load(id).await
            && now.state == SessionState::Processing
        {
            tell(&now, news).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dodolens_domain::{
        catalogue,
        evidence::{Sight, Thing},
        media::{Coverage, Frame, Losses},
    };

    fn chair(frame: usize) -> Thing {
        Thing {
            item: catalogue::item("chair"),
            label: String::new(),
            room: None,
            sizes: [0, 1, 0],
            seen: vec![Sight { frame, count: 1 }],
            mark: String::new(),
            fragile: false,
            confidence: 0.9,
            perhaps_again: false,
        }
    }

    /// One look at all four frames that has found these.
    fn looks(things: Vec<Thing>) -> Vec<Look> {
        vec![Look {
            frames: 0..4,
            things,
        }]
    }

    /// Of four frames.
    fn begun() -> (watch::Sender<Vec<Look>>, Shown) {
        let found = watch::Sender::new(looks(vec![]));
        let frame = |at| Frame {
            jpeg: vec![1].into(),
            at: Duration::from_secs(at),
        };
        let media = ExtractedMedia {
            frames: (0..4).map(frame).collect(),
            sound: None,
            duration: Duration::from_secs(4),
            losses: Losses::default(),
            coverage: Coverage::default(),
        };
        let shown = Shown::new(found.subscribe(), &media, Locale::En);
        (found, shown)
    }

    /// The fraction, and how many kinds are listed.
    fn told(now: Option<AnalysisProgress>) -> Option<(f64, usize)> {
        now.map(|now| (now.progress.fraction, now.found.objects.len()))
    }

    #[test]
    fn only_what_is_new_is_told() {
        let (found, mut shown) = begun();
        assert_eq!(told(shown.news()), None);
        found.send_modify(|all| all[0].things.push(chair(1)));
        assert_eq!(told(shown.news()), Some((0.55, 1)));
        assert_eq!(told(shown.news()), None);
        // Something else has been written, and says no more.
        found.send_modify(|_| ());
        assert_eq!(told(shown.news()), None);
        // One more chair, in an earlier frame.
        found.send_modify(|all| all[0].things.push(chair(0)));
        assert_eq!(told(shown.news()), Some((0.55, 1)));
        found.send_modify(|all| all[0].things.push(chair(3)));
        assert_eq!(told(shown.news()), Some((0.7, 1)));
    }

    #[test]
    fn the_list_may_begin_anew_and_the_fraction_stays() {
        let (found, mut shown) = begun();
        found.send_replace(looks(vec![chair(1)]));
        assert_eq!(told(shown.news()), Some((0.55, 1)));
        found.send_replace(looks(vec![]));
        assert_eq!(told(shown.news()), Some((0.55, 0)));
        found.send_replace(looks(vec![chair(0)]));
        assert_eq!(told(shown.news()), Some((0.55, 1)));
    }

    #[test]
    fn whoever_is_first_half_is_done() {
        let (found, mut shown) = begun();
        found.send_replace(looks(vec![chair(1)]));
        assert_eq!(told(Some(shown.half_done())), Some((0.7, 1)));
        assert_eq!(told(shown.news()), None);
        // It was the speech.
        found.send_replace(looks(vec![chair(3)]));
        assert_eq!(told(shown.news()), Some((0.9, 1)));
        let (found, mut shown) = begun();
        // It was the pictures.
        found.send_replace(looks(vec![chair(3)]));
        assert_eq!(told(Some(shown.half_done())), Some((0.7, 1)));
        assert_eq!(told(shown.news()), None);
    }
}
