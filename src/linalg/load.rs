//! A matrix of any strides into columns of size about 1.

use faer::prelude::ReborrowMut;
use faer::{ContiguousFwd, Mat, MatMut, MatRef};
use pulp::{Arch, Simd, WithSimd};

use super::real::Real;
use super::scale::Scale;

/// Side of the squares in which a matrix is transposed.
const SQUARE: usize = 8;

/// Bytes of a cache line.
const CACHE_LINE: usize = 64;

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
    let mut copy = apart(a.nrows(), a.ncols());
    copy_scaled(a, scale, copy.as_mut());
    copy
}

/// The zero matrix, its columns an odd number of cache lines apart: at a power of two, neighbours
/// would compete for the same places of the cache.
pub(super) fn apart<T: Real>(rows: usize, columns: usize) -> Mat<T> {
    let line = CACHE_LINE / size_of::<T>();
    let mut zeros = Mat::with_capacity((rows.div_ceil(line) | 1) * line, columns);
    zeros.resize_with(rows, columns, |_, _| T::ZERO);
    zeros
}

/// Writes `a` times the scale to `to`.
pub(super) fn copy_scaled<T: Real>(a: MatRef<'_, T>, scale: Scale<T>, mut to: MatMut<'_, T>) {
    let (m, n) = a.shape();
    let (mut rows, mut columns) = (0, 0);
    if let (Some(a), Some(to)) = (a.try_as_row_major(), to.rb_mut().try_as_col_major_mut()) {
        (rows, columns) = (m - m % SQUARE, n - n % SQUARE);
        transpose_scaled(
            a.submatrix(0, 0, rows, columns),
            scale,
            to.submatrix_mut(0, 0, rows, columns),
        );
    }
    // all of a matrix that is not stored row by row, else what the squares leave
    let (from_right, to_right) = (
        a.subcols(columns, n - columns),
        to.rb_mut().subcols_mut(columns, n - columns),
    );
    copy_entries(from_right, scale, to_right);
    copy_entries(
        a.submatrix(rows, 0, m - rows, columns),
        scale,
        to.submatrix_mut(rows, 0, m - rows, columns),
    );
}

/// The same entry by entry.
fn copy_entries<T: Real>(a: MatRef<'_, T>, scale: Scale<T>, to: MatMut<'_, T>) {
    for (from, to) in a.col_iter().zip(to.col_iter_mut()) {
        for (to, from) in to.iter_mut().zip(from.iter()) {
            *to = scale.apply(*from);
        }
    }
}

/// The same from rows to columns, in squares whose rows and columns stay in registers.
fn transpose_scaled<T: Real>(
    a: MatRef<'_, T, usize, usize, isize, ContiguousFwd>,
    scale: Scale<T>,
    mut to: MatMut<'_, T, usize, usize, ContiguousFwd, isize>,
) {
    for i in (0..a.nrows()).step_by(SQUARE) {
        let lines: [&[T]; SQUARE] = std::array::from_fn(|r| a.row(i + r).as_slice());
        for j in (0..a.ncols()).step_by(SQUARE) {
            let mut square = [[T::ZERO; SQUARE]; SQUARE];
            for (x, line) in square.iter_mut().zip(lines) {
                for (x, entry) in x.iter_mut().zip(&line[j..j + SQUARE]) {
                    *x = scale.apply(*entry);
                }
            }
            for c in 0..SQUARE {
                let column = &mut to.rb_mut().col_mut(j + c).as_slice_mut()[i..i + SQUARE];
                for (to, x) in column.iter_mut().zip(&square) {
                    *to = x[c];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An edge left out beside the squares, a row taken for a column: shapes around their side, in
    /// every direction of the strides.
    #[test]
    fn copies_any_strides_entry_by_entry() {
        let scale = Scale::to_unit(4.0);
        for (m, n) in [(1, 1), (7, 9), (8, 8), (9, 7), (16, 24), (17, 31), (40, 3)] {
            let columns = Mat::from_fn(m, n, |i, j| (1 + i + 100 * j) as f64);
            let rows = Mat::from_fn(n, m, |j, i| columns[(i, j)]);
            let reversed = Mat::from_fn(n, m, |j, i| columns[(m - 1 - i, n - 1 - j)]);
            for a in [
                columns.as_ref(),
                rows.transpose(),
                reversed.transpose().reverse_rows_and_cols(),
            ] {
                let copy = scaled_copy(a, scale);
                for i in 0..m {
                    for j in 0..n {
                        assert_eq!(copy[(i, j)], columns[(i, j)] / 4.0, "{m} x {n}: ({i}, {j})");
                    }
                }
            }
        }
    }
}
