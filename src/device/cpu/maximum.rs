//! The largest of listed rows, and where gradients go.

use super::Real;
use super::operand::{Operand, Target};
use crate::program::Lists;

pub(super) fn run<T: Real>(target: Target<'_, T>, lists: &Lists, x: Operand<'_, T>) {
    target.columns(|j, mut y| {
        let largest = |i: usize| {
            let list = lists.list(i);
            let first = x.at(list[0] as usize, j);
            let rest = list[1..].iter().map(|&row| x.at(row as usize, j));
            rest.fold(first, |largest, x| if x > largest { x } else { largest })
        };
        y.put_all(lists.len(), largest);
    });
}

/// `places` are the lists transposed.
pub(super) fn gradient<T: Real>(
    target: Target<'_, T>,
    lists: &Lists,
    places: &Lists,
    x: Operand<'_, T>,
    dy: Operand<'_, T>,
) {
    target.columns(|j, mut dx| {
        let gained = |row: usize| {
            let own = x.at(row, j);
            // the first of the largest: none before is as large, none after is larger
            let wins = |list: &&u32| {
                let mut before = true;
                lists.list(**list as usize).iter().all(|&other| {
                    before &= other as usize != row;
                    let other = x.at(other as usize, j);
                    if before { other < own } else { other <= own }
                })
            };
            let won = places.list(row).iter().filter(wins);
            won.fold(T::zero(), |sum, &list| sum + dy.at(list as usize, j))
        };
        dx.put_all(places.len(), gained);
    });
}
