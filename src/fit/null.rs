//! What a matrix is compared with: its own entries elsewhere, its own singular values elsewhere.

use crate::linalg::algebra::{orthonormal_columns, product};
use crate::linalg::singular_values;
use crate::random::Stream;
use faer::{Mat, MatRef, Par};
use rand::seq::SliceRandom;

/// First words of the streams' paths.
const SHUFFLED: u64 = 101;
const LEFT: u64 = 102;
const RIGHT: u64 = 103;

/// Returns the entries of `w` in random order: what their values alone, without their places, can give.
///
/// The order depends on the seed and on the entries, so that two matrices of one shape are shuffled
/// independently; not on the strides of `w`. O(m n).
pub fn shuffled(w: MatRef<'_, f64>, seed: u64) -> Mat<f64> {
    numbered_shuffle(w, seed, 0)
}

/// Returns shuffle `number` of `w`: independent random orders, of which [`shuffled`] is number 0.
pub fn numbered_shuffle(w: MatRef<'_, f64>, seed: u64, number: u64) -> Mat<f64> {
    let (m, n) = w.shape();
    let rows = w.row_iter();
    let mut entries: Vec<f64> = rows.flat_map(|row| row.iter().copied()).collect();
    entries.shuffle(&mut Stream::new(seed, &[SHUFFLED, fingerprint(w), number]));
    // Column by column, as the matrix lies in memory: every order is as likely as every other.
    Mat::from_fn(m, n, |i, j| entries[j * m + i])
}

/// Hashes shape and entries, row by row, into the path of the matrix's own random numbers. A matrix times a power of two has
/// the same hash: exponents count from that of the largest entry.
fn fingerprint(w: MatRef<'_, f64>) -> u64 {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
    const EXPONENT: u32 = 52;
    let fold = |hash: u64, word: u64| (hash.rotate_left(23) ^ word).wrapping_mul(ODD);
    let entries = || w.row_iter().flat_map(|row| row.iter().map(|x| x.to_bits()));
    let exponents = entries().map(|bits| bits >> EXPONENT & 0x7FF);
    let largest = exponents.max().unwrap_or(0) << EXPONENT;
    let relative = |bits: u64| {
        if bits << 1 == 0 {
            0
        } else {
            // Another word than that of a zero also for the power of two that is the largest entry.
            bits.wrapping_sub(largest).wrapping_add(ODD)
        }
    };
    let shape = fold(w.nrows() as u64, w.ncols() as u64);
    entries().map(relative).fold(shape, fold)
}

/// `Q₁ W Q₂ᵀ` with independent Haar orthogonal `Q₁`, `Q₂`: the spectrum of `w`, and nothing else
/// of it.
///
/// Drawn as `U diag(s) Vᵀ` with the singular values `s` of `w` and independent random orthonormal
/// frames `U` (m × k), `V` (n × k), k = min(m, n), which has the same law: the singular vectors of
/// `w` turned by a Haar matrix are such frames whatever they were. So no m × m matrix is formed.
/// Frames are the `Q` of Gaussian matrices with the signs that make `R` positive (Mezzadri 2007,
/// "How to generate random matrices from the classical compact groups").
///
/// The frames depend on the seed and on the entries, so that every matrix has frames of its own.
/// 4 (m + n) k² + 2 m n k operations beside those of the singular values.
///
/// # Panics
///
/// When an entry is not finite.
pub fn rotated(w: MatRef<'_, f64>, seed: u64) -> Mat<f64> {
    let (m, n) = w.shape();
    let values = singular_values(w, Par::Seq);
    let values = values.unwrap_or_else(|error| panic!("rotation of {m} × {n}: {error}"));
    let k = values.len();
    let own = fingerprint(w);
    let (mut left, right) = rayon::join(
        || haar_frame(m, k, &mut Stream::new(seed, &[LEFT, own])),
        || haar_frame(n, k, &mut Stream::new(seed, &[RIGHT, own])),
    );
    for (j, &value) in values.iter().enumerate() {
        left.col_mut(j).iter_mut().for_each(|x| *x *= value);
    }
    product(left.as_ref(), right.transpose())
}

/// `k` orthonormal columns of length `m`, uniform among all such.
fn haar_frame(m: usize, k: usize, stream: &mut Stream) -> Mat<f64> {
    let mut gaussian = Mat::zeros(m, k);
    for j in 0..k {
        for i in 0..m {
            gaussian[(i, j)] = stream.normal();
        }
    }
    orthonormal_columns(gaussian)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::algebra::energy;

    fn sample(m: usize, n: usize) -> Mat<f64> {
        let mut stream = Stream::new(5, &[m as u64, n as u64]);
        Mat::from_fn(m, n, |i, j| {
            stream.normal() + if i == j { 9.0 } else { 0.0 }
        })
    }

    /// Catches entries lost, kept in place, or taken in the order of the memory.
    #[test]
    fn a_shuffle_keeps_the_entries_and_not_their_places() {
        let w = sample(7, 11);
        let other = shuffled(w.as_ref(), 3);
        let sorted = |a: &Mat<f64>| {
            let columns = (0..a.ncols()).flat_map(|j| a.col(j).iter().copied());
            let mut all: Vec<f64> = columns.collect();
            all.sort_by(f64::total_cmp);
            all
        };
        assert_eq!(sorted(&w), sorted(&other));
        let moved = (0..7).flat_map(|i| (0..11).map(move |j| (i, j)));
        assert!(moved.filter(|&p| w[p] != other[p]).count() > 60);
        let row_major: Vec<f64> = w.row_iter().flat_map(|r| r.iter().copied()).collect();
        let strided = MatRef::from_row_major_slice(&row_major, 7, 11);
        assert_eq!(shuffled(strided, 3), other);
        assert_ne!(shuffled(strided, 4), other);
    }

    /// Catches matrices of one shape that share an order or frames: then one unlucky draw is a finding in
    /// every layer of a model.
    #[test]
    fn matrices_of_one_shape_have_draws_of_their_own() {
        let unit = |k: usize| Mat::from_fn(4, 6, |i, j| f64::from(i == k && j == k));
        let (first, second) = (unit(0), unit(1));
        let differ = |of: fn(MatRef<'_, f64>, u64) -> Mat<f64>| {
            let seeds = 0..8;
            seeds
                .filter(|&seed| of(first.as_ref(), seed) != of(second.as_ref(), seed))
                .count()
        };
        // Two shuffles of one unit agree by chance with probability 1/24.
        assert!(differ(shuffled) >= 5);
        assert_eq!(differ(rotated), 8);
        let numbered = |number| numbered_shuffle(sample(4, 6).as_ref(), 1, number);
        assert_ne!(numbered(0), numbered(1));
        assert_eq!(numbered(0), shuffled(sample(4, 6).as_ref(), 1));
        let (w, scale) = (sample(4, 6), 2f64.powi(-40));
        let scaled = Mat::from_fn(4, 6, |i, j| w[(i, j)] * scale);
        assert_eq!(fingerprint(w.as_ref()), fingerprint(scaled.as_ref()));
    }

    /// Catches frames that are not orthonormal, in both orientations, and a rank that grows.
    #[test]
    fn a_rotation_keeps_the_singular_values() {
        for (m, n) in [(12, 30), (30, 12), (9, 9), (1, 6)] {
            let mut w = sample(m, n);
            if m == 30 {
                w.col_mut(3).iter_mut().for_each(|x| *x = 0.0);
            }
            let before = singular_values(w.as_ref(), Par::Seq).unwrap();
            let turned = rotated(w.as_ref(), 8);
            let after = singular_values(turned.as_ref(), Par::Seq).unwrap();
            let allowed = 4.0 * m.max(n) as f64 * f64::EPSILON * before[0];
            for (a, b) in before.iter().zip(&after) {
                assert!((a - b).abs() < allowed, "{m} x {n}: {a} {b}");
            }
        }
    }

    /// Entries of a turned spike have mean 0 and variance s²/(m n), each within five standard errors:
    /// catches a factor without the signs of R, whose diagonal is one-sided.
    #[test]
    fn rotations_are_uniform() {
        let (m, n, draws) = (4, 6, 4000);
        let spike = Mat::from_fn(m, n, |i, j| if i == 0 && j == 0 { 1.0 } else { 0.0 });
        let mut sums = vec![(0.0, 0.0); m * n];
        for seed in 0..draws {
            let turned = rotated(spike.as_ref(), seed);
            assert!((energy(turned.as_ref()) - 1.0).abs() < 1e-14);
            for (place, sum) in sums.iter_mut().enumerate() {
                let x = turned[(place % m, place / m)];
                *sum = (sum.0 + x, sum.1 + x * x);
            }
        }
        // E x⁴ of a product of coordinates of two random unit vectors.
        let variance = 1.0 / (m * n) as f64;
        let fourth = |d: usize| 3.0 / (d * (d + 2)) as f64;
        let spread = fourth(m) * fourth(n) - variance * variance;
        for (sum, squares) in sums {
            let count = draws as f64;
            assert!((sum / count).abs() < 5.0 * (variance / count).sqrt());
            assert!((squares / count - variance).abs() < 5.0 * (spread / count).sqrt());
        }
    }
}
