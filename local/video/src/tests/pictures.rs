use image::{DynamicImage, RgbImage, imageops, imageops::FilterType};
use rqrr::PreparedImage;

use super::read::codes;
use crate::{VideoError, markers::Marker, still::draw};

/// Of objects, the first two of which are equal.
fn texts(count: usize) -> Vec<String> {
    let rooms = ["kitchen", "living_room", "bedroom"];
    let item = |index: usize| format!("object_{}", index.saturating_sub(1));
    let mut texts: Vec<_> = (0..count)
        .map(|index| Marker::new(&item(index), rooms[index.saturating_sub(1) % 3]).unwrap())
        .map(|marker| marker.to_string())
        .collect();
    texts.sort();
    texts
}

fn read(still: RgbImage) -> Vec<String> {
    codes(&DynamicImage::ImageRgb8(still).to_luma8())
}

#[test]
fn up_to_twelve_codes_are_read_even_when_two_are_equal() {
    for count in 0..=12 {
        let texts = texts(count);
        assert!(count < 2 || texts[0] == texts[1]);
        for (width, height) in [(1280, 720), (720, 1280), (1920, 1080), (1024, 768)] {
            let still = draw(&texts, width, height).unwrap();
            let side = |side: u32| side * 1024 / width.max(height);
            let seen = imageops::resize(&still, side(width), side(height), FilterType::Triangle);
            assert_eq!(read(seen), texts, "{count} codes in {width}x{height}");
        }
    }
}

#[test]
fn a_plain_reader_needs_one_look() {
    for count in 1..=12 {
        for (width, height) in [(1280, 720), (720, 1280)] {
            let still = draw(&texts(count), width, height).unwrap();
            let luma = DynamicImage::ImageRgb8(still).to_luma8();
            let mut prepared = PreparedImage::prepare(luma);
            let grids = prepared.detect_grids();
            let read = grids.iter().filter(|grid| grid.decode().is_ok()).count();
            assert_eq!(read, count, "in {width}x{height}");
        }
    }
}

#[test]
fn codes_that_could_not_be_read_are_refused() {
    for (count, width, height) in [(2, 64, 64), (20, 640, 360), (60, 3840, 2160)] {
        let refused = draw(&texts(count), width, height);
        assert!(matches!(refused, Err(VideoError::TooManyCodes { codes, .. }) if codes == count));
    }
    assert!(draw(&[], 64, 64).is_ok());
    assert!(matches!(
        draw(&["a".repeat(3000)], 4000, 4000),
        Err(VideoError::LongCode(_))
    ));
}
