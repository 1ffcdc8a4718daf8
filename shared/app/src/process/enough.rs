//! Whether an inventory may leave: one in which nothing moves is only true when no evidence was missing.

use super::setback::Setback;
use dodolens_domain::{evidence::Gap, inventory::Inventory, session::Failure};

/// Nothing, if something moves or all the evidence was there; else why there is no inventory. Of several gaps the first
/// decides: what another try may fill, then what is our fault, then what is the video's.
pub(super) fn check(inventory: &Inventory) -> Result<(), Setback> {
    if !inventory.rooms.is_empty() {
        return Ok(());
    }
    let mut gaps = inventory.degraded.clone();
    gaps.sort_unstable();
    let decides = gaps.into_iter().find_map(without);
    decides.map_or(Ok(()), Err)
}

/// What it means for an inventory of nothing that this is missing.
const fn without(gap: Gap) -> Option<Setback> {
    match gap {
        Gap::VisionUnavailable | Gap::VisionPartial | Gap::SpeechUnavailable => {
            Some(Setback::Passing(Failure::AnalysisUnavailable))
        }
        // Another try would have the same budget.
        Gap::FewerPictures => Some(Setback::Final(Failure::AnalysisUnavailable)),
        // Another try may find the decoder less busy.
        Gap::PicturesSkipped => Some(Setback::Passing(Failure::MediaTooSlow)),
        Gap::PicturesUnreadable
        | Gap::StretchUnseen
        | Gap::PicturesLost
        | Gap::SoundUnreadable
        | Gap::SoundCut => Some(Setback::Final(Failure::MediaUnreadable)),
        // The video never held more.
        Gap::SoundSilent | Gap::NoSound => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dodolens_domain::{
        catalogue,
        evidence::{Cue, Decision, Evidence, Usage},
        fusion::fuse,
        locale::Locale,
    };

    fn checked(gaps: &[Gap], said: Option<Decision>) -> Result<(), Setback> {
        let cue = |decision| Cue {
            item: catalogue::item("piano_upright"),
            label: String::new(),
            room: None,
            count: None,
            decision,
            remark: None,
        };
        let evidence = Evidence {
            cues: said.map(cue).into_iter().collect(),
            gaps: gaps.to_vec(),
            ..Evidence::default()
        };
        check(&fuse(&evidence, Locale::En, Usage::default()))
    }

    const PASSING: Result<(), Setback> = Err(Setback::Passing(Failure::AnalysisUnavailable));
    const SLOW: Result<(), Setback> = Err(Setback::Passing(Failure::MediaTooSlow));
    const BUDGET: Result<(), Setback> = Err(Setback::Final(Failure::AnalysisUnavailable));
    const UNREADABLE: Result<(), Setback> = Err(Setback::Final(Failure::MediaUnreadable));

    #[test]
    fn nothing_is_only_true_when_all_was_there() {
        for (gaps, expected) in [
            (&[][..], Ok(())),
            (&[Gap::NoSound], Ok(())),
            (&[Gap::SoundSilent], Ok(())),
            (&[Gap::VisionUnavailable], PASSING),
            (&[Gap::VisionUnavailable, Gap::NoSound], PASSING),
            (&[Gap::SpeechUnavailable], PASSING),
            (&[Gap::SpeechUnavailable, Gap::PicturesUnreadable], PASSING),
            (&[Gap::VisionUnavailable, Gap::SoundUnreadable], PASSING),
            (&[Gap::SpeechUnavailable, Gap::FewerPictures], PASSING),
            (&[Gap::VisionPartial, Gap::NoSound], PASSING),
            (&[Gap::PicturesSkipped], SLOW),
            (&[Gap::FewerPictures], BUDGET),
            (&[Gap::PicturesLost, Gap::FewerPictures], BUDGET),
            (&[Gap::PicturesUnreadable], UNREADABLE),
            (&[Gap::PicturesUnreadable, Gap::NoSound], UNREADABLE),
            (&[Gap::PicturesLost], UNREADABLE),
            (&[Gap::StretchUnseen, Gap::SoundSilent], UNREADABLE),
            (&[Gap::SoundUnreadable], UNREADABLE),
            (&[Gap::SoundCut], UNREADABLE),
        ] {
            assert_eq!(checked(gaps, None), expected, "{gaps:?}");
            // What stays is nothing that moves.
            let stays = checked(gaps, Some(Decision::Leave));
            assert_eq!(stays, expected, "{gaps:?}");
            let moves = checked(gaps, Some(Decision::Move));
            assert_eq!(moves, Ok(()), "{gaps:?}");
        }
    }
}
