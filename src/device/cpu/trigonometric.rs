//! Fast Fourier and cosine transforms of the columns of a matrix.

use super::column_transform::ColumnTransform;
use super::operand::{Operand, Target};
use super::real::Real;
use crate::program::TrigonometricTransform;

pub(super) fn run<T: Real>(
    target: Target<'_, T>,
    p: &TrigonometricTransform,
    transform: &dyn ColumnTransform<T>,
    x: Operand<'_, T>,
) {
    target.columns(|j, mut y| {
        let mut column = vec![T::zero(); p.order];
        match x.column(j) {
            Some(x) => column[..x.len()].copy_from_slice(x),
            None => (0..p.x.rows).for_each(|i| column[i] = x.at(i, j)),
        }
        transform.apply(&mut column);
        y.put_all(column.iter().copied());
    });
}
