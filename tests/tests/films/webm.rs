//! WebM and Matroska as browsers and recorders write them.

use dodolens_tests::ebml::{
    self, CLUSTER, CUES, Content, DURATION, Element, INFO, SEEK_HEAD, SEGMENT, TIMESTAMP,
};

use super::film::{H264, make, shows};

const VP8: &str = "-c:v libvpx -deadline realtime -cpu-used 16 -g 25 -c:a libopus";

fn webm() -> Vec<u8> {
    make(16, VP8, "webm")
}

/// A film whose segment is changed.
fn changed(film: &[u8], change: impl FnOnce(&mut Element)) -> Vec<u8> {
    let mut elements = ebml::read(film);
    let segment = elements.iter_mut().find(|element| element.id == SEGMENT);
    change(segment.unwrap());
    ebml::write(&elements)
}

/// A film whose second half comes later by so many milliseconds; it says nothing of where its keys are.
pub fn later(film: &[u8], by: u64) -> Vec<u8> {
    changed(film, |segment| {
        segment.remove(&[SEEK_HEAD, CUES]);
        let clusters = segment
            .elements()
            .iter_mut()
            .filter(|element| element.id == CLUSTER);
        let times = clusters.flat_map(|cluster| {
            cluster
                .elements()
                .iter_mut()
                .filter(|element| element.id == TIMESTAMP)
        });
        for time in times.filter(|time| time.value() >= 8000) {
            time.set(time.value() + by);
        }
    })
}

/// Without index and length.
fn bare() -> Vec<u8> {
    changed(&webm(), |segment| {
        segment.remove(&[SEEK_HEAD, CUES]);
        for element in segment.elements() {
            if element.id == INFO {
                element.remove(&[DURATION]);
            }
        }
    })
}

/// Segment and clusters of unknown size.
fn open() -> Vec<u8> {
    changed(&webm(), |segment| {
        segment.remove(&[SEEK_HEAD, CUES]);
        segment.open = true;
        for element in segment.elements() {
            element.open = element.id == CLUSTER;
        }
    })
}

/// With what no reader knows between the clusters.
fn padded() -> Vec<u8> {
    changed(&webm(), |segment| {
        let Content::Elements(elements) = &mut segment.content else {
            return;
        };
        let void = Element {
            id: 0xEC,
            open: false,
            claimed: None,
            content: Content::Bytes(vec![0; 5000]),
        };
        let between = std::mem::take(elements).into_iter();
        elements.extend(between.flat_map(|element| [element, void.clone()]));
    })
}

films! {
    of_a_browser: make(16, &format!("{VP8} -f webm -live 1"), "pipe") => shows(16.0).mp3();
    without_index_and_length: bare() => shows(16.0).mp3();
    of_unknown_sizes: open() => shows(16.0).mp3();
    with_padding: padded() => shows(16.0).mp3();
    of_a_browser_that_knows_h264: make(16, &format!("{H264} -c:a libopus -f matroska -live 1"), "pipe") => shows(16.0).mp3();
    of_a_screen_recorder: make(16, &format!("{H264} -g 250 -c:a aac"), "mkv") => shows(16.0).mp3();
    with_few_keys: make(16, "-c:v libvpx -deadline realtime -cpu-used 16 -g 9999 -c:a libopus", "webm") => shows(16.0).mp3();
}
