//! Videos as phones, browsers and editors write them: the same objects come out of each.

use dodolens::domain::evidence::Gap;
use dodolens_local::video::{Codec, Container, MoovAt, Rotation, VideoSpec};
use dodolens_tests::stack::{Setup, TestStack};

use super::support::{Case, finish};

const SHOWN: [&str; 3] = [
    "sofa_3_seat@living_room",
    "carton@cellarx2",
    "fridge@kitchen:4-12",
];

/// A video of [`SHOWN`] that differs from the usual in this.
fn differing(
    name: &'static str,
    ending: &'static str,
    differ: impl FnOnce(&mut VideoSpec),
) -> Case {
    let mut case = Case {
        ending,
        ..Case::seen(name, &SHOWN)
    };
    differ(&mut case.spec);
    case
}

#[tokio::test]
async fn every_container_and_codec() {
    let stack = TestStack::start(Setup::default()).await;
    for case in [
        differing("moov at the end", ".mp4", |spec| spec.moov = MoovAt::End),
        differing("moov at the start", ".mp4", |spec| {
            spec.moov = MoovAt::Start;
        }),
        differing("WebM as a browser writes it", ".webm", |spec| {
            (spec.codec, spec.container) = (Codec::Vp9, Container::Webm);
        }),
        differing("fragmented MP4", ".mp4", |spec| {
            spec.container = Container::Fmp4;
        }),
        differing("HEVC MOV 4K", ".mov", |spec| {
            (spec.codec, spec.container) = (Codec::Hevc, Container::Mov);
            (spec.size, spec.fps) = ((3840, 2160), 6.0);
        }),
        differing("variable frame rate", ".mp4", |spec| {
            spec.variable_frame_rate = true;
        }),
        Case {
            degraded: vec![Gap::NoSound],
            ..differing("no sound", ".mp4", |spec| spec.audio = false)
        },
    ] {
        case.check(&stack).await;
    }
    finish(stack, &[]).await;
}

#[tokio::test]
async fn turned_by_every_quarter() {
    let stack = TestStack::start(Setup::default()).await;
    for (name, rotate, container) in [
        ("portrait, 90°", Rotation::Right, Container::Mp4),
        ("upside down, 180°", Rotation::Half, Container::Mov),
        ("portrait, 270°", Rotation::Left, Container::Mp4),
        (
            "portrait, 90°, in fragments",
            Rotation::Right,
            Container::Fmp4,
        ),
    ] {
        let ending = if container == Container::Mov {
            ".mov"
        } else {
            ".mp4"
        };
        let case = differing(name, ending, |spec| {
            (spec.rotate, spec.container) = (rotate, container);
        });
        case.check(&stack).await;
    }
    finish(stack, &[]).await;
}
