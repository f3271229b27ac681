//! A matrix of any strides into columns of size about 1.

use faer::prelude::ReborrowMut;
use faer::{Mat, MatRef};
use pulp::{Arch, Simd, WithSimd};

use super::real::Real;
use super::scale::Scale;

/// Side of the squares in which a matrix is transposed: two of them fit the first cache.
const SQUARE: usize = 32;

/// The largest absolute value of the entries, or none when one of them is not finite.
pub(super) fn largest_entry<T: Real>(a: MatRef<'_, T>) -> Option<T> {
    let a = if a.row_stride().unsigned_abs() <= a.col_stride().unsigned_abs() {
        a
    } else {
        a.transpose()
    };
    let arch = Arch::new();
    let mut largest = T::ZERO;
    for column in a.col_iter() {
        let (found, finite) = match column.try_as_col_major() {
            Some(column) => arch.dispatch(Largest(column.as_slice())),
            None => column.iter().fold((T::ZERO, true), |(largest, finite), x| {
                (largest.max(x.abs()), finite && x.is_finite())
            }),
        };
        if !finite {
            return None;
        }
        largest = largest.max(found);
    }
    Some(largest)
}

/// The largest absolute value of a slice, and whether all of it is finite.
struct Largest<'a, T>(&'a [T]);

impl<T: Real> WithSimd for Largest<'_, T> {
    type Output = (T, bool);

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> (T, bool) {
        const LANES: usize = 32;
        let (chunks, tail) = self.0.as_chunks::<LANES>();
        let mut largest = [T::ZERO; LANES];
        // 0 x is a NaN where x is not finite
        let mut check = [T::ZERO; LANES];
        for chunk in chunks {
            for l in 0..LANES {
                largest[l] = largest[l].max(chunk[l].abs());
                check[l] = chunk[l].mul_add(T::ZERO, check[l]);
            }
        }
        for (l, x) in tail.iter().enumerate() {
            largest[l] = largest[l].max(x.abs());
            check[l] = x.mul_add(T::ZERO, check[l]);
        }
        let (mut result, mut sum) = (T::ZERO, T::ZERO);
        for l in 0..LANES {
            result = result.max(largest[l]);
            sum += check[l];
        }
        (result, sum == T::ZERO)
    }
}

/// `a` times the scale, with contiguous columns.
pub(super) fn scaled_copy<T: Real>(a: MatRef<'_, T>, scale: Scale<T>) -> Mat<T> {
    let (m, n) = a.shape();
    let mut copy = Mat::zeros(m, n);
    if a.row_stride() == 1 {
        for (from, to) in a.col_iter().zip(copy.col_iter_mut()) {
            for (to, from) in to.iter_mut().zip(from.iter()) {
                *to = scale.apply(*from);
            }
        }
        return copy;
    }
    for i in (0..m).step_by(SQUARE) {
        for j in (0..n).step_by(SQUARE) {
            let (rows, columns) = (SQUARE.min(m - i), SQUARE.min(n - j));
            let mut to = copy.as_mut().submatrix_mut(i, j, rows, columns);
            // row by row: what is read is contiguous more often than not, what is written stays in
            // cache
            for (from, to) in a
                .submatrix(i, j, rows, columns)
                .row_iter()
                .zip(to.rb_mut().row_iter_mut())
            {
                for (from, to) in from.iter().zip(to.iter_mut()) {
                    *to = scale.apply(*from);
                }
            }
        }
    }
    copy
}
