//! Maps, zips and fills.

use super::operand::{Band, Operand, PIECE, Target};
use super::real::Real;
use crate::program::{Combination, Function};
use faer::traits::math_utils::from_f64;
use pulp::{Arch, NullaryFnOnce};
use std::iter::repeat;

pub(super) fn fill<T: Real>(target: Target<'_, T>, value: T) {
    target.flat().pieces(|_, _, mut y| y.put_all(repeat(value)));
}

pub(super) fn map<T: Real>(target: Target<'_, T>, function: Function, x: Operand<'_, T>) {
    match function {
        Function::Scale(1.0) => unary(target, x, |x| x),
        Function::Scale(a) => {
            let a = from_f64::<T>(a);
            unary(target, x, move |x| a * x);
        }
        Function::Square => unary(target, x, |x| x * x),
        Function::Relu => unary(target, x, |x| if x < T::zero() { T::zero() } else { x }),
        _ => unary(target, x, move |x| from_f64(function.value(x.into()))),
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
        // multiplies instead of branching so that NaN propagates (0 · NaN = NaN)
        Combination::Chain(Function::Relu) => binary(target, x, z, |x, z| {
            x * if z > T::zero() { T::one() } else { T::zero() }
        }),
        Combination::Chain(f) => binary(target, x, z, move |x, z| {
            x * from_f64::<T>(f.derivative(z.into()))
        }),
    }
}

/// `y = f(x)`, entry by entry.
fn unary<T: Real>(target: Target<'_, T>, x: Operand<'_, T>, f: impl Fn(T) -> T + Copy + Sync) {
    let (flat, arch) = (target.view.is_packed() && x.view.is_packed(), Arch::new());
    let (target, x) = if flat {
        (target.flat(), x.flat())
    } else {
        (target, x)
    };
    target.bands(PIECE, |band| arch.dispatch(Unary { band, x, f }));
}

/// `y = f(x, z)`, entry by entry.
pub(super) fn binary<T: Real>(
    target: Target<'_, T>,
    x: Operand<'_, T>,
    z: Operand<'_, T>,
    f: impl Fn(T, T) -> T + Copy + Sync,
) {
    let packed = target.view.is_packed() && x.view.is_packed() && z.view.is_packed();
    let (target, x, z) = if packed {
        (target.flat(), x.flat(), z.flat())
    } else {
        (target, x, z)
    };
    let arch = Arch::new();
    target.bands(PIECE, |band| arch.dispatch(Binary { band, x, z, f }));
}

// not closures: these are compiled once for each set of instructions

struct Unary<'a, T, F> {
    band: Band<'a, T>,
    x: Operand<'a, T>,
    f: F,
}

impl<T: Real, F: Fn(T) -> T> NullaryFnOnce for Unary<'_, T, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Unary { band, x, f } = self;
        band.each(|j, first, mut y| match x.column(j) {
            Some(x) => y.put_all(x[first..].iter().map(|&x| f(x))),
            None => y.put_all((first..x.view.rows).map(|i| f(x.at(i, j)))),
        });
    }
}

struct Binary<'a, T, F> {
    band: Band<'a, T>,
    x: Operand<'a, T>,
    z: Operand<'a, T>,
    f: F,
}

impl<T: Real, F: Fn(T, T) -> T> NullaryFnOnce for Binary<'_, T, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Binary { band, x, z, f } = self;
        band.each(|j, first, mut y| match (x.column(j), z.column(j)) {
            (Some(x), Some(z)) => {
                let pairs = x[first..].iter().zip(&z[first..]);
                y.put_all(pairs.map(|(&x, &z)| f(x, z)));
            }
            _ => y.put_all((first..x.view.rows).map(|i| f(x.at(i, j), z.at(i, j)))),
        });
    }
}
