//! Matrix products.

use super::Real;
use super::operand::{Keep, Operand, Target};
use crate::program::View;
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

/// Operations that one task takes: about a tenth of a millisecond.
const TASK: usize = 1 << 22;

/// Least length of a cut side, so that packing the other operand again for each part costs little.
const SIDE: usize = 256;

/// Cuts keep whole register tiles.
const ALIGN: usize = 32;

/// `C ← α A B` or `C ← C + α A B` for each matrix of a batch.
pub(super) fn run<T: Real>(target: Target<'_, T>, alpha: T, a: Operand<'_, T>, b: Operand<'_, T>) {
    let view = target.view;
    let beta = match target.keep {
        Keep::Nothing => Accum::Replace,
        Keep::All => Accum::Add,
        Keep::Part(_) => unreachable!("a product keeps all or nothing"),
    };
    let product = |c: MatMut<'_, T>, i: usize| {
        product(c, beta, alpha, a.matrix(i), b.matrix(i));
    };
    let values = &mut target.values[view.offset..view.end()];
    let one = View { batch: 1, ..view };
    if view.batch == 1 {
        product(matrix(values, &one), 0);
    } else if view.batch_stride >= one.end() - one.offset {
        // matrices one after another
        let work = (2 * view.rows * view.columns * a.view.columns).max(1);
        values
            .par_chunks_mut(view.batch_stride)
            .with_min_len(TASK.div_ceil(work))
            .enumerate()
            .for_each(|(i, values)| product(matrix(values, &one), i));
    } else if view.row_stride == 1 && view.column_stride >= view.batch * view.batch_stride {
        // blocks of rows of one matrix
        let whole = View {
            rows: (view.batch - 1) * view.batch_stride + view.rows,
            ..one
        };
        let blocks = Blocks {
            rows: view.rows,
            stride: view.batch_stride,
        };
        blocks.each(matrix(values, &whole), 0, view.batch, &product);
    } else {
        for i in 0..view.batch {
            let values = &mut values[i * view.batch_stride..];
            product(matrix(values, &one), i);
        }
    }
}

/// Blocks of rows, `stride` apart.
struct Blocks {
    rows: usize,
    stride: usize,
}

impl Blocks {
    /// Calls `kernel` with each of `count` blocks of `c`, the first of which is number `first`.
    fn each<T: Real>(
        &self,
        c: MatMut<'_, T>,
        first: usize,
        count: usize,
        kernel: &(impl Fn(MatMut<'_, T>, usize) + Sync),
    ) {
        if count == 1 {
            return kernel(c.subrows_mut(0, self.rows), first);
        }
        let half = count / 2;
        let (low, high) = c.split_at_row_mut(half * self.stride);
        rayon::join(
            || self.each(low, first, half, kernel),
            || self.each(high, first + half, count - half, kernel),
        );
    }
}

fn matrix<'a, T: Real>(values: &'a mut [T], view: &View) -> MatMut<'a, T> {
    let View { rows, columns, .. } = *view;
    if view.is_column_major() {
        let stride = view.column_stride.max(rows);
        MatMut::from_column_major_slice_with_stride_mut(values, rows, columns, stride)
    } else {
        // not from_row_major_slice_with_stride_mut: faer 0.24.4 takes its stride for the columns'
        matrix(values, &view.t()).transpose_mut()
    }
}

/// One product, cut along its longer side until a part is a task's work. The cuts depend on the
/// shape alone; so do the bits.
fn product<T: Real>(c: MatMut<'_, T>, beta: Accum, alpha: T, a: MatRef<'_, T>, b: MatRef<'_, T>) {
    let (m, n, k) = (c.nrows(), c.ncols(), a.ncols());
    let longer = m.max(n);
    if 2 * m * n * k <= TASK || longer < 2 * SIDE {
        return matmul(c, beta, a, b, alpha, Par::Seq);
    }
    let half = (longer / 2).next_multiple_of(ALIGN);
    if m >= n {
        let (above, below) = c.split_at_row_mut(half);
        let (a_above, a_below) = a.split_at_row(half);
        rayon::join(
            || product(above, beta, alpha, a_above, b),
            || product(below, beta, alpha, a_below, b),
        );
    } else {
        let (left, right) = c.split_at_col_mut(half);
        let (b_left, b_right) = b.split_at_col(half);
        rayon::join(
            || product(left, beta, alpha, a, b_left),
            || product(right, beta, alpha, a, b_right),
        );
    }
}
