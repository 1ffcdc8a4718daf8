//! When which objects are visible, cut into scenes that each show one still.

use std::collections::HashMap;

use super::{Placement, VideoError};
use crate::markers::Marker;

/// A video as scenes; scenes that look the same share a still.
#[derive(Debug, PartialEq)]
pub struct Timeline {
    /// What is visible on each still, once for each object.
    pub stills: Vec<Vec<Marker>>,
    /// The scenes in their order.
    pub scenes: Vec<Scene>,
}

/// Some frames that all show the same still.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scene {
    /// Which still.
    pub still: usize,
    /// How many frames, at least one.
    pub frames: u64,
}

impl Timeline {
    /// Cuts a video of this length and of `fps` frames a second.
    pub fn new(items: &[Placement], seconds: f64, fps: f64) -> Result<Self, VideoError> {
        let total = frame((seconds * fps).ceil()).max(1);
        let mut windows = Vec::with_capacity(items.len());
        let mut cuts = vec![0, total];
        for item in items {
            let (from, to) = item.window.map_or((0, total), |(from, to)| {
                (frame(from * fps), frame(to * fps).min(total))
            });
            if from >= to {
                return Err(VideoError::NeverVisible(item.marker.clone()));
            }
            cuts.extend([from, to]);
            windows.push((from..to, item.markers()?));
        }
        cuts.sort_unstable();
        cuts.dedup();

        let mut stills = Vec::new();
        let mut known = HashMap::new();
        let mut scenes = Vec::new();
        for (start, end) in cuts.iter().zip(cuts.iter().skip(1)) {
            let visible = windows.iter().filter(|(window, _)| window.contains(start));
            let markers: Vec<_> = visible
                .flat_map(|(_, markers)| markers.iter().cloned())
                .collect();
            let still = *known.entry(markers).or_insert_with_key(|markers| {
                stills.push(markers.clone());
                stills.len() - 1
            });
            scenes.push(Scene {
                still,
                frames: end - start,
            });
        }
        Ok(Self { stills, scenes })
    }
}

/// The number of the nearest frame.
fn frame(at: f64) -> u64 {
    at.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline(items: &[&str], seconds: f64, fps: f64) -> Result<Timeline, VideoError> {
        let items: Vec<Placement> = items.iter().map(|item| item.parse().unwrap()).collect();
        Timeline::new(&items, seconds, fps)
    }

    fn names(timeline: &Timeline) -> Vec<Vec<&str>> {
        timeline
            .stills
            .iter()
            .map(|markers| markers.iter().map(Marker::item).collect())
            .collect()
    }

    #[test]
    fn nothing_to_see_is_one_empty_scene() {
        let empty = timeline(&[], 1.01, 10.0).unwrap();
        assert_eq!(names(&empty), [Vec::<&str>::new()]);
        assert_eq!(
            empty.scenes,
            [Scene {
                still: 0,
                frames: 11
            }]
        );
    }

    #[test]
    fn scenes_change_when_objects_come_and_go() {
        let cut = timeline(&["bed@rx2", "desk@r:2-4", "lamp@r:9-99"], 10.0, 25.0).unwrap();
        assert_eq!(
            names(&cut),
            [
                vec!["bed"; 2],
                vec!["bed", "bed", "desk"],
                vec!["bed", "bed", "lamp"]
            ]
        );
        let scenes: Vec<_> = cut
            .scenes
            .iter()
            .map(|scene| (scene.still, scene.frames))
            .collect();
        assert_eq!(scenes, [(0, 50), (1, 50), (0, 125), (2, 25)]);
    }

    #[test]
    fn things_of_other_numbers_are_other_things() {
        let cut = timeline(&["bed@r#1:0-5", "bed@r#2:5-9"], 9.0, 10.0).unwrap();
        let numbers = cut.stills.iter().map(|still| still[0].number());
        assert_eq!(numbers.collect::<Vec<_>>(), [Some(1), Some(2)]);
    }

    #[test]
    fn what_would_never_be_seen_is_refused() {
        for item in ["lamp@r:10-12", "lamp@r:5-5.001"] {
            assert!(
                matches!(timeline(&[item], 10.0, 25.0), Err(VideoError::NeverVisible(marker)) if marker.item() == "lamp")
            );
        }
    }
}
