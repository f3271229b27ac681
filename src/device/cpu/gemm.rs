//! Matrix products.

use super::operand::{Beta, Operand, PIECE, Target};
use super::real::Real;
use crate::program::{Gemm, View};
use faer::linalg::matmul::matmul;
use faer::traits::math_utils::from_f64;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

/// Operations that one task takes: about a tenth of a millisecond.
const TASK: usize = 1 << 22;

/// Least length of the longer side from which on a long inner side stays whole.
const SIDE: usize = 512;

/// Least length of a side that is cut in two: packing the other operand again for each half costs little.
const CUT: usize = 256;

/// Cuts keep whole register tiles.
const ALIGN: usize = 32;

/// Partial products that one of a long inner side is added up of at most.
const PARTS: usize = 16;

/// Least inner side of a partial product.
const DEPTH: usize = 512;

/// Inner side of each partial product of `A B`, by the shapes alone.
fn part_depth(p: &Gemm) -> usize {
    let (m, n, k) = (p.a.rows, p.b.columns, p.a.columns);
    let longer = m.max(n);
    let long = longer < SIDE || k >= 8 * longer;
    let parts = (k / DEPTH).min(2 * m * n * k / TASK).clamp(1, PARTS);
    if p.a.batch > 1 || !long {
        k
    } else {
        k.div_ceil(parts).next_multiple_of(ALIGN)
    }
}

/// Numbers of work space that a product takes.
pub(super) fn space(p: &Gemm) -> usize {
    let (k, own) = (p.a.columns, part_depth(p));
    if own < k {
        p.a.rows * p.b.columns * k.div_ceil(own)
    } else {
        0
    }
}

/// A product with a long inner side: partial products side by side, added up in order.
fn in_parts<T: Real>(
    target: Target<'_, T>,
    p: &Gemm,
    a: Operand<'_, T>,
    b: Operand<'_, T>,
    work: &mut [T],
) {
    if !target.view.is_column_major() {
        let view = target.view.t();
        return in_parts(Target { view, ..target }, p, b.t(), a.t(), work);
    }
    let (m, n, k) = (a.view.rows, b.view.columns, a.view.columns);
    let own = part_depth(p);
    let alpha = from_f64(p.alpha);
    let part = |(part, c): (usize, &mut [T])| {
        let (first, end) = (part * own, k.min((part + 1) * own));
        let a = a.matrix(0).subcols(first, end - first);
        let b = b.matrix(0).subrows(first, end - first);
        let c = MatMut::from_column_major_slice_mut(c, m, n);
        product(c, Accum::Replace, alpha, a, b);
    };
    work.par_chunks_mut(m * n).enumerate().for_each(part);
    add_up(target, work, |j| j);
}

/// Puts the sum of matrices that lie one after another, packed, in this order: in column `j` the column `source(j)` of the
/// sum.
pub(super) fn add_up<T: Real>(
    target: Target<'_, T>,
    matrices: &mut [T],
    source: impl Fn(usize) -> usize + Sync,
) {
    let (rows, entries) = (target.view.rows, target.view.entries());
    let (sums, rest) = matrices.split_at_mut(entries);
    let add = |(piece, sums): (usize, &mut [T])| {
        for matrix in rest.chunks(entries) {
            for (sum, &x) in sums.iter_mut().zip(&matrix[piece * PIECE..]) {
                *sum += x;
            }
        }
    };
    sums.par_chunks_mut(PIECE).enumerate().for_each(add);
    target.columns(|j, mut c| c.put_all(sums[source(j) * rows..].iter().copied()));
}

/// The mode of accumulation of a product.
pub(super) fn accum<T>(beta: Beta<T>) -> Accum {
    match beta {
        Beta::Zero => Accum::Replace,
        Beta::One => Accum::Add,
        Beta::Scale(_) => unreachable!("a product keeps all or nothing"),
    }
}

/// `C ← α A B` or `C ← C + α A B` for each matrix of a batch. `work` is the [`space`] of the product.
pub(super) fn run<T: Real>(
    target: Target<'_, T>,
    p: &Gemm,
    a: Operand<'_, T>,
    b: Operand<'_, T>,
    work: &mut [T],
) {
    let view = target.view;
    let alpha = from_f64(p.alpha);
    if !work.is_empty() {
        return in_parts(target, p, a, b, work);
    }
    let beta = accum(target.beta);
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
            batch: TASK.div_ceil((2 * view.rows * view.columns * a.view.columns).max(1)),
        };
        blocks.each(matrix(values, &whole), 0, view.batch, &product);
    } else {
        for i in 0..view.batch {
            let values = &mut values[i * view.batch_stride..];
            product(matrix(values, &one), i);
        }
    }
}

/// Blocks of rows, `stride` apart, of which a task takes a `batch`.
struct Blocks {
    rows: usize,
    stride: usize,
    batch: usize,
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
        if count <= self.batch {
            let mut rest = c;
            for i in 0..count {
                let step = self.stride.min(rest.nrows());
                let (own, below) = rest.split_at_row_mut(step);
                kernel(own.subrows_mut(0, self.rows), first + i);
                rest = below;
            }
            return;
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
    if 2 * m * n * k <= TASK || longer < CUT {
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
