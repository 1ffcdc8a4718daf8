//! What an analysis may cost: rather than to exceed its budget it looks at fewer frames, with a cheaper model, or not at
//! all.

use crate::ports::{
    CueReader as _, HasCues, HasTranscriber, HasVision, Transcriber as _, VisionModel as _,
};
use dodolens_domain::{
    media::{ExtractedMedia, Frame},
    money::Usd,
};

/// How a budget is shared: each side keeps its own, so that none can use up the other's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    /// For the pictures.
    pub vision: Usd,
    /// For the speech.
    pub speech: Usd,
    /// Whether frames were dropped, so that the rest fits.
    pub fewer_frames: bool,
}

/// Shares `budget`, and drops frames until the rest can be looked at, if only with the cheapest model. Which model that is
/// is the model port's choice: it never spends more than its share.
///
/// The speech gets a quarter, or twice what it takes if that is more, so that failures can be made up for; but at most
/// half of all.
pub fn fit(
    ports: &(impl HasVision + HasTranscriber + HasCues),
    budget: Usd,
    media: &mut ExtractedMedia,
) -> Shares {
    let speech = media.sound.as_ref().map_or(Usd::ZERO, |sound| {
        let listening = ports.transcriber().price(sound.duration);
        let needed = listening.plus(ports.cues().price(sound.duration));
        let half = budget.split(2);
        if needed > half {
            Usd::ZERO
        } else {
            needed.times(2).max(budget.split(4)).min(half)
        }
    });
    let vision = budget.minus(speech);
    let all = media.frames.len();
    let most = (1..=all)
        .rev()
        .find(|frames| ports.vision().price(*frames) <= vision);
    let most = most.filter(|most| *most < all);
    if let Some(most) = most {
        tracing::warn!(
            frames = all,
            kept = most,
            "fewer frames are looked at, to keep within the budget"
        );
        thin(&mut media.frames, most);
    }
    Shares {
        vision,
        speech,
        fewer_frames: most.is_some(),
    }
}

/// Keeps this many frames, spread evenly; the others are wiped.
fn thin(frames: &mut Vec<Frame>, most: usize) {
    let all = frames.len();
    let mut index = 0..all;
    // The middles of as many equal slices.
    let kept: Vec<usize> = (0..most)
        .map(|slice| (2 * slice + 1) * all / (2 * most))
        .collect();
    frames.retain(|_| index.next().is_some_and(|index| kept.contains(&index)));
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::watch;

    use super::*;
    use crate::ports::{CueReader, Looked, Read, Terms, Transcriber, VisionModel};
    use dodolens_domain::{
        evidence::{Cue, Transcript},
        joining::{Look, Open},
        media::{Coverage, Losses, Sound, SoundFormat},
    };

    /// A model that is never asked, at these prices: nanodollars a frame, and a second.
    struct Priced(u64, u64);

    impl VisionModel for Priced {
        async fn look(&self, _: &[Frame], _: &Terms, _: &watch::Sender<Vec<Look>>) -> Read<Looked> {
            unreachable!("only its price is asked")
        }

        async fn tell_apart(&self, _: &[Open], _: &[f64], _: &Terms) -> Read<Vec<Vec<usize>>> {
            unreachable!("only its price is asked")
        }

        fn price(&self, frames: usize) -> Usd {
            Usd::from_nanos(self.0).times(frames as u64)
        }
    }

    impl Transcriber for Priced {
        async fn transcribe(&self, _: &Sound, _: &Terms) -> Read<Transcript> {
            unreachable!("only its price is asked")
        }

        fn price(&self, sound: Duration) -> Usd {
            Usd::from_nanos(self.1).times(sound.as_secs())
        }
    }

    impl CueReader for Priced {
        async fn read(&self, _: &Transcript, _: &Terms) -> Read<Vec<Cue>> {
            unreachable!("only its price is asked")
        }

        fn price(&self, _: Duration) -> Usd {
            Usd::ZERO
        }
    }

    /// The shares of a budget in nanodollars, and the seconds of the frames that are left of eight.
    fn fitted(budget: u64, sound: Option<u64>) -> (u64, u64, Vec<u64>) {
        let frame = |at| Frame {
            jpeg: vec![1].into(),
            at: Duration::from_secs(at),
        };
        let mut media = ExtractedMedia {
            frames: (0..8).map(frame).collect(),
            sound: sound.map(|seconds| Sound {
                bytes: vec![1].into(),
                format: SoundFormat::M4a,
                duration: Duration::from_secs(seconds),
            }),
            duration: Duration::from_secs(8),
            losses: Losses::default(),
            coverage: Coverage::default(),
        };
        let shares = fit(&Priced(10, 1), Usd::from_nanos(budget), &mut media);
        assert_eq!(shares.fewer_frames, media.frames.len() < 8);
        let nanos = |usd: Usd| (usd.dollars() * 1e9).round() as u64;
        (
            nanos(shares.vision),
            nanos(shares.speech),
            media
                .frames
                .iter()
                .map(|frame| frame.at.as_secs())
                .collect(),
        )
    }

    #[test]
    fn what_fits_is_left_alone() {
        let all = (0..8).collect::<Vec<_>>();
        assert_eq!(fitted(1_000, Some(20)), (750, 250, all.clone()));
        assert_eq!(fitted(80, None), (80, 0, all));
    }

    #[test]
    fn rather_fewer_frames_than_too_much_money() {
        assert_eq!(fitted(79, None), (79, 0, vec![0, 1, 2, 4, 5, 6, 7]));
        assert_eq!(fitted(20, None), (20, 0, vec![2, 6]));
        assert_eq!(fitted(60, Some(20)), (30, 30, vec![1, 4, 6]));
    }

    #[test]
    fn speech_that_takes_more_than_half_goes_without() {
        assert_eq!(fitted(38, Some(20)).1, 0);
        assert_eq!(fitted(40, Some(20)).1, 20);
    }

    #[test]
    fn what_can_never_fit_is_left_to_the_port_to_refuse() {
        assert_eq!(fitted(9, None), (9, 0, (0..8).collect()));
    }
}
