//! Sums of rows and of columns.

use super::blocks::{Block, InBlocks, neighbours};
use super::operand::{Operand, PIECE, TASK, Target};
use super::real::Real;
use crate::program::{Axis, View};
use pulp::Arch;
use rayon::prelude::*;
use std::ops::Range;

/// Partial sums that many columns are added up in at most.
const PARTS: usize = 16;

/// Partial sums over columns, by the shape alone.
fn parts(x: &View) -> usize {
    let work = x.rows * x.columns / TASK;
    work.min(x.columns / PARTS).clamp(1, PARTS)
}

/// Numbers of work space that a sum takes.
pub(super) fn space(x: &View, over: Axis) -> usize {
    match over {
        Axis::Columns if x.row_stride == 1 => x.rows * parts(x),
        _ => 0,
    }
}

/// `work` is the [`space`] of the sum.
pub(super) fn run<T: Real>(target: Target<'_, T>, over: Axis, x: Operand<'_, T>, work: &mut [T]) {
    let (rows, columns) = (x.view.rows, x.view.columns);
    match over {
        Axis::Rows => target.columns(|j, mut y| {
            let sum = match x.column(j) {
                Some(x) => total(x),
                None => (0..rows).fold(T::zero(), |sum, i| sum + x.at(i, j)),
            };
            y.put(0, sum);
        }),
        Axis::Columns if x.view.row_stride == 1 => {
            let own = columns.div_ceil(parts(&x.view));
            let arch = Arch::new();
            let part = |(part, sums): (usize, &mut [T])| {
                let columns = part * own..columns.min((part + 1) * own);
                let piece = |(piece, sums): (usize, &mut [T])| {
                    let first = piece * PIECE;
                    let columns = columns.clone();
                    let length = sums.len();
                    let block = Columns {
                        x,
                        columns,
                        first,
                        sums,
                    };
                    arch.dispatch(InBlocks { length, block });
                };
                sums.par_chunks_mut(PIECE).enumerate().for_each(piece);
            };
            work.par_chunks_mut(rows).enumerate().for_each(part);
            target.pieces(|_, first, mut y| {
                let sum = |i| work[i..].iter().step_by(rows);
                let sums = (first..rows).map(|i| sum(i).fold(T::zero(), |sum, &x| sum + x));
                y.put_all(sums);
            });
        }
        Axis::Columns => target.columns(|_, mut y| {
            let sum = |i| (0..columns).fold(T::zero(), |sum, j| sum + x.at(i, j));
            y.put_all((0..rows).map(sum));
        }),
    }
}

/// Sums over some columns, of rows from `first` on.
struct Columns<'a, T> {
    x: Operand<'a, T>,
    columns: Range<usize>,
    first: usize,
    sums: &'a mut [T],
}

impl<T: Real> Block for Columns<'_, T> {
    #[inline(always)]
    fn run<const N: usize>(&mut self, at: usize) {
        let mut sums = [T::zero(); N];
        for j in self.columns.clone() {
            let x = self.x.column(j).expect("contiguous columns");
            for (sum, &x) in sums.iter_mut().zip(neighbours::<N, T>(x, self.first + at)) {
                *sum += x;
            }
        }
        self.sums[at..at + N].copy_from_slice(&sums);
    }
}

/// The sum of `x`: sixteen sums side by side, then what is left.
fn total<T: Real>(x: &[T]) -> T {
    let (blocks, rest) = x.as_chunks::<16>();
    let mut sums = [T::zero(); 16];
    for block in blocks {
        for (sum, &x) in sums.iter_mut().zip(block) {
            *sum += x;
        }
    }
    let all = sums.iter().chain(rest);
    all.fold(T::zero(), |sum, &x| sum + x)
}
