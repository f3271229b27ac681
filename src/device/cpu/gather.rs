//! Sums of listed rows.

use super::Real;
use super::operand::{Operand, Target};
use crate::program::Lists;

pub(super) fn run<T: Real>(target: Target<'_, T>, lists: &Lists, x: Operand<'_, T>) {
    target.columns(|j, mut y| match x.column(j) {
        Some(x) => y.put_all(lists.len(), |i| sum(lists.list(i), |source| x[source])),
        None => y.put_all(lists.len(), |i| {
            sum(lists.list(i), |source| x.at(source, j))
        }),
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
