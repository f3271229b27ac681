//! Entries of random matrices, addressed by position.

use super::philox::philox;
use super::stream::{name, words};
use statrs::distribution::{ContinuousCDF, Normal};
use std::sync::LazyLock;

/// Bits after the leading one that choose a knot.
const KNOT_BITS: u32 = 6;
/// Bits of the fraction between two knots.
const FRACTION_BITS: u32 = 16;
/// Bits after the point of a normal entry.
const POINT: u32 = 20;

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
    /// word, interpolated between 1,665 knots. Within 2⁻¹⁶ of the exact quantile; |x| < 6.4.
    pub fn normals(&self, start: u64, out: &mut [f64]) {
        let knots = &*KNOTS;
        self.each_word(start, out, |word| {
            f64::from(quantile(knots, word)) * (1.0 / f64::from(1 << POINT))
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

    /// Word `index`: word `index mod 4` of Philox's block `index / 4`.
    #[must_use]
    pub fn word(&self, index: u64) -> u32 {
        self.block(index / 4)[(index % 4) as usize]
    }

    fn each_word(&self, start: u64, out: &mut [f64], value: impl Fn(u32) -> f64) {
        let skipped = (start % 4) as usize;
        let (head, body) = out.split_at_mut(out.len().min((4 - skipped) % 4));
        for (position, x) in (start..).zip(head.iter_mut()) {
            *x = value(self.word(position));
        }
        let first = (start + head.len() as u64) / 4;
        for (block, four) in (first..).zip(body.chunks_mut(4)) {
            for (x, word) in four.iter_mut().zip(self.block(block)) {
                *x = value(word);
            }
        }
    }

    fn block(&self, index: u64) -> [u32; 4] {
        let [low, high] = words(index);
        philox([low, high, self.name[0], self.name[1]], self.key)
    }
}

/// Normal quantile of a word in units of 2⁻²⁰: the lowest bit is the sign, the others `v` the
/// tail probability `(v + ½) / 2³²`.
fn quantile(knots: &[i32], word: u32) -> i32 {
    let v = word >> 1;
    let (knot, fraction) = place(v);
    let (upper, lower) = (knots[knot], knots[knot + 1]);
    let x = upper - (((upper - lower) as u32 * fraction) >> FRACTION_BITS) as i32;
    let sign = -((word & 1) as i32);
    (x ^ sign) - sign
}

/// The knot at or below `v`, and how far `v` is beyond it in units of 2⁻¹⁶ of the step.
fn place(v: u32) -> (usize, u32) {
    if v < 1 << KNOT_BITS {
        return (v as usize, 0);
    }
    let octave = v.ilog2() - KNOT_BITS;
    let knot = (octave << KNOT_BITS) + (v >> octave);
    let rest = v & ((1 << octave) - 1);
    let fraction = match octave {
        ..=FRACTION_BITS => rest << (FRACTION_BITS - octave),
        _ => rest >> (octave - FRACTION_BITS),
    };
    (knot as usize, fraction)
}

/// Quantiles at `v = 0 … 63`, at 64 equal steps of each octave [2ᵏ, 2ᵏ⁺¹) above, and at ½.
static KNOTS: LazyLock<Vec<i32>> = LazyLock::new(|| {
    let normal = Normal::standard();
    let steps = 1u64 << KNOT_BITS;
    let octaves = 31 - KNOT_BITS;
    let small = 0..steps;
    let large = (0..octaves).flat_map(|octave| (steps..2 * steps).map(move |v| v << octave));
    let mut knots: Vec<i32> = small
        .chain(large)
        .map(|v| {
            let tail = (v as f64 + 0.5) / 2f64.powi(32);
            (-normal.inverse_cdf(tail) * f64::from(1 << POINT)).round() as i32
        })
        .collect();
    knots.push(0);
    knots
});

#[cfg(test)]
mod tests {
    use super::*;

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
        let sum = KNOTS.iter().fold(0u32, |h, &k| h.rotate_left(5) ^ k as u32);
        assert_eq!((KNOTS.len(), sum), (1_665, 3_597_998_041));
    }

    /// No knot lies so near to a half that another machine's logarithm could round it elsewhere.
    #[test]
    fn knots_round_the_same_everywhere() {
        let normal = Normal::standard();
        for v in (0..64).chain((0..25).flat_map(|o| (64u64..128).map(move |v| v << o))) {
            let x = normal.inverse_cdf((v as f64 + 0.5) / 2f64.powi(32)) * f64::from(1 << POINT);
            assert!((x.fract().abs() - 0.5).abs() > 1e-6, "{v}");
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
            for word in [word, small] {
                let found = f64::from(quantile(&KNOTS, word)) / f64::from(1 << POINT);
                let tail = (f64::from(word >> 1) + 0.5) / 2f64.powi(32);
                let exact = -normal.inverse_cdf(tail) * (1.0 - 2.0 * f64::from(word & 1));
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
        let steps = |knot: usize| match knot {
            ..64 => 1.0,
            _ => f64::from(1u32 << (knot / 64 - 1)),
        };
        let mean_square: f64 = (0..KNOTS.len() - 1)
            .map(|knot| {
                let (a, b) = (
                    f64::from(KNOTS[knot]) / unit,
                    f64::from(KNOTS[knot + 1]) / unit,
                );
                let square = if knot < 64 {
                    a * a
                } else {
                    (a * a + a * b + b * b) / 3.0
                };
                steps(knot) * square / 2f64.powi(31)
            })
            .sum();
        assert!((mean_square - 1.0).abs() < 3e-5, "{mean_square}");
    }

    /// Any window equals the same window of the whole: catches a wrong start or block.
    #[test]
    fn windows_agree() {
        let entries = Entries::new(3, &[9]);
        let (mut normals, mut signs) = ([0.0; 131], [0.0; 131]);
        entries.normals(0, &mut normals);
        entries.signs(0, &mut signs);
        assert!(signs.iter().all(|s| s.abs() == 1.0) && signs.iter().sum::<f64>().abs() < 60.0);
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
