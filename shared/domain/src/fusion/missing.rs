//! What the evidence lacks, and how the result says so.

use std::{collections::BTreeSet, ops::Range, time::Duration};

use super::texts;
use crate::{
    evidence::{Evidence, Gap},
    labels,
    locale::Locale,
    media::SoundLoss,
};

/// Most stretches of which nothing was seen that are named; the others are counted.
const MOST_STRETCHES: usize = 3;

/// What the models did not give, what the video has not, and what was lost of it.
pub fn gaps(evidence: &Evidence) -> BTreeSet<Gap> {
    let mut gaps: BTreeSet<Gap> = evidence.gaps.iter().copied().collect();
    let losses = &evidence.losses;
    // Where no picture was seen it says nothing that some were not.
    if !gaps.contains(&Gap::PicturesUnreadable) && !gaps.contains(&Gap::VisionUnavailable) {
        gaps.extend((!losses.unseen.is_empty()).then_some(Gap::StretchUnseen));
        gaps.extend((losses.pictures > 0).then_some(Gap::PicturesLost));
        gaps.extend((!evidence.unanswered.is_empty()).then_some(Gap::VisionPartial));
        gaps.extend((evidence.coverage.skipped > 0).then_some(Gap::PicturesSkipped));
    }
    gaps.extend(losses.sound.map(|loss| match loss {
        SoundLoss::Unreadable => Gap::SoundUnreadable,
        SoundLoss::Cut { .. } => Gap::SoundCut,
        SoundLoss::Silent => Gap::SoundSilent,
    }));
    gaps
}

/// A gap in words, with numbers and times where they are known.
pub fn remark(gap: Gap, evidence: &Evidence, locale: Locale) -> String {
    let losses = &evidence.losses;
    match (gap, losses.sound) {
        (Gap::StretchUnseen, _) if !losses.unseen.is_empty() => {
            let (named, others) = most(&losses.unseen);
            texts::unseen(locale, named, others)
        }
        (Gap::VisionPartial, _) if !evidence.unanswered.is_empty() => {
            let (named, others) = most(&evidence.unanswered);
            texts::unanswered(locale, named, others)
        }
        (Gap::PicturesLost, _) if losses.pictures > 0 => {
            texts::pictures_lost(locale, losses.pictures)
        }
        (Gap::SoundCut, Some(SoundLoss::Cut { heard })) => texts::sound_cut(locale, heard),
        _ => labels::gap(gap).get(locale).to_owned(),
    }
}

/// Those that are named, and how many others there are.
fn most(stretches: &[Range<Duration>]) -> (&[Range<Duration>], usize) {
    let (named, others) = stretches.split_at(stretches.len().min(MOST_STRETCHES));
    (named, others.len())
}
