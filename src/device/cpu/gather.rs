//! Sums of listed rows.

use super::operand::{Operand, Target};
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
    if let (Some(runs), true, true) = (runs, target.view.is_column_major(), x.view.row_stride == 1)
    {
        return target.columns(|j, mut y| {
            let (y, keep) = y.contiguous().expect("a column");
            runs.sum(y, keep, x.column(j).expect("a column"));
        });
    }
    let table = lists.table();
    target.pieces(|j, first, mut y| match (x.column(j), table) {
        (Some(x), Some(table)) => {
            y.put_all(table[first..].iter().map(|&source| x[source as usize]));
        }
        (Some(x), None) => y.put_all(lists.from(first).map(|list| sum(list, |i| x[i]))),
        (None, _) => y.put_all(lists.from(first).map(|list| sum(list, |i| x.at(i, j)))),
    });
}

#[inline(always)]
fn sum<T: Real>(list: &[u32], entry: impl Fn(usize) -> T) -> T {
    match *list {
        [source] => entry(source as usize),
        _ => list
            .iter()
            .fold(T::zero(), |sum, &source| sum + entry(source as usize)),
    }
}
