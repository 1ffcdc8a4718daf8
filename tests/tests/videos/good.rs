use std::collections::BTreeMap;

use dodolens::domain::{
    evidence::Gap, inventory::Inventory, locale::Locale, session::SessionState,
};
use dodolens_local::{
    client::{Options, VideoFile},
    video::{Codec, Container, MoovAt, Rotation, VideoSpec},
};
use dodolens_tests::stack::{Setup, TestStack, showing, video};

/// Objects by catalogue id and room.
type Found = BTreeMap<(String, String), u32>;

/// A kitchen, then a bedroom: what most of the videos here show.
fn flat() -> VideoSpec {
    VideoSpec {
        seconds: 4.0,
        fps: 20.0,
        ..showing(&[
            "fridge@kitchen:0-2",
            "stool@kitchenx2:0-2",
            "bed_double@bedroom:2-4",
            "lamp_floor@bedroom",
        ])
    }
}

fn put_in(spec: &VideoSpec) -> Found {
    let key = |marker: &dodolens_local::markers::Marker| {
        (marker.item().to_owned(), marker.room().to_owned())
    };
    spec.items
        .iter()
        .map(|placed| (key(&placed.marker), placed.count))
        .collect()
}

fn moving(inventory: &Inventory) -> Found {
    let text = |id: &Option<String>| id.clone().unwrap_or_default();
    inventory
        .objects
        .iter()
        .map(|object| {
            (
                (text(&object.catalogue_id), text(&object.room)),
                object.quantity,
            )
        })
        .collect()
}

async fn inventory(stack: &TestStack, spec: &VideoSpec, ending: &str, locale: Locale) -> Inventory {
    let path = video(spec, ending).await;
    let file = VideoFile::open(&*path).unwrap();
    let options = Options {
        locale,
        ..Options::default()
    };
    let outcome = stack
        .client
        .analyze(&file, &options, &mut |_| {})
        .await
        .unwrap();
    let snapshot = outcome.last.snapshot;
    assert_eq!(
        snapshot.state,
        SessionState::Complete,
        "{:?}",
        snapshot.problem
    );
    assert!(snapshot.receipt.is_some());
    snapshot.result.unwrap()
}

#[tokio::test]
async fn every_kind_of_file_gives_what_was_put_in() {
    let stack = TestStack::start(Setup::default()).await;
    let phone = VideoSpec {
        size: (1920, 1080),
        rotate: Rotation::Right,
        ..flat()
    };
    let kinds = [
        ("index at the end", ".mp4", flat()),
        (
            "index at the start",
            ".mp4",
            VideoSpec {
                moov: MoovAt::Start,
                ..flat()
            },
        ),
        (
            "HEVC in QuickTime, 4K",
            ".mov",
            VideoSpec {
                codec: Codec::Hevc,
                container: Container::Mov,
                size: (3840, 2160),
                fps: 5.0,
                ..flat()
            },
        ),
        (
            "as a browser writes it",
            ".webm",
            VideoSpec {
                codec: Codec::Vp9,
                container: Container::Webm,
                ..flat()
            },
        ),
        (
            "in fragments",
            ".mp4",
            VideoSpec {
                container: Container::Fmp4,
                ..flat()
            },
        ),
        ("upright", ".mp4", phone.clone()),
        (
            "upside down",
            ".mp4",
            VideoSpec {
                rotate: Rotation::Half,
                ..phone.clone()
            },
        ),
        (
            "turned the other way",
            ".mov",
            VideoSpec {
                rotate: Rotation::Left,
                container: Container::Mov,
                ..phone
            },
        ),
        (
            "variable frame rate",
            ".mp4",
            VideoSpec {
                variable_frame_rate: true,
                ..flat()
            },
        ),
    ];
    for (kind, ending, spec) in kinds {
        let found = inventory(&stack, &spec, ending, Locale::En).await;
        assert_eq!(moving(&found), put_in(&spec), "{kind}");
        assert_eq!(found.degraded, [], "{kind}");
    }
    let silent = VideoSpec {
        audio: false,
        ..flat()
    };
    let found = inventory(&stack, &silent, ".mp4", Locale::En).await;
    assert_eq!(moving(&found), put_in(&silent));
    assert_eq!(found.degraded, [Gap::NoSound]);
    assert_eq!(stack.parts().await, 0);
    stack.running.shutdown().await;
}

#[tokio::test]
async fn the_last_fifth_of_a_long_video_counts() {
    let stack = TestStack::start(Setup::default()).await;
    let spec = VideoSpec {
        seconds: 64.0,
        size: (1920, 1080),
        bitrate: Some(10_200_000),
        ..showing(&[
            "sofa_3_seat@living_room:0-30",
            "tv@living_room",
            "bicycle@cellarx2:53-64",
        ])
    };
    let found = inventory(&stack, &spec, ".mp4", Locale::En).await;
    assert_eq!(moving(&found), put_in(&spec));
    assert_eq!(stack.parts().await, 0);
    stack.running.shutdown().await;
}

#[tokio::test]
async fn what_is_said_counts_in_each_language_and_is_never_logged() {
    let stack = TestStack::start(Setup::default()).await;
    let spoken = [
        (
            Locale::En,
            "The upright piano stays. Three moving boxes in the attic.",
        ),
        (
            Locale::Fr,
            "Le piano droit reste. Trois cartons au grenier.",
        ),
        (
            Locale::Es,
            "El piano vertical se queda. Tres cajas de mudanza en el desván.",
        ),
    ];
    for (locale, said) in spoken {
        let spec = VideoSpec {
            seconds: 2.0,
            say: Some(said.into()),
            ..showing(&["piano_upright@living_room", "rug@living_room"])
        };
        let found = inventory(&stack, &spec, ".mp4", locale).await;
        let expected = [(("rug", "living_room"), 1), (("carton", "attic"), 3)];
        let expected: Found = expected
            .into_iter()
            .map(|((item, room), count)| ((item.into(), room.into()), count))
            .collect();
        assert_eq!(moving(&found), expected, "{said}");
        let staying: Vec<_> = found
            .staying
            .iter()
            .map(|entry| entry.catalogue_id.as_deref())
            .collect();
        assert_eq!(staying, [Some("piano_upright")], "{said}");
        assert_eq!(found.locale, locale);
        assert!(
            found
                .objects
                .iter()
                .any(|object| object.evidence.said && object.evidence.seen_at.is_empty())
        );
        let logged = stack.logged();
        assert!(said.split(". ").all(|sentence| !logged.contains(sentence)));
    }
    stack.running.shutdown().await;
}
