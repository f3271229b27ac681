//! Singular values of a bidiagonal matrix, each to high relative accuracy.
//!
//! A value is found by counting (Demmel & Kahan 1990; Fernando & Parlett 1994): it lies between two
//! numbers when the counts of [`Squares`] on either side enclose its index. A uniform grid over the
//! whole spectrum brackets all of them, bisection narrows the brackets, and in double precision
//! this is done in single precision first: Newton steps then bring the value to full precision, two
//! counts a few units in the last place to either side prove it, and what is not proved (values
//! closer together than single precision tells apart) is bisected again in double precision.

use faer::Par;

use super::bisection::{ascending, bisect};
use super::lanes::{ChunkKernel, for_each_chunk};
use super::real::Real;
use super::scale::Scale;
use super::sturm::Squares;

/// Shifts handled at once in single and in double precision: six vectors of 256 bits, enough to
/// hide how long a division takes behind the others.
const LANES_32: usize = 48;
const LANES_64: usize = 24;

/// Half width, in units of epsilon, of the relative interval that is proved to hold a value.
const PROOF_WIDTH: f64 = 8.0;

/// Relative error that single precision may add to a seed.
const SEED_ERROR: f64 = 1e-5;

/// Width of the brackets that single precision ends with, in units of the mean spacing of the
/// values or of the value itself, whichever is less. Wider ones would take fewer bisections, but
/// more Newton steps, and more pairs of values would share one.
const SEED_WIDTH: f64 = 1.0 / 1024.0;

/// The singular values of a square upper bidiagonal matrix, in descending order.
///
/// `diagonal` has n entries, `superdiagonal` n − 1. Every value above 10⁻¹⁴⁰ times the largest has
/// a relative error of a few units in the last place; smaller ones have that absolute error. All
/// entries must be finite. Cost: about 20 n² divisions, a few at a time, half of them in single
/// precision.
///
/// Sources: Demmel & Kahan, *Accurate singular values of bidiagonal matrices*, SIAM J. Sci. Stat.
/// Comput. 11 (1990); Fernando & Parlett, *Accurate singular values and differential qd
/// algorithms*, Numer. Math. 67 (1994).
///
/// # Panics
///
/// When `superdiagonal` is not one shorter than `diagonal`.
///
/// ```
/// let values = spectra::linalg::bidiagonal_singular_values(&[1.0, 1.0], &[1.0]);
/// let golden = (1.0 + 5f64.sqrt()) / 2.0;
/// assert!((values[0] - golden).abs() < 1e-15 && (values[1] - 1.0 / golden).abs() < 1e-15);
/// ```
#[must_use]
pub fn bidiagonal_singular_values(diagonal: &[f64], superdiagonal: &[f64]) -> Vec<f64> {
    values_f64(diagonal, superdiagonal, Par::Seq)
}

/// Double precision: seeds in single precision, Newton steps, proof, bisection where it fails.
pub(super) fn values_f64(diagonal: &[f64], superdiagonal: &[f64], par: Par) -> Vec<f64> {
    let Some((scale, norm)) = scaling(diagonal, superdiagonal) else {
        return vec![0.0; diagonal.len()];
    };
    let single =
        |entries: &[f64]| -> Vec<f32> { entries.iter().map(|&x| scale.apply(x) as f32).collect() };
    let coarse = Squares::new(
        &single(diagonal),
        &single(superdiagonal),
        Scale::to_unit(1.0),
    );
    let fine = Squares::new(diagonal, superdiagonal, scale);
    let mut values: Vec<f64> =
        ascending::<f32, LANES_32>(&coarse, norm as f32, SEED_WIDTH as f32, par)
            .into_iter()
            .map(f64::from)
            .collect();
    for_each_chunk::<f64, LANES_64>(
        &mut values,
        par,
        &Refine {
            squares: &fine,
            norm,
            step: norm / diagonal.len() as f64,
        },
    );
    finish(values, scale)
}

/// Single precision: bisection alone.
pub(super) fn values_f32(diagonal: &[f32], superdiagonal: &[f32], par: Par) -> Vec<f32> {
    let Some((scale, norm)) = scaling(diagonal, superdiagonal) else {
        return vec![0.0; diagonal.len()];
    };
    let squares = Squares::new(diagonal, superdiagonal, scale);
    finish(ascending::<f32, LANES_32>(&squares, norm, 0.0, par), scale)
}

/// A power of two that brings the entries to size 1, and a bound on the norm of the scaled matrix:
/// none when all entries are zero.
fn scaling<T: Real>(diagonal: &[T], superdiagonal: &[T]) -> Option<(Scale<T>, T)> {
    assert_eq!(
        superdiagonal.len() + 1,
        diagonal.len().max(1),
        "a bidiagonal matrix of order n has n - 1 entries above its diagonal"
    );
    let largest = diagonal
        .iter()
        .chain(superdiagonal)
        .fold(T::ZERO, |largest, x| largest.max(x.abs()));
    if largest == T::ZERO {
        return None;
    }
    let scale = Scale::to_unit(largest);
    // |B|₁|B|∞ bounds the squared norm; each is at most twice the largest entry
    let bound = scale.apply(largest) * T::TWO;
    Some((scale, bound * (T::ONE + T::EPSILON * T::TWO)))
}

/// Seeds to values in double precision.
struct Refine<'a> {
    squares: &'a Squares<f64>,
    norm: f64,
    step: f64,
}

impl<const W: usize> ChunkKernel<f64, W> for Refine<'_> {
    #[inline(always)]
    fn call(&self, first: usize, seed: &[f64; W]) -> [f64; W] {
        let squares = self.squares;
        // how far a seed may be from its value
        let mut reach = *seed;
        for r in &mut reach {
            *r = SEED_WIDTH * r.min(self.step) + SEED_ERROR * *r;
        }
        let mut x = *seed;
        for _ in 0..5 {
            let stepped = squares.newton(&x);
            let mut moved = 0.0f64;
            for l in 0..W {
                let next = stepped[l].max(0.0).sqrt();
                let near = (next - seed[l]).abs() <= reach[l];
                let next = if near { next } else { x[l] };
                moved = moved.max((next - x[l]).abs() / next);
                x[l] = next;
            }
            // convergence is quadratic: even where the next value is a ten-thousandth away, another
            // step would be below the last place
            if moved < 1e-10 {
                break;
            }
        }
        let (lower, upper) = around(&x, PROOF_WIDTH * f64::EPSILON);
        if encloses(squares, first, &lower, &upper) == [true; W] {
            return x;
        }
        let (mut lower, mut upper) = (*seed, *seed);
        for l in 0..W {
            lower[l] -= reach[l];
            upper[l] += reach[l];
        }
        let enclosed = encloses(squares, first, &lower, &upper);
        for l in 0..W {
            if !enclosed[l] {
                (lower[l], upper[l]) = (0.0, self.norm);
            }
        }
        bisect(squares, first, lower, upper, 0.0, 0.0)
    }
}

/// The interval of relative half width `width` around each `x`.
#[inline(always)]
fn around<const W: usize>(x: &[f64; W], width: f64) -> ([f64; W], [f64; W]) {
    let (mut lower, mut upper) = (*x, *x);
    for l in 0..W {
        lower[l] *= 1.0 - width;
        upper[l] *= 1.0 + width;
    }
    (lower, upper)
}

/// Whether each interval provably holds the value of its index; lanes past the last value pass.
#[inline(always)]
fn encloses<const W: usize>(
    squares: &Squares<f64>,
    first: usize,
    lower: &[f64; W],
    upper: &[f64; W],
) -> [bool; W] {
    let (under, over) = (squares.count(lower), squares.count(upper));
    let order = squares.diagonal.len();
    std::array::from_fn(|l| {
        let index = (first + l) as f64;
        first + l >= order || (under[l] <= index && index < over[l])
    })
}

/// Scales back and sorts in descending order; neighbours may be out of order by their error.
fn finish<T: Real>(mut values: Vec<T>, scale: Scale<T>) -> Vec<T> {
    for x in &mut values {
        *x = scale.undo(*x);
    }
    values.sort_by(|a, b| b.partial_cmp(a).unwrap_or(std::cmp::Ordering::Equal));
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of the bidiagonal matrix of ones are 2 sin((2j + 1)π / (4n + 2)), j = 0 … n − 1.
    #[test]
    fn ones_have_the_closed_form_to_full_relative_accuracy() {
        for n in [1, 2, 3, 15, 16, 17, 31, 32, 33, 100, 513] {
            let values = bidiagonal_singular_values(&vec![1.0; n], &vec![1.0; n - 1]);
            let single = values_f32(&vec![1.0; n], &vec![1.0; n - 1], Par::Seq);
            for (k, (x, y)) in (1..=n).zip(values.iter().zip(&single)) {
                let exact = 2.0
                    * (std::f64::consts::PI * (2 * (n - k) + 1) as f64 / (4 * n + 2) as f64).sin();
                assert!(
                    (x / exact - 1.0).abs() < 16.0 * f64::EPSILON,
                    "n {n} k {k}: {x} {exact}"
                );
                assert!(
                    (f64::from(*y) / exact - 1.0).abs() < 16.0 * f64::from(f32::EPSILON),
                    "n {n} k {k}"
                );
            }
        }
    }

    /// Repeated, zero and graded values: the seeds in single precision cannot tell these apart.
    #[test]
    fn diagonal_matrices_give_back_their_diagonal() {
        let graded: Vec<f64> = (0..61).map(|k| 10f64.powi(-2 * k)).collect();
        for diagonal in [
            vec![3.0; 50],
            vec![0.0; 7],
            vec![1.0, 0.0, 1.0, 0.0, 2.0],
            graded,
        ] {
            let n = diagonal.len();
            let values = bidiagonal_singular_values(&diagonal, &vec![0.0; n - 1]);
            let mut exact = diagonal;
            exact.sort_by(|a, b| b.total_cmp(a));
            for (x, y) in values.iter().zip(&exact) {
                assert!((x - y).abs() <= 16.0 * f64::EPSILON * y, "{x:e} {y:e}");
            }
        }
    }

    /// Any number of threads gives the same bits.
    #[test]
    fn threads_do_not_change_a_bit() {
        let n = 700;
        let diagonal: Vec<f64> = (0..n).map(|k| (1.0 + k as f64).sqrt()).collect();
        let above: Vec<f64> = (1..n).map(|k| (n as f64 - k as f64).sqrt()).collect();
        let one = values_f64(&diagonal, &above, Par::Seq);
        assert_eq!(one, values_f64(&diagonal, &above, Par::rayon(2)));
        assert_eq!(one, values_f64(&diagonal, &above, Par::rayon(5)));
    }
}
