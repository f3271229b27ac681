//! Maps, zips and fills.

use super::Real;
use super::operand::{Operand, Target};
use crate::program::{Combination, Function};
use faer::traits::math_utils::from_f64;
use std::iter::repeat_n;

pub(super) fn fill<T: Real>(target: Target<'_, T>, value: T) {
    let rows = target.view.rows;
    target.pieces(|_, first, mut column| column.put_all(repeat_n(value, rows - first)));
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
        // a product, not a choice: 0 times what is no number is none
        Combination::Chain(Function::Relu) => binary(target, x, z, |x, z| {
            x * if z > T::zero() { T::one() } else { T::zero() }
        }),
        Combination::Chain(f) => binary(target, x, z, |x, z| {
            x * from_f64::<T>(f.derivative(z.into()))
        }),
    }
}

fn unary<T: Real>(target: Target<'_, T>, x: Operand<'_, T>, f: impl Fn(T) -> T + Sync) {
    let rows = target.view.rows;
    match x.packed() {
        Some(x) if target.view.is_packed() => {
            target
                .flat()
                .pieces(|_, first, mut y| y.put_all(x[first..].iter().map(|&x| f(x))));
        }
        _ => target.pieces(|j, first, mut y| match x.column(j) {
            Some(x) => y.put_all(x[first..].iter().map(|&x| f(x))),
            None => y.put_all((first..rows).map(|i| f(x.at(i, j)))),
        }),
    }
}

/// `y = f(x, z)`, entry by entry.
pub(super) fn binary<T: Real>(
    target: Target<'_, T>,
    x: Operand<'_, T>,
    z: Operand<'_, T>,
    f: impl Fn(T, T) -> T + Sync,
) {
    let rows = target.view.rows;
    let f = |(&x, &z): (&T, &T)| f(x, z);
    match (x.packed(), z.packed()) {
        (Some(x), Some(z)) if target.view.is_packed() => {
            target
                .flat()
                .pieces(|_, first, mut y| y.put_all(x[first..].iter().zip(&z[first..]).map(f)));
        }
        _ => target.pieces(|j, first, mut y| match (x.column(j), z.column(j)) {
            (Some(x), Some(z)) => y.put_all(x[first..].iter().zip(&z[first..]).map(f)),
            _ => y.put_all((first..rows).map(|i| f((&x.at(i, j), &z.at(i, j))))),
        }),
    }
}
