//! Looking at pictures: many of them in several calls at once.

use std::ops::Range;

use futures::future::join_all;
use tokio::sync::watch;

use super::{
    Ai, Link, answers,
    found::Finding,
    largest,
    question::Size,
    tasks,
    windows::{lengths, windows},
};
use dodolens_app::ports::{Looked, ModelError, Read, Terms, VisionModel};
use dodolens_domain::{
    evidence::Thing,
    joining::{Look, MOST_OPEN, Open},
    locale::Locale,
    media::Frame,
    money::Usd,
};

impl VisionModel for Ai {
    async fn look(
        &self,
        frames: &[Frame],
        terms: &Terms,
        found: &watch::Sender<Vec<Look>>,
    ) -> Read<Looked> {
        let windows = windows(frames, &self.limits);
        found.send_replace(windows.iter().cloned().map(empty).collect());
        let in_all: usize = windows.iter().map(Range::len).sum();
        let asking = windows.iter().enumerate().map(|(place, window)| {
            let share = terms.budget.times(window.len() as u64);
            let terms = Terms {
                budget: share.split(u32::try_from(in_all.max(1)).unwrap_or(u32::MAX)),
                ..*terms
            };
            self.look_once(frames, window, terms, found, place)
        });
        let mut looked = Looked::default();
        let (mut calls, mut left, mut error) = (Vec::new(), Usd::ZERO, ModelError::TimedOut);
        for (window, read) in windows.iter().zip(join_all(asking).await) {
            calls.extend(read.calls);
            left = left.plus(read.left);
            match read.answer {
                Ok(things) => looked.looks.push(Look {
                    frames: window.clone(),
                    things,
                }),
                Err(failure) => error = failure,
            }
        }
        looked.unanswered = unanswered(frames.len(), &looked.looks);
        found.send_replace(looked.looks.clone());
        let nothing = looked.looks.is_empty() && !frames.is_empty();
        Read {
            answer: if nothing { Err(error) } else { Ok(looked) },
            calls,
            left,
        }
    }

    async fn tell_apart(
        &self,
        open: &[Open],
        seconds: &[f64],
        terms: &Terms,
    ) -> Read<Vec<Vec<usize>>> {
        let Ok(question) = tasks::tell_apart(open, seconds, terms.locale) else {
            return Read {
                answer: Err(ModelError::Malformed),
                calls: Vec::new(),
                left: terms.budget,
            };
        };
        let (question, size) = (&question, &question.size());
        self.join
            .ask(terms, size, |link| {
                link.ask(question, None, None, answers::groups)
            })
            .await
    }

    /// With a question which of the things are the same, where several calls see them.
    fn price(&self, frames: usize) -> Usd {
        let lengths = lengths(frames, &self.limits);
        let looks = lengths
            .iter()
            .map(|length| self.vision.price(&self.size(*length)));
        let looks = looks.fold(Usd::ZERO, Usd::plus);
        match lengths.len() {
            0 | 1 => looks,
            _ => looks.plus(self.join.price(&largest_join())),
        }
    }
}

impl Ai {
    /// Asks about the frames of one window until a model answers. What it finds is shown at `place` of `found`.
    async fn look_once(
        &self,
        frames: &[Frame],
        window: &Range<usize>,
        terms: Terms,
        found: &watch::Sender<Vec<Look>>,
        place: usize,
    ) -> Read<Vec<Thing>> {
        let shown = frames.get(window.clone()).unwrap_or_default();
        let question = &tasks::look(shown, terms.locale, self.limits.tokens);
        let read = |json: &str| answers::things(json, window);
        let size = &self.size(window.len());
        let attempt = |link| async move {
            let mut finding = Finding::begin(found, place);
            let mut show = |piece: &str| finding.add(piece);
            Link::ask(link, question, None, Some(&mut show), read).await
        };
        let read = self.vision.ask(&terms, size, attempt).await;
        if read.answer.is_err() {
            // What an answer showed that came to nothing is taken back.
            drop(Finding::begin(found, place));
        }
        read
    }

    fn size(&self, frames: usize) -> Size {
        Size {
            pictures: frames,
            output_tokens: tasks::vision_tokens(frames).min(self.limits.tokens),
            ..largest(|locale| tasks::look(&[], locale, self.limits.tokens))
        }
    }
}

/// The largest question which things are the same, in any language.
fn largest_join() -> Size {
    let sizes = [Locale::Fr, Locale::En, Locale::Es].map(|it| tasks::join_size(MOST_OPEN, it));
    sizes
        .into_iter()
        .max_by_key(|size| size.text)
        .unwrap_or_default()
}

fn empty(frames: Range<usize>) -> Look {
    Look {
        frames,
        things: Vec::new(),
    }
}

/// The frames that are in no look.
fn unanswered(frames: usize, looks: &[Look]) -> Vec<Range<usize>> {
    let mut gaps = Vec::new();
    let mut end = 0;
    for look in looks {
        if look.frames.start > end {
            gaps.push(end..look.frames.start);
        }
        end = end.max(look.frames.end);
    }
    if end < frames {
        gaps.push(end..frames);
    }
    gaps
}
