use std::collections::BTreeSet;

use super::read::{codes, ffmpeg, frames};
use crate::{VideoSpec, Walk, make};

#[tokio::test]
async fn a_walk_shows_each_thing_in_its_turn() {
    let walk = Walk::new(&"things=5,rooms=2,view=2,seed=4,chairs=2".parse().unwrap()).unwrap();
    let spec = VideoSpec {
        seconds: walk.seconds,
        items: walk.placements.clone(),
        fps: 6.0,
        key_every: 3.0,
        size: (640, 360),
        audio: false,
        ..VideoSpec::default()
    };
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("walk.mp4");
    make(&spec, &ffmpeg(), &out).await.unwrap();
    let seen: Vec<_> = frames(out.to_str().unwrap()).iter().map(codes).collect();
    assert_eq!(seen.len(), 12, "two frames a second");
    let markers = walk.placements.iter().map(|it| it.marker.to_string());
    let markers: Vec<_> = markers.collect();
    for (second, seen) in seen.chunks(2).enumerate() {
        // The one that came a second ago, and the one that comes now.
        let first = second.saturating_sub(1);
        let shown: BTreeSet<_> = markers.iter().take(second + 1).skip(first).collect();
        for seen in seen {
            assert_eq!(
                seen.iter().collect::<BTreeSet<_>>(),
                shown,
                "in second {second}"
            );
        }
    }
}
