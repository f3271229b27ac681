//! Entries of random matrices, addressed by position.

use super::philox::{philox, philox_lanes};
use super::stream::{name, words};
use pulp::{Arch, Simd, WithSimd};
use statrs::distribution::{ContinuousCDF, Normal};
use std::sync::LazyLock;

/// Knots in an octave of the tail probability, as a power of two.
const KNOT_BITS: u32 = 6;
/// Knots of all 32 octaves.
const KNOTS: usize = 32 << KNOT_BITS;
/// Bits of the fraction between two knots.
const FRACTION_BITS: u32 = 16;
/// Bits after the point of a normal entry.
const POINT: u32 = 20;
/// Blocks of the generator that are made side by side.
const LANES: usize = 8;
/// Words of so many blocks.
const BATCH: usize = 4 * LANES;

/// Random entries named by a seed and a path, each a pure function of its position.
///
/// Integers up to the last step, which is exact: every entry is a small multiple of a power of
/// two, the same in `f32`, in `f64` and on every machine. The module's page has the bits.
///
/// ```
/// use spectra::random::Entries;
///
/// let (mut all, mut part) = ([0.0; 9], [0.0; 4]);
/// let entries = Entries::new(7, &[1, 2]);
/// entries.normals(0, &mut all);
/// entries.normals(5, &mut part);
/// assert_eq!(part, all[5..]);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Entries {
    key: [u32; 2],
    name: [u32; 2],
}

impl Entries {
    /// The entries `path` of `seed`.
    #[must_use]
    pub fn new(seed: u64, path: &[u64]) -> Entries {
        Entries {
            key: words(seed),
            name: words(name(path)),
        }
    }

    /// Standard normal numbers at the positions from `start`: the normal quantile of a 32-bit
    /// word, interpolated between 2,049 knots. Within 2⁻¹⁶ of the exact quantile; |x| < 6.4.
    pub fn normals(&self, start: u64, out: &mut [f64]) {
        let entries = *self;
        Arch::new().dispatch(Normals {
            entries,
            start,
            out,
        });
    }

    /// Signs ±1 at the positions from `start`: +1 where the bit is 0.
    pub fn signs(&self, start: u64, out: &mut [f64]) {
        let mut position = start;
        let mut rest = out;
        while !rest.is_empty() {
            let bits = self.word(position / 32) >> (position % 32);
            let count = rest.len().min((32 - position % 32) as usize);
            let (head, tail) = rest.split_at_mut(count);
            for (i, sign) in head.iter_mut().enumerate() {
                *sign = 1.0 - 2.0 * f64::from(bits >> i & 1);
            }
            position += count as u64;
            rest = tail;
        }
    }

    /// The key of the generator, for those who make words elsewhere.
    #[must_use]
    pub fn key(&self) -> [u32; 2] {
        self.key
    }

    /// The upper words of the generator's counter, for those who make words elsewhere.
    #[must_use]
    pub fn name(&self) -> [u32; 2] {
        self.name
    }

    /// The 2,048 knots of the normal quantiles, then how much lower the next one is than each, in units of 2⁻²⁰.
    #[must_use]
    pub fn quantiles() -> [i32; 2 * KNOTS] {
        let table = &*TABLE;
        std::array::from_fn(|i| match i.checked_sub(KNOTS) {
            None => table.knots[i],
            Some(i) => table.drops[i],
        })
    }

    /// Word `index`: word `index mod 4` of Philox's block `index / 4`.
    #[must_use]
    pub fn word(&self, index: u64) -> u32 {
        let [low, high] = words(index / 4);
        let block = philox([low, high, self.name[0], self.name[1]], self.key);
        block[(index % 4) as usize]
    }

    /// The words of the blocks from `first`.
    #[inline(always)]
    fn batch(&self, first: u64, out: &mut [u32; BATCH]) {
        let [mut low, mut high] = [[0; LANES]; 2];
        for lane in 0..LANES {
            [low[lane], high[lane]] = words(first.wrapping_add(lane as u64)).map(u64::from);
        }
        let [name_low, name_high] = self.name.map(u64::from);
        let counters = [low, high, [name_low; LANES], [name_high; LANES]];
        let made = philox_lanes(counters, self.key);
        for lane in 0..LANES {
            for (which, words) in made.iter().enumerate() {
                out[4 * lane + which] = words[lane] as u32;
            }
        }
    }
}

/// The work of [`Entries::normals`], compiled for each set of vector instructions.
struct Normals<'a> {
    entries: Entries,
    start: u64,
    out: &'a mut [f64],
}

impl WithSimd for Normals<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let table = &*TABLE;
        let mut first = self.start / 4;
        let mut skipped = (self.start % 4) as usize;
        let mut rest = self.out;
        let (mut words, mut batch) = ([0; BATCH], [0.0; BATCH]);
        while !rest.is_empty() {
            self.entries.batch(first, &mut words);
            quantiles(table, &words, &mut batch);
            let count = rest.len().min(BATCH - skipped);
            let (head, tail) = rest.split_at_mut(count);
            head.copy_from_slice(&batch[skipped..skipped + count]);
            first += LANES as u64;
            skipped = 0;
            rest = tail;
        }
    }
}

/// Quantiles at the knots, and how much lower the next one is.
struct Table {
    knots: [i32; KNOTS],
    drops: [i32; KNOTS],
}

/// Normal quantiles of words: the lowest bit of `w` is the sign, and `(w | 1) / 2³³` the tail
/// probability. As a double, `w | 1` shows its octave in its exponent, the knot in the first bits of
/// its fraction and the place between two knots in the next.
#[inline(always)]
fn quantiles(table: &Table, words: &[u32; BATCH], out: &mut [f64; BATCH]) {
    const BIAS: u64 = 1023 << KNOT_BITS;
    for (&word, x) in words.iter().zip(out) {
        let bits = f64::from(word | 1).to_bits() >> (52 - KNOT_BITS - FRACTION_BITS);
        let knot = (bits >> FRACTION_BITS).wrapping_sub(BIAS) as usize % KNOTS;
        let fraction = bits as i32 & ((1 << FRACTION_BITS) - 1);
        let down = table.drops[knot].wrapping_mul(fraction) >> FRACTION_BITS;
        let size = table.knots[knot].wrapping_sub(down);
        let sign = -((word & 1) as i32);
        *x = f64::from((size ^ sign).wrapping_sub(sign)) * (1.0 / f64::from(1 << POINT));
    }
}

/// Quantiles at 64 equal steps of each octave of the tail probability, from 2⁻³³ to ½.
static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let knots: [i32; KNOTS + 1] = std::array::from_fn(quantile_at);
    Table {
        knots: std::array::from_fn(|i| knots[i]),
        drops: std::array::from_fn(|i| knots[i] - knots[i + 1]),
    }
});

/// The quantile at a knot in units of 2⁻²⁰.
fn quantile_at(knot: usize) -> i32 {
    unrounded(knot).round() as i32
}

fn unrounded(knot: usize) -> f64 {
    if knot == KNOTS {
        return 0.0;
    }
    let (octave, step) = (knot >> KNOT_BITS, knot % (1 << KNOT_BITS));
    let within = 1.0 + step as f64 / f64::from(1 << KNOT_BITS);
    let tail = within * 2f64.powi(octave as i32 - 33);
    -Normal::standard().inverse_cdf(tail) * f64::from(1 << POINT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantile(word: u32) -> f64 {
        let mut out = [0.0; BATCH];
        quantiles(&TABLE, &[word; BATCH], &mut out);
        out[0]
    }

    /// The definition is part of every fit file: catches any change of a bit.
    #[test]
    fn golden_vectors() {
        let entries = Entries::new(2026, &[1, 2, 3]);
        let (mut normals, mut signs) = ([0.0; 5], [0.0; 8]);
        entries.normals(2, &mut normals);
        entries.signs(30, &mut signs);
        let units = normals.map(|x| x * f64::from(1 << POINT));
        assert_eq!(
            units,
            [137_386.0, 778_662.0, 494_073.0, -1_282_709.0, -704_228.0]
        );
        assert_eq!(signs, [-1.0, 1.0, 1.0, 1.0, 1.0, -1.0, -1.0, 1.0]);
        let knots = (0..=KNOTS).map(quantile_at);
        let sum = knots.fold(0u32, |h, k| h.rotate_left(5) ^ k as u32);
        assert_eq!(sum, 1_914_740_926);
    }

    /// No knot lies so near to a half that another machine's logarithm could round it elsewhere.
    #[test]
    fn knots_round_the_same_everywhere() {
        for knot in 0..=KNOTS {
            assert!((unrounded(knot).fract().abs() - 0.5).abs() > 1e-6, "{knot}");
        }
    }

    /// Every interpolated word against the exact quantile: catches a knot or a fraction off by one.
    #[test]
    fn quantiles_are_exact_to_two_to_the_minus_16() {
        let normal = Normal::standard();
        let mut word = 1u32;
        for _ in 0..200_000 {
            word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let small = word >> (word % 31);
            for word in [word, small, 0, 1, u32::MAX] {
                let tail = f64::from(word | 1) / 2f64.powi(33);
                let exact = -normal.inverse_cdf(tail) * (1.0 - 2.0 * f64::from(word & 1));
                let found = quantile(word);
                assert!(
                    (found - exact).abs() < 2f64.powi(-16),
                    "{word} {found} {exact}"
                );
            }
        }
    }

    /// The variance of the law itself, summed over its pieces: catches a table that is not normal.
    #[test]
    fn the_law_has_variance_one() {
        let unit = f64::from(1 << POINT);
        let square = |knot: usize| {
            let [a, b] = [knot, knot + 1].map(|k| f64::from(quantile_at(k)) / unit);
            let share = 2f64.powi((knot >> KNOT_BITS) as i32 - 32 - KNOT_BITS as i32);
            share * (a * a + a * b + b * b) / 3.0
        };
        let variance: f64 = (0..KNOTS).map(square).sum();
        assert!((variance - 1.0).abs() < 3e-5, "{variance}");
    }

    /// Any window equals the same window of the whole, and words made side by side those made one by
    /// one: catches a wrong start, block or lane.
    #[test]
    fn windows_agree() {
        let entries = Entries::new(3, &[9]);
        let (mut normals, mut signs) = ([0.0; 131], [0.0; 131]);
        entries.normals(0, &mut normals);
        entries.signs(0, &mut signs);
        assert!(signs.iter().all(|s| s.abs() == 1.0) && signs.iter().sum::<f64>().abs() < 60.0);
        for (position, x) in normals.iter().enumerate() {
            assert_eq!(*x, quantile(entries.word(position as u64)));
        }
        for (start, end) in [
            (0, 1),
            (1, 2),
            (3, 9),
            (5, 131),
            (31, 33),
            (64, 128),
            (7, 7),
        ] {
            let mut part = vec![0.0; end - start];
            entries.normals(start as u64, &mut part);
            assert_eq!(part, normals[start..end]);
            entries.signs(start as u64, &mut part);
            assert_eq!(part, signs[start..end]);
        }
    }
}
