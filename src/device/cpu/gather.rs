//! Sums of listed rows.

use super::Real;
use super::operand::{Operand, Target};
use crate::program::Lists;

pub(super) fn run<T: Real>(target: Target<'_, T>, lists: &Lists, x: Operand<'_, T>) {
    let sum = |i, entry: &dyn Fn(usize) -> T| {
        let listed = lists.list(i).iter();
        listed.fold(T::zero(), |sum, &source| sum + entry(source as usize))
    };
    target.columns(|j, mut y| match x.column(j) {
        Some(x) => y.put_all(lists.len(), |i| sum(i, &|source| x[source])),
        None => y.put_all(lists.len(), |i| sum(i, &|source| x.at(source, j))),
    });
}
