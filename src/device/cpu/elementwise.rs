//! Maps, zips, fills and sums.

use super::Real;
use super::operand::{Operand, Target};
use crate::program::{Axis, Combination, Function};
use faer::traits::math_utils::from_f64;

/// Entries of a packed target that one task takes at a time.
const PIECE: usize = 4096;

pub(super) fn fill<T: Real>(target: Target<'_, T>, value: T) {
    let rows = target.view.rows;
    target.columns(|_, mut column| column.put_all(rows, |_| value));
}

pub(super) fn map<T: Real>(target: Target<'_, T>, function: Function, x: Operand<'_, T>) {
    match function {
        Function::Scale(1.0) => unary(target, x, |x| x),
        Function::Scale(a) => {
            let a = from_f64::<T>(a);
            unary(target, x, |x| a * x);
        }
        Function::Square => unary(target, x, |x| x * x),
        Function::Relu => unary(target, x, |x| if x < T::zero() { T::zero() } else { x }),
        _ => unary(target, x, |x| from_f64(function.value(x.into()))),
    }
}

pub(super) fn zip<T: Real>(
    target: Target<'_, T>,
    combination: Combination,
    x: Operand<'_, T>,
    z: Operand<'_, T>,
) {
    match combination {
        Combination::Add => binary(target, x, z, |x, z| x + z),
        Combination::Subtract => binary(target, x, z, |x, z| x - z),
        Combination::Multiply => binary(target, x, z, |x, z| x * z),
        Combination::Chain(f) => binary(target, x, z, |x, z| {
            x * from_f64::<T>(f.derivative(z.into()))
        }),
    }
}

fn unary<T: Real>(target: Target<'_, T>, x: Operand<'_, T>, f: impl Fn(T) -> T + Sync) {
    let rows = target.view.rows;
    match x.packed() {
        Some(x) if target.view.is_packed() => target.pieces(PIECE, |start, mut y, count| {
            let x = &x[start..start + count];
            y.put_all(count, |i| f(x[i]));
        }),
        _ => target.columns(|j, mut y| match x.column(j) {
            Some(x) => y.put_all(rows, |i| f(x[i])),
            None => y.put_all(rows, |i| f(x.at(i, j))),
        }),
    }
}

pub(super) fn binary<T: Real>(
    target: Target<'_, T>,
    x: Operand<'_, T>,
    z: Operand<'_, T>,
    f: impl Fn(T, T) -> T + Sync,
) {
    let rows = target.view.rows;
    match (x.packed(), z.packed()) {
        (Some(x), Some(z)) if target.view.is_packed() => {
            target.pieces(PIECE, |start, mut y, count| {
                let (x, z) = (&x[start..start + count], &z[start..start + count]);
                y.put_all(count, |i| f(x[i], z[i]));
            });
        }
        _ => target.columns(|j, mut y| match (x.column(j), z.column(j)) {
            (Some(x), Some(z)) => y.put_all(rows, |i| f(x[i], z[i])),
            _ => y.put_all(rows, |i| f(x.at(i, j), z.at(i, j))),
        }),
    }
}

pub(super) fn reduce<T: Real>(target: Target<'_, T>, over: Axis, x: Operand<'_, T>) {
    let (rows, columns) = (x.view.rows, x.view.columns);
    match over {
        Axis::Rows => target.columns(|j, mut y| {
            let sum = match x.column(j) {
                Some(x) => x.iter().fold(T::zero(), |sum, &x| sum + x),
                None => (0..rows).fold(T::zero(), |sum, i| sum + x.at(i, j)),
            };
            y.put(0, sum);
        }),
        Axis::Columns if target.view.is_packed() && x.view.row_stride == 1 => {
            // columns one after another, so that memory is read in order
            const ROWS: usize = 64;
            target.pieces(ROWS, |start, mut y, count| {
                let mut sums = [T::zero(); ROWS];
                for j in 0..columns {
                    let x = &x.column(j).expect("contiguous columns")[start..start + count];
                    for (sum, &x) in sums.iter_mut().zip(x) {
                        *sum += x;
                    }
                }
                y.put_all(count, |i| sums[i]);
            });
        }
        Axis::Columns => target.columns(|_, mut y| {
            y.put_all(rows, |i| {
                (0..columns).fold(T::zero(), |sum, j| sum + x.at(i, j))
            });
        }),
    }
}
