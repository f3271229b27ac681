//! The digits that a generator draws.

use super::build::sample;
use sha2::{Digest, Sha256};
use spectra::data::{DIGITS_TEST, DIGITS_TRAIN, Origin, Pixels, digits, open};

fn bytes(pixels: &Pixels) -> &[u8] {
    match pixels {
        Pixels::Bytes(bytes) => bytes,
        Pixels::Floats(_) => panic!("digits are bytes"),
    }
}

/// The samples are part of every published result: catches any change of a bit, on any machine.
#[test]
fn golden_bytes() {
    let set = digits(7, 30, 10);
    let sum = |bytes: &[u8]| {
        let digest = Sha256::digest(bytes);
        digest
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    assert_eq!(set.train.labels[..10], GOLDEN_LABELS);
    assert_eq!(sum(bytes(&set.train.pixels)), GOLDEN_TRAIN);
    assert_eq!(sum(bytes(&set.test.pixels)), GOLDEN_TEST);
}

const GOLDEN_LABELS: [u16; 10] = [9, 7, 0, 5, 6, 4, 1, 3, 2, 8];
const GOLDEN_TRAIN: &str = "b449d46c653ea6cbae8594ff6efdfb09f5530bb506e8cc9087f6362cc066fc43";
const GOLDEN_TEST: &str = "fb3b3ac971c1fe3f217477799aeab527b5bd0ac8b0a43279bd1bd6c2a9939443";

/// Catches a sample that depends on its neighbours, on their number or on the threads.
#[test]
fn each_sample_is_drawn_alone() {
    let (few, many) = (digits(1, 15, 3), digits(1, 40, 20));
    assert_eq!(few.train.labels, many.train.labels[..15]);
    assert_eq!(
        bytes(&few.train.pixels),
        &bytes(&many.train.pixels)[..15 * 784]
    );
    assert_eq!(
        bytes(&few.test.pixels),
        &bytes(&many.test.pixels)[..3 * 784]
    );
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    assert_eq!(one.install(|| digits(1, 40, 20)), many);
    assert_ne!(digits(2, 15, 3).train, few.train);
    assert_ne!(
        bytes(&many.train.pixels)[..784],
        bytes(&many.test.pixels)[..784]
    );
}

#[test]
fn every_ten_samples_hold_each_digit() {
    let set = digits(3, 200, 0);
    for ten in set.train.labels.chunks(10) {
        let mut sorted = ten.to_vec();
        sorted.sort_unstable();
        assert_eq!(sorted, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
    let firsts: Vec<u16> = set.train.labels.iter().step_by(10).copied().collect();
    assert!(firsts.iter().any(|first| *first != firsts[0]), "{firsts:?}");
}

/// Catches blank, cut or clipped pictures: ink in the middle, little at the rim.
#[test]
fn pictures_hold_a_digit() {
    let set = digits(4, 500, 0);
    for index in 0..set.train.len() {
        let picture = sample(&set.train, index);
        let ink = |rows: std::ops::Range<usize>| {
            let rows = rows.flat_map(|row| &picture[row * 28 + 4..row * 28 + 24]);
            rows.filter(|x| **x > 128.0).count()
        };
        assert!((15..300).contains(&ink(2..26)), "{index}: {}", ink(2..26));
        let rim = (0..28).flat_map(|i| [i, 27 * 28 + i, i * 28, i * 28 + 27]);
        let inked = rim.filter(|&i| picture[i] > 128.0).count();
        assert!(inked <= 12, "{index}: {inked} pixels of the rim");
    }
}

/// A nearest-neighbour search over a small part already tells most digits apart, and not all: catches
/// labels that do not belong to their pictures, and pictures that are all alike.
#[test]
fn the_digits_can_be_told_apart() {
    let set = digits(5, 1000, 200);
    let all: Vec<Vec<f64>> = (0..1000).map(|i| sample(&set.train, i)).collect();
    let right = (0..200).filter(|&i| {
        let picture = sample(&set.test, i);
        let distance = |other: &[f64]| -> f64 {
            picture
                .iter()
                .zip(other)
                .map(|(a, b)| (a - b) * (a - b))
                .sum()
        };
        let nearest = (0..1000).min_by(|&a, &b| distance(&all[a]).total_cmp(&distance(&all[b])));
        set.train.labels[nearest.unwrap()] == set.test.labels[i]
    });
    let share = right.count() as f64 / 200.0;
    assert!((0.75..0.995).contains(&share), "{share}");
}

#[test]
fn the_named_set() {
    let set = open("digits", None).unwrap();
    assert_eq!(
        (set.train.len(), set.test.len()),
        (DIGITS_TRAIN, DIGITS_TEST)
    );
    assert_eq!((set.classes, &*set.class_names[9]), (10, "9"));
    let text = serde_json::to_string(&set.origin).unwrap();
    assert_eq!(
        text,
        "{\"kind\":\"generated\",\"generator\":\"digits\",\"version\":1,\"seed\":0,\"train\":10000,\
         \"test\":2000}"
    );
    assert_eq!(serde_json::from_str::<Origin>(&text).unwrap(), set.origin);
}
