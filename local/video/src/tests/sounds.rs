use super::read::heard;
use crate::sound::{RATE, samples, seconds};

const TEXT: &str = "The piano stays. L’armoire aussi, ¿sí? 55";

#[test]
fn a_text_is_said_and_heard() {
    let all: Vec<_> = samples(Some(TEXT), seconds(TEXT)).collect();
    assert_eq!(heard(&all).as_deref(), Some(TEXT));
    let keys = 8 + 2 * u32::try_from(TEXT.len()).unwrap();
    assert_eq!(
        u32::try_from(all.len()).unwrap(),
        RATE / 10 * keys + RATE * 6 / 10,
        "100 ms a key, 0.3 s around"
    );
}

#[test]
fn a_tone_takes_60_ms_and_a_gap_40() {
    let all: Vec<_> = samples(Some("x"), 2.0).collect();
    let loud = |from: u32, to: u32| {
        let ms = |at: u32| usize::try_from(at * RATE / 1000).unwrap();
        all[ms(from)..ms(to)]
            .iter()
            .map(|sample| sample.unsigned_abs())
            .max()
            .unwrap()
            > 1000
    };
    for key in 0..10 {
        let start = 300 + key * 100;
        assert!(
            loud(start, start + 4)
                && loud(start + 56, start + 60)
                && !loud(start + 60, start + 100),
            "key {key}"
        );
    }
    assert!(!loud(0, 300) && !loud(1300, 2000));
}

#[test]
fn without_a_text_there_is_quiet_noise() {
    let all: Vec<_> = samples(None, 0.5).collect();
    assert_eq!(heard(&all), None);
    assert_eq!(all.len(), RATE as usize / 2);
    assert!(
        all.iter().any(|sample| *sample != 0)
            && all.iter().all(|sample| sample.unsigned_abs() < 200)
    );
}
