//! The fast Hadamard transform.

use super::operand::{Operand, TASK, Target};
use super::real::Real;
use crate::linalg::hadamard::hadamard;
use pulp::Arch;
use rayon::prelude::*;

/// The target is a fresh buffer, whole and packed: a record sees to that.
pub(super) fn run<T: Real>(target: Target<'_, T>, scale: T, x: Operand<'_, T>) {
    let rows = x.view.rows;
    let arch = Arch::new();
    target.values[..x.view.entries()]
        .par_chunks_mut(rows)
        .with_min_len(TASK.div_ceil(rows))
        .enumerate()
        .for_each(|(j, y)| {
            match x.column(j) {
                Some(x) => y.iter_mut().zip(x).for_each(|(y, &x)| *y = scale * x),
                None => (0..rows).for_each(|i| y[i] = scale * x.at(i, j)),
            }
            arch.dispatch(|| hadamard(y));
        });
}
