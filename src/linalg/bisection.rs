//! Singular values of a bidiagonal matrix by a grid of counts and bisection.

use faer::Par;

use super::lanes::{ChunkKernel, for_each_chunk};
use super::real::Real;
use super::sturm::Squares;

/// All values of a scaled matrix in ascending order, by a grid and bisection down to brackets of
/// `width` mean spacings, or to full precision where that comes first.
pub(super) fn ascending<T: Real, const W: usize>(
    squares: &Squares<T>,
    norm: T,
    width: T,
    par: Par,
) -> Vec<T> {
    let n = squares.diagonal.len();
    let step = norm / T::from_f64(n as f64);
    // counts at step, 2 step, …, norm
    let mut below: Vec<T> = (1..=n).map(|k| step * T::from_f64(k as f64)).collect();
    for_each_chunk::<T, W>(&mut below, par, &Count { squares });
    let mut cell = 0;
    let mut values: Vec<T> = (0..n)
        .map(|index| {
            while cell + 1 < n && below[cell] <= T::from_f64(index as f64) {
                cell += 1;
            }
            step * T::from_f64(cell as f64)
        })
        .collect();
    for_each_chunk::<T, W>(
        &mut values,
        par,
        &Bisect {
            squares,
            step,
            width,
        },
    );
    values
}

/// Shifts to counts.
struct Count<'a, T> {
    squares: &'a Squares<T>,
}

impl<T: Real, const W: usize> ChunkKernel<T, W> for Count<'_, T> {
    #[inline(always)]
    fn call(&self, _first: usize, x: &[T; W]) -> [T; W] {
        self.squares.count(x)
    }
}

/// Lower ends of brackets of width `step` to values.
struct Bisect<'a, T> {
    squares: &'a Squares<T>,
    step: T,
    width: T,
}

impl<T: Real, const W: usize> ChunkKernel<T, W> for Bisect<'_, T> {
    #[inline(always)]
    fn call(&self, first: usize, x: &[T; W]) -> [T; W] {
        let mut upper = *x;
        for u in &mut upper {
            *u += self.step * (T::ONE + T::EPSILON * T::TWO);
        }
        bisect(self.squares, first, *x, upper, self.width, self.step)
    }
}

/// The values with ascending indices `first`, `first + 1`, … inside their brackets.
#[inline(always)]
pub(super) fn bisect<T: Real, const W: usize>(
    squares: &Squares<T>,
    first: usize,
    mut lower: [T; W],
    mut upper: [T; W],
    width: T,
    step: T,
) -> [T; W] {
    let index: [T; W] = std::array::from_fn(|l| T::from_f64((first + l) as f64));
    // below this, values are zero
    let floor = (T::TINY / T::EPSILON).sqrt();
    loop {
        let mut open = false;
        let middle: [T; W] = std::array::from_fn(|l| {
            let (a, b) = (lower[l].max(floor), upper[l]);
            let spacing = if a < step { a } else { step };
            open |= b - a > (T::TWO * T::EPSILON * a).max(width * spacing);
            // brackets over several binades are halved on the scale of exponents
            if b > T::TWO * T::TWO * a {
                a.sqrt() * b.sqrt()
            } else {
                T::HALF * (a + b)
            }
        });
        if !open {
            return std::array::from_fn(|l| {
                if upper[l] <= T::TWO * floor {
                    T::ZERO
                } else {
                    middle[l]
                }
            });
        }
        let counts = squares.count(&middle);
        for l in 0..W {
            let above = counts[l] > index[l];
            upper[l] = if above { middle[l] } else { upper[l] };
            lower[l] = if above { lower[l] } else { middle[l] };
        }
    }
}
