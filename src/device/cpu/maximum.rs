//! The largest of listed rows, and where gradients go.

use super::operand::{Beta, Operand, Target};
use super::real::Real;
use super::runs::Runs;
use crate::program::Lists;

/// `runs` are those of `lists`, if they are long.
pub(super) fn run<T: Real>(
    target: Target<'_, T>,
    lists: &Lists,
    runs: Option<&Runs>,
    x: Operand<'_, T>,
) {
    target.columns(|j, mut y| match (runs, x.column(j), y.contiguous()) {
        (Some(runs), Some(x), Some((y, beta))) => runs.largest(y, beta, x),
        _ => {
            let each = (0..lists.len()).map(|i| lists.list(i));
            y.put_all(each.map(|list| x.at(largest(list, &x, j), j)));
        }
    });
}

/// One pass over the lists; a column belongs to one task.
pub(super) fn gradient<T: Real>(
    target: Target<'_, T>,
    lists: &Lists,
    runs: Option<&Runs>,
    x: Operand<'_, T>,
    dy: Operand<'_, T>,
) {
    target.columns(|j, mut dx| {
        let rows = x.view.rows;
        match (dx.beta, dx.contiguous()) {
            (Beta::One, _) => {}
            (Beta::Zero, Some((dx, _))) => dx.fill(T::zero()),
            (Beta::Zero, None) => (0..rows).for_each(|row| *dx.place(row) = T::zero()),
            (Beta::Scale(beta), _) => (0..rows).for_each(|row| *dx.place(row) *= beta),
        }
        match (runs, x.column(j), dy.column(j), dx.contiguous()) {
            (Some(runs), Some(x), Some(dy), Some((dx, _))) => runs.to_largest(dx, x, dy),
            _ => {
                for i in 0..lists.len() {
                    *dx.place(largest(lists.list(i), &x, j)) += dy.at(i, j);
                }
            }
        }
    });
}

/// The row of the largest entry, of equal ones the first.
fn largest<T: Real>(list: &[u32], x: &Operand<'_, T>, j: usize) -> usize {
    let entry = |row: u32| x.at(row as usize, j);
    let larger = |best, &row| {
        if entry(row) > entry(best) { row } else { best }
    };
    list[1..].iter().fold(list[0], larger) as usize
}
