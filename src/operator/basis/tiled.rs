//! A basis window by window: what holds for every family, and what the faster ways are tested by.

use super::Basis;
use faer::prelude::ReborrowMut;
use faer::traits::RealField;
use faer::{Accum, Mat, MatMut, MatRef, Par, linalg::matmul::matmul};
use rayon::prelude::*;
use std::ops::Range;

/// Rows and columns of a window: 128 KiB, within a core's own cache.
const TILE: usize = 128;
/// Columns of a term that meet a thin matrix at a time.
const STRIP: usize = 16;
/// Most columns of a thin matrix.
const THIN: usize = 32;

/// Σₖ aₖ Mₖ: K m n multiplications, one window of all terms at a time.
pub(super) fn combine<B: Basis + ?Sized>(basis: &B, a: &[f64]) -> Mat<f64> {
    let (m, n) = basis.shape();
    assert_eq!(a.len(), basis.terms(), "combine: one coefficient a term");
    let mut sum = Mat::zeros(m, n);
    sum.as_mut()
        .par_col_chunks_mut(TILE)
        .enumerate()
        .for_each_init(Vec::new, |buffer, (strip, mut sum)| {
            let columns = strip * TILE..strip * TILE + sum.ncols();
            for rows in windows(m) {
                for (term, &coefficient) in a.iter().enumerate().filter(|(_, a)| **a != 0.0) {
                    let tile = read(basis, term, &rows, &columns, buffer);
                    add(
                        sum.rb_mut().subrows_mut(rows.start, rows.len()),
                        coefficient,
                        tile,
                    );
                }
            }
        });
    sum
}

/// ⟨Mₖ, G⟩ for every term, windows in order.
pub(super) fn correlate<B: Basis + ?Sized>(basis: &B, g: MatRef<'_, f64>) -> Vec<f64> {
    let (m, n) = basis.shape();
    assert_eq!(g.shape(), (m, n), "correlate: a matrix of the basis' shape");
    let of = |buffer: &mut Vec<f64>, term| {
        let mut sum = 0.0;
        for columns in windows(n) {
            for rows in windows(m) {
                let tile = read(basis, term, &rows, &columns, buffer);
                sum += inner(tile, window(g, &rows, &columns));
            }
        }
        sum
    };
    let terms = (0..basis.terms()).into_par_iter();
    terms.map_init(Vec::new, of).collect()
}

/// Mₖ R side by side.
pub(super) fn products<B: Basis + ?Sized>(basis: &B, right: MatRef<'_, f64>) -> Mat<f64> {
    let (m, n) = basis.shape();
    assert_eq!(
        right.nrows(),
        n,
        "products: {m} × {n} times {:?}",
        right.shape()
    );
    each_term(basis, m, right.ncols(), |tile, rows, columns, mut block| {
        let part = block.rb_mut().subrows_mut(rows.start, rows.len());
        let right = right.subrows(columns.start, columns.len());
        matmul(part, Accum::Add, tile, right, 1.0, Par::Seq);
    })
}

/// Mₖᵀ R side by side.
pub(super) fn adjoint_products<B: Basis + ?Sized>(basis: &B, right: MatRef<'_, f64>) -> Mat<f64> {
    let (m, n) = basis.shape();
    assert_eq!(
        right.nrows(),
        m,
        "adjoint products: {n} × {m} times {:?}",
        right.shape()
    );
    each_term(basis, n, right.ncols(), |tile, rows, columns, mut block| {
        let part = block.rb_mut().subrows_mut(columns.start, columns.len());
        let right = right.subrows(rows.start, rows.len());
        matmul(part, Accum::Add, tile.transpose(), right, 1.0, Par::Seq);
    })
}

/// Products of `terms` matrices in memory, m × n each, with an n × q matrix, side by side: m × K q.
///
/// Where q is small a product costs little more than reading its term, so terms are read in the order of
/// their memory.
pub(super) fn whole_products<'a, T: RealField + Copy + 'a>(
    terms: usize,
    (m, n): (usize, usize),
    term: impl Fn(usize) -> MatRef<'a, T> + Sync,
    right: MatRef<'_, T>,
) -> Mat<T> {
    let q = right.ncols();
    assert_eq!(
        right.nrows(),
        n,
        "products: {m} × {n} times {:?}",
        right.shape()
    );
    let one = T::one_impl();
    let mut out = Mat::zeros(m, terms * q);
    let blocks = out.as_mut().par_col_chunks_mut(q.max(1)).enumerate();
    blocks.for_each(|(k, mut block)| {
        let term = term(k);
        if q > THIN {
            matmul(block, Accum::Replace, term, right, one, Par::Seq);
        } else if term.row_stride() == 1 {
            for columns in steps(n, STRIP) {
                let (term, right) = (
                    term.subcols(columns.start, columns.len()),
                    right.subrows(columns.start, columns.len()),
                );
                matmul(block.rb_mut(), Accum::Add, term, right, one, Par::Seq);
            }
        } else {
            let mut turned = Mat::zeros(q, m);
            let (right, term) = (right.transpose(), term.transpose());
            matmul(turned.as_mut(), Accum::Replace, right, term, one, Par::Seq);
            block.copy_from(turned.transpose());
        }
    });
    out
}

/// A matrix of one block of `height` × `width` a term, each given its term's windows in order.
fn each_term<B: Basis + ?Sized>(
    basis: &B,
    height: usize,
    width: usize,
    add: impl Fn(MatRef<'_, f64>, &Range<usize>, &Range<usize>, MatMut<'_, f64>) + Sync,
) -> Mat<f64> {
    let (m, n) = basis.shape();
    let mut out = Mat::zeros(height, basis.terms() * width);
    let blocks = out.as_mut().par_col_chunks_mut(width.max(1));
    blocks
        .enumerate()
        .for_each_init(Vec::new, |buffer, (term, mut block)| {
            for columns in windows(n) {
                for rows in windows(m) {
                    let tile = read(basis, term, &rows, &columns, buffer);
                    add(tile, &rows, &columns, block.rb_mut());
                }
            }
        });
    out
}

/// What `products` makes of a matrix in single precision, rounded to that again.
pub(super) fn in_double(
    right: MatRef<'_, f32>,
    products: impl FnOnce(MatRef<'_, f64>) -> Mat<f64>,
) -> Mat<f32> {
    let made = products(converted(right, f64::from).as_ref());
    converted(made.as_ref(), |x| x as f32)
}

fn converted<A: Copy + Sync, B: RealField>(
    a: MatRef<'_, A>,
    convert: impl Fn(A) -> B + Sync,
) -> Mat<B> {
    let mut out = Mat::zeros(a.nrows(), a.ncols());
    let columns = out.as_mut().par_col_iter_mut().zip(a.par_col_iter());
    columns.for_each(|(out, column)| {
        for (out, &x) in out.iter_mut().zip(column.iter()) {
            *out = convert(x);
        }
    });
    out
}

fn windows(length: usize) -> impl Iterator<Item = Range<usize>> {
    steps(length, TILE)
}

fn steps(length: usize, step: usize) -> impl Iterator<Item = Range<usize>> {
    let starts = (0..length).step_by(step);
    starts.map(move |start| start..length.min(start + step))
}

fn window<'a>(g: MatRef<'a, f64>, rows: &Range<usize>, columns: &Range<usize>) -> MatRef<'a, f64> {
    g.submatrix(rows.start, columns.start, rows.len(), columns.len())
}

fn read<'a, B: Basis + ?Sized>(
    basis: &B,
    term: usize,
    rows: &Range<usize>,
    columns: &Range<usize>,
    buffer: &'a mut Vec<f64>,
) -> MatRef<'a, f64> {
    buffer.resize(rows.len() * columns.len(), 0.0);
    basis.tile(term, rows.clone(), columns.clone(), buffer);
    MatRef::from_column_major_slice(buffer, rows.len(), columns.len())
}

fn add(sum: MatMut<'_, f64>, coefficient: f64, tile: MatRef<'_, f64>) {
    for (sum, tile) in sum.col_iter_mut().zip(tile.col_iter()) {
        for (sum, &x) in sum.iter_mut().zip(tile.iter()) {
            *sum += coefficient * x;
        }
    }
}

fn inner(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> f64 {
    let column = |(a, b): (faer::ColRef<'_, f64>, faer::ColRef<'_, f64>)| -> f64 {
        a.iter().zip(b.iter()).map(|(x, y)| x * y).sum()
    };
    a.col_iter().zip(b.col_iter()).map(column).sum()
}
