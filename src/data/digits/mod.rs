//! Labelled digits drawn by a generator: nothing to download, the same bits from the same seed.
//!
//! Sample `i` of a part is a pure function of seed, part and `i`. A digit is a few strokes, smooth
//! curves through points of a unit square, in one of several ways of writing it. A smooth random field
//! bends them, a random affine map slants, turns, stretches and moves them, a pen of random width and
//! pressure draws them as a distance field, and noise is added. Arithmetic is that of IEEE 754 and of
//! `libm` alone, so no machine's own library changes a bit.

mod glyphs;
mod hand;
mod pen;

use super::dataset::{Dataset, Pixels, Samples};
use super::origin::Origin;
use crate::random::{Entries, Stream};
use hand::Hand;
use pen::{Pen, SIDE};
use rayon::prelude::*;

/// Samples to train on of the set named `digits`.
pub const DIGITS_TRAIN: usize = 10_000;
/// Samples to test with of the set named `digits`.
pub const DIGITS_TEST: usize = 2_000;

/// Raised when the same seed gives other samples.
const VERSION: u32 = 1;
const CLASSES: usize = 10;
/// The first number of every stream's path.
const PATH: u64 = 0x6469_6769_7473;
/// The use of a stream.
const SHAPE: u64 = 0;
const NOISE: u64 = 1;
const ORDER: u64 = 2;
/// Largest standard deviation of the noise, in grey levels.
const NOISIEST: f64 = 16.0;

/// Draws labelled digits of 28 × 28 pixels, white on black, on all cores.
///
/// Every ten samples in a row hold each digit once, in random order. More samples of one seed begin
/// with the same samples. About 20 μs a sample on one core.
///
/// ```
/// let set = spectra::data::digits(0, 20, 10);
/// assert_eq!((set.train.len(), set.test.len(), set.classes), (20, 10, 10));
/// assert_eq!(set.train.shape, [1, 28, 28]);
/// ```
pub fn digits(seed: u64, train: usize, test: usize) -> Dataset {
    Dataset {
        name: "digits".into(),
        train: part(seed, 0, train),
        test: part(seed, 1, test),
        classes: CLASSES,
        class_names: (0..CLASSES).map(|digit| digit.to_string()).collect(),
        origin: Origin::Generated {
            generator: "digits".into(),
            version: VERSION,
            seed,
            train,
            test,
        },
    }
}

fn part(seed: u64, part: u64, count: usize) -> Samples {
    let mut pixels = vec![0; count * SIDE * SIDE];
    let images = pixels.par_chunks_exact_mut(SIDE * SIDE).enumerate();
    let labels = images.map(|(index, out)| {
        let label = label(seed, part, index as u64);
        draw(seed, part, index as u64, label, out);
        label as u16
    });
    let labels = labels.collect();
    Samples {
        shape: [1, SIDE, SIDE],
        pixels: Pixels::Bytes(pixels),
        labels,
    }
}

/// The digit of sample `index`: its place in the random order of its ten.
fn label(seed: u64, part: u64, index: u64) -> usize {
    let ten = CLASSES as u64;
    let mut stream = Stream::new(seed, &[PATH, part, ORDER, index / ten]);
    let mut order: [usize; CLASSES] = std::array::from_fn(|digit| digit);
    for last in (1..CLASSES).rev() {
        let other = (stream.uniform() * (last + 1) as f64) as usize;
        order.swap(last, other);
    }
    order[(index % ten) as usize]
}

fn draw(seed: u64, part: u64, index: u64, digit: usize, out: &mut [u8]) {
    let mut stream = Stream::new(seed, &[PATH, part, SHAPE, index]);
    let glyph = glyphs::choose(digit, stream.uniform());
    let hand = Hand::draw(&mut stream);
    let mut pen = Pen::draw(&mut stream);
    for stroke in glyph {
        pen.stroke(&hand.path(stroke));
    }
    let spread = NOISIEST * stream.uniform();
    let mut noise = [0.0; SIDE * SIDE];
    Entries::new(seed, &[PATH, part, NOISE, index]).normals(0, &mut noise);
    for ((out, ink), noise) in out.iter_mut().zip(pen.ink()).zip(noise) {
        // From 0 to 255 by the clamp; the cast rounds down.
        *out = (ink + spread * noise + 0.5).clamp(0.0, 255.0) as u8;
    }
}
