//! What the evidence lacks, and how the result says so.

use std::collections::BTreeSet;

use super::texts;
use crate::{
    evidence::{Evidence, Gap},
    labels,
    locale::Locale,
    media::{Losses, SoundLoss},
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
    }
    gaps.extend(losses.sound.map(|loss| match loss {
        SoundLoss::Unreadable => Gap::SoundUnreadable,
        SoundLoss::Cut { .. } => Gap::SoundCut,
        SoundLoss::Silent => Gap::SoundSilent,
    }));
    gaps
}

/// A gap in words, with numbers and times where they are known.
pub fn remark(gap: Gap, losses: &Losses, locale: Locale) -> String {
    match (gap, losses.sound) {
        (Gap::StretchUnseen, _) if !losses.unseen.is_empty() => {
            let (named, others) = losses
                .unseen
                .split_at(losses.unseen.len().min(MOST_STRETCHES));
            texts::unseen(locale, named, others.len())
        }
        (Gap::PicturesLost, _) if losses.pictures > 0 => {
            texts::pictures_lost(locale, losses.pictures)
        }
        (Gap::SoundCut, Some(SoundLoss::Cut { heard })) => texts::sound_cut(locale, heard),
        _ => labels::gap(gap).get(locale).to_owned(),
    }
}
