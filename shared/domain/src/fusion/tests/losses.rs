//! What was lost of a video is told.

use std::{ops::Range, time::Duration};

use super::*;
use crate::media::{Losses, SoundLoss};

const SECOND: Duration = Duration::from_secs(1);

/// An armchair, and these losses.
fn armchair(gaps: &[Gap], losses: Losses, locale: Locale) -> Inventory {
    let evidence = Evidence {
        things: vec![see(0, "armchair", "living_room", 1)],
        frame_seconds: vec![0.0],
        gaps: gaps.to_vec(),
        losses,
        ..Evidence::default()
    };
    fuse(&evidence, locale, Usage::default())
}

fn unseen(stretches: &[Range<f64>]) -> Losses {
    let stretches = stretches.iter();
    Losses {
        unseen: stretches
            .map(|stretch| SECOND.mul_f64(stretch.start)..SECOND.mul_f64(stretch.end))
            .collect(),
        ..Losses::default()
    }
}

fn sound(loss: SoundLoss) -> Losses {
    Losses {
        sound: Some(loss),
        ..Losses::default()
    }
}

#[test]
fn nothing_lost_is_nothing_told() {
    let inventory = armchair(&[], Losses::default(), Locale::En);
    assert_eq!((inventory.degraded, inventory.remarks), (vec![], vec![]));
}

#[test]
fn each_loss_has_its_name_and_its_words() {
    let pictures = |pictures| Losses {
        pictures,
        ..Losses::default()
    };
    let heard = SECOND * 40;
    let lost = [
        (
            unseen(&[80.0..124.2]),
            Gap::StretchUnseen,
            "Nothing was seen from 1:20 to 2:05: objects may be missing.",
        ),
        (
            pictures(1),
            Gap::PicturesLost,
            "1 picture could not be read: objects may be missing.",
        ),
        (
            pictures(3),
            Gap::PicturesLost,
            "3 pictures could not be read: objects may be missing.",
        ),
        (
            sound(SoundLoss::Unreadable),
            Gap::SoundUnreadable,
            "The video's sound could not be read: the inventory rests on pictures alone.",
        ),
        (
            sound(SoundLoss::Cut { heard }),
            Gap::SoundCut,
            "The sound is missing after 0:40: what is said there is not counted.",
        ),
        (
            sound(SoundLoss::Silent),
            Gap::SoundSilent,
            "The sound track is silent: the inventory rests on pictures alone.",
        ),
    ];
    for (losses, gap, remark) in lost {
        let inventory = armchair(&[], losses, Locale::En);
        assert_eq!(inventory.degraded, [gap]);
        assert_eq!(inventory.remarks, [remark]);
    }
}

#[test]
fn all_losses_are_told_before_anything_else_in_the_language() {
    let losses = Losses {
        pictures: 2,
        sound: Some(SoundLoss::Cut {
            heard: SECOND * 3_700,
        }),
        ..unseen(&[0.0..3.0, 9.9..20.0])
    };
    let fr = armchair(&[Gap::FewerPictures], losses.clone(), Locale::Fr);
    assert_eq!(
        fr.degraded,
        [
            Gap::FewerPictures,
            Gap::StretchUnseen,
            Gap::PicturesLost,
            Gap::SoundCut
        ]
    );
    assert_eq!(
        fr.remarks.get(1..),
        Some(
            &[
                "Rien n'a été vu de 0:00 à 0:03, de 0:09 à 0:20 : il peut manquer des objets."
                    .to_owned(),
                "2 images sont illisibles : il peut manquer des objets.".to_owned(),
                "Le son manque après 1:01:40 : ce qui y est dit n'est pas compté.".to_owned(),
            ][..]
        )
    );
    let es = armchair(&[], losses, Locale::Es);
    assert_eq!(
        es.remarks,
        [
            "No se ha visto nada de 0:00 a 0:03, de 0:09 a 0:20: pueden faltar objetos.",
            "No se pudieron leer 2 imágenes: pueden faltar objetos.",
            "Falta el sonido después de 1:01:40: lo que se dice allí no se cuenta.",
        ]
    );
}

#[test]
fn of_many_stretches_the_first_are_named_and_the_others_counted() {
    let many: Vec<_> = (0..9).map(|n| f64::from(n) * 10.0).collect();
    let many: Vec<_> = many.iter().map(|from| *from..from + 5.0).collect();
    let inventory = armchair(&[], unseen(&many), Locale::En);
    assert_eq!(
        inventory.remarks,
        [
            "Nothing was seen from 0:00 to 0:05, from 0:10 to 0:15, from 0:20 to 0:25, 6 more times: \
            objects may be missing."
        ]
    );
}

#[test]
fn where_no_picture_was_seen_no_stretch_of_them_is_named() {
    for gap in [Gap::PicturesUnreadable, Gap::VisionUnavailable] {
        let losses = Losses {
            pictures: 8,
            ..unseen(&[0.0..60.0])
        };
        assert_eq!(armchair(&[gap], losses, Locale::En).degraded, [gap]);
    }
}
