use bytes::Bytes;
use image::imageops;

use super::*;
use crate::{
    audio::{Samples, SoundError, decode},
    dtmf::keys,
    vision::{Eyes, Picture, PictureError},
};
use dodolens_video::markers::{Unreadable, keys_of, text_of};

const TEXT: &str = "Le piano reste là, mañana; 00 ff!";

fn look(jpeg: &[u8]) -> Result<Picture, PictureError> {
    Eyes::new().look(jpeg)
}

fn heard(sound: &Samples) -> Result<Option<String>, Unreadable> {
    text_of(&keys(sound))
}

/// Noise of this level, the same every time.
fn add_noise(sound: &mut Samples, level: f64) {
    let mut state = 1_u32;
    for x in &mut sound.mono {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *x += (level * (f64::from(state) / f64::from(u32::MAX) * 2.0 - 1.0)) as f32;
    }
}

#[test]
fn tones_are_heard_at_any_rate_and_level() {
    for rate in [8_000, 11_025, 16_000, 22_050, 44_100, 48_000] {
        for level in [0.9, 0.1, 0.01] {
            let sound = speech(TEXT, rate, level);
            assert_eq!(heard(&sound), Ok(Some(TEXT.into())), "{rate} Hz, {level}");
        }
    }
}

#[test]
fn tones_are_heard_through_noise_and_changes_of_level() {
    let mut sound = speech(TEXT, 16_000, 0.5);
    add_noise(&mut sound, 0.2);
    let length = sound.mono.len() as f32;
    for (at, x) in sound.mono.iter_mut().enumerate() {
        *x *= 1.0 - 0.7 * at as f32 / length;
    }
    assert_eq!(heard(&sound), Ok(Some(TEXT.into())));
}

#[test]
fn nothing_is_heard_where_nothing_was_said() {
    let mut sound = keys_sound("", 16_000, 0.0);
    assert_eq!(heard(&sound), Ok(None));
    add_noise(&mut sound, 0.5);
    assert_eq!(heard(&sound), Ok(None));
    let cut = keys_of(TEXT);
    let sound = keys_sound(&cut[..cut.len() - 2], 16_000, 0.5);
    assert_eq!(heard(&sound), Err(Unreadable::Unended));
    let empty = Samples {
        rate: 1,
        mono: vec![0.0],
    };
    assert_eq!(keys(&empty), "");
}

#[test]
fn a_file_is_decoded_if_it_is_what_its_name_says() {
    let sound = speech("sofa", 16_000, 0.5);
    let file = Bytes::from(wav(&sound));
    let decoded = decode("sound.wav", file.clone()).unwrap();
    assert_eq!(
        (decoded.rate, decoded.mono.len()),
        (16_000, sound.mono.len())
    );
    assert_eq!(heard(&decoded), Ok(Some("sofa".into())));
    let decoded = decode("sound.flac", flac(&sound).into()).unwrap();
    assert_eq!(
        (decoded.rate, decoded.mono.len()),
        (16_000, sound.mono.len())
    );

    for (name, file, error) in [
        ("sound", file.clone(), SoundError::UnknownEnding),
        ("sound.aac", file.clone(), SoundError::UnknownEnding),
        ("sound.mp3", file.clone(), SoundError::Corrupted),
        ("sound.wav", file.slice(..20), SoundError::Corrupted),
        (
            "sound.wav",
            Bytes::from_static(b"not a sound"),
            SoundError::Corrupted,
        ),
        ("sound.m4a", Bytes::new(), SoundError::Corrupted),
    ] {
        assert_eq!(decode(name, file).err(), Some(error), "{name}");
    }
}

#[test]
fn codes_are_read_and_counted() {
    let image = picture(
        1024,
        576,
        &[
            ("sofa_3_seat", "living_room", 20, 20, 4),
            ("sofa_3_seat", "living_room", 220, 30, 4),
            ("tv", "living_room", 420, 60, 6),
            ("bed_double", "bedroom", 750, 300, 3),
        ],
    );
    let seen = look(&jpeg(&image)).unwrap();
    assert_eq!(seen.size, (1024, 576));
    let objects: Vec<(String, u32)> = seen
        .objects
        .iter()
        .map(|(marker, count)| (marker.to_string(), *count))
        .collect();
    assert_eq!(
        objects,
        [
            ("item=bed_double;room=bedroom".to_owned(), 1),
            ("item=sofa_3_seat;room=living_room".to_owned(), 2),
            ("item=tv;room=living_room".to_owned(), 1),
        ]
    );
}

#[test]
fn codes_in_rows_are_all_read() {
    let items = [
        "sofa_bed", "tv", "desk", "chair", "stool", "bench", "rug", "mirror",
    ];
    let codes: Vec<_> = (0..)
        .zip(items)
        .map(|(at, item)| (item, "living_room", at % 4 * 205, at / 4 * 205, 5))
        .collect();
    let seen = look(&jpeg(&picture(1024, 576, &codes))).unwrap();
    let items_seen: Vec<&str> = seen.objects.keys().map(|marker| marker.item()).collect();
    let mut items = items;
    items.sort_unstable();
    assert_eq!(items_seen, items);
}

#[test]
fn small_and_turned_codes_are_read() {
    for module in [2, 3, 8] {
        let image = picture(640, 480, &[("chair", "kitchen", 101, 63, module)]);
        for image in [
            image.clone(),
            imageops::rotate90(&image),
            imageops::rotate180(&image),
        ] {
            let seen = look(&jpeg(&image)).unwrap();
            let counts: Vec<u32> = seen.objects.values().copied().collect();
            assert_eq!(counts, [1], "{module} pixels a module");
        }
    }
    let large = picture(1920, 1080, &[("chair", "kitchen", 901, 563, 6)]);
    let small = imageops::resize(&large, 1024, 576, imageops::FilterType::Triangle);
    assert_eq!(look(&jpeg(&small)).unwrap().objects.len(), 1);
}

#[test]
fn a_picture_without_codes_shows_nothing() {
    assert!(
        look(&jpeg(&picture(320, 240, &[])))
            .unwrap()
            .objects
            .is_empty()
    );
    let too_large = jpeg(&picture(2049, 16, &[]));
    assert_eq!(look(&too_large), Err(PictureError::TooLarge));
    let cut = jpeg(&picture(320, 240, &[]));
    for bad in [b"".as_slice(), b"GIF89a", &cut[..20]] {
        assert_eq!(look(bad), Err(PictureError::NotAJpeg));
    }
}

#[test]
fn a_picture_that_comes_again_is_seen_the_same_and_no_other_is_taken_for_it() {
    let eyes = Eyes::new();
    let show = |it| jpeg(&picture(200, 200, &[(it, "office", 10, 10, 4)]));
    let (tv, sofa) = (show("tv"), show("sofa"));
    for (jpeg, item) in [(&tv, "tv"), (&sofa, "sofa"), (&tv, "tv")] {
        let seen = eyes.look(jpeg).unwrap();
        let items: Vec<&str> = seen.objects.keys().map(|marker| marker.item()).collect();
        assert_eq!((seen.size, items), ((200, 200), vec![item]));
    }
    assert!(eyes.remembers(&tv) && !eyes.remembers(b"another"));
}
