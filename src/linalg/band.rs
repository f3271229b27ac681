//! Dense matrix to upper band matrix with the same singular values.
//!
//! Block column by block column: a QR factorisation of the columns, an LQ factorisation of the rows
//! to their right, both applied to the rest of the matrix at once (Großer & Lang, *Efficient
//! parallel reduction to bidiagonal form*, Parallel Comput. 25, 1999; Haidar, Kurzak & Luszczek,
//! *An improved parallel singular value algorithm*, SC 2013). With `I − V₁T₁V₁ᵀ` from the left, `I
//! − V₂T₂V₂ᵀ` from the right,
//!
//! ```text
//! A ← A − [V₁  Z] [Y ; V₂ᵀ],   Y = T₁ᵀ V₁ᵀ A,   Z = (A V₂ − V₁ (Y V₂)) T₂
//! ```
//!
//! reads `A` three times and writes it once for `8 m n b` operations, all of them in matrix
//! products.

use faer::prelude::{Reborrow, ReborrowMut};
use faer::{Accum, Mat, MatMut, MatRef, Par};

use super::panel::Panel;
use super::product::product;
use super::real::Real;

/// An upper band matrix of order `n`: `B` superdiagonals, with room for the bulges of the chase.
///
/// Column `j` holds rows `j − 2B … j + B` one after the other, so a rectangle of the matrix is a
/// rectangle of the storage with columns `3B` apart. Columns past the last are zero.
pub(super) struct Band<T, const B: usize> {
    pub(super) order: usize,
    pub(super) entries: Vec<T>,
}

impl<T: Real, const B: usize> Band<T, B> {
    /// Entries stored for each column.
    pub(super) const HEIGHT: usize = 3 * B + 1;

    /// The zero matrix.
    pub(super) fn zeros(order: usize) -> Self {
        Band {
            order,
            entries: vec![T::ZERO; Self::HEIGHT * (order + 4 * B)],
        }
    }

    /// Where entry (i, j) stands.
    #[inline(always)]
    pub(super) fn index(i: usize, j: usize) -> usize {
        j * Self::HEIGHT + 2 * B + i - j
    }

    /// The diagonal.
    pub(super) fn diagonal(&self) -> Vec<T> {
        (0..self.order)
            .map(|i| self.entries[Self::index(i, i)])
            .collect()
    }

    /// The entries right of the diagonal.
    pub(super) fn superdiagonal(&self) -> Vec<T> {
        (1..self.order)
            .map(|i| self.entries[Self::index(i - 1, i)])
            .collect()
    }
}

/// Reduces `a`, m × n with m ≥ n, to the band form; destroys `a`.
pub(super) fn to_band<T: Real, const B: usize>(mut a: MatMut<'_, T>, par: Par) -> Band<T, B> {
    let (m, n) = a.shape();
    let mut band = Band::<T, B>::zeros(n);
    let mut columns = Panel::new(m, B);
    let mut rows = Panel::new(n, B);
    let mut left = Mat::<T>::zeros(m, 2 * B);
    let mut right = Mat::<T>::zeros(n, 2 * B);
    let mut work = vec![T::ZERO; B * m.max(n)];
    let mut small = Mat::<T>::zeros(B, B);
    for j in (0..n).step_by(B) {
        let width = B.min(n - j);
        let (height, rest) = (m - j, n - j - width);
        let (panel, trailing) = a
            .rb_mut()
            .submatrix_mut(j, j, height, width + rest)
            .split_at_col_mut(width);
        columns.matrix_mut(height, width).copy_from(panel);
        columns.factor(height, width);
        for c in 0..width {
            for i in 0..=c {
                band.entries[Band::<T, B>::index(j + i, j + c)] = columns.r[(i, c)];
            }
        }
        if rest == 0 {
            break;
        }
        let v1 = columns.matrix(height, B);
        let (mut y, mut v2) = right
            .as_mut()
            .submatrix_mut(0, 0, rest, 2 * B)
            .split_at_col_mut(B);
        // Yᵀ
        let mut w = MatMut::from_column_major_slice_mut(&mut work[..B * rest], B, rest);
        product(
            w.as_mut(),
            Accum::Replace,
            v1.transpose(),
            trailing.as_ref(),
            T::ONE,
            par,
        );
        product(
            y.as_mut(),
            Accum::Replace,
            w.transpose(),
            columns.t.as_ref(),
            T::ONE,
            par,
        );
        // the top rows with the left reflectors applied, transposed
        let mut top = rows.matrix_mut(rest, B);
        top.copy_from(trailing.rb().subrows(0, B).transpose());
        product(
            top.as_mut(),
            Accum::Add,
            y.as_ref(),
            v1.subrows(0, B).transpose(),
            -T::ONE,
            par,
        );
        rows.factor(rest, B);
        for c in 0..B {
            for i in 0..=c.min(rest - 1) {
                band.entries[Band::<T, B>::index(j + c, j + B + i)] = rows.r[(i, c)];
            }
        }
        let below = height - B;
        if below == 0 {
            break;
        }
        v2.copy_from(rows.matrix(rest, B));
        let mut trailing = trailing.subrows_mut(B, below);
        let (mut v1c, mut z) = left
            .as_mut()
            .submatrix_mut(0, 0, below, 2 * B)
            .split_at_col_mut(B);
        v1c.copy_from(v1.subrows(B, below));
        // (A V₂)ᵀ, the way round in which a product need not rearrange A
        let mut w = MatMut::from_column_major_slice_mut(&mut work[..B * below], B, below);
        product(
            small.as_mut(),
            Accum::Replace,
            v2.rb().transpose(),
            y.as_ref(),
            T::ONE,
            par,
        );
        product(
            w.as_mut(),
            Accum::Replace,
            v2.rb().transpose(),
            trailing.rb().transpose(),
            T::ONE,
            par,
        );
        product(
            w.as_mut(),
            Accum::Add,
            small.as_ref(),
            v1c.transpose(),
            -T::ONE,
            par,
        );
        product(
            z.as_mut(),
            Accum::Replace,
            w.transpose(),
            rows.t.as_ref(),
            T::ONE,
            par,
        );
        let left: MatRef<'_, T> = left.as_ref().subrows(0, below);
        let right: MatRef<'_, T> = right.as_ref().subrows(0, rest);
        product(
            trailing.as_mut(),
            Accum::Add,
            left,
            right.transpose(),
            -T::ONE,
            par,
        );
    }
    band
}
