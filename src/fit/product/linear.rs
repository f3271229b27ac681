//! A single sum: linear least squares.

use super::iterative::preconditioned;
use crate::linalg::Triangle;
use crate::linalg::algebra::{multiply, product};
use crate::operator::basis::{Basis, Gram};
use faer::{Mat, MatMut, MatRef};
use rayon::prelude::*;
use serde::Serialize;

/// Condition of a Gram matrix up to which its solution loses no more than half of the digits.
const SAFE_GRAM: f64 = 1e7;

/// How a fit was solved: a single sum by the first five, a product by the last two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Orthonormal terms: correlations.
    Transform,
    /// A Gram matrix in closed form.
    Gram,
    /// Each row of W on the features.
    RowWise,
    /// Reflections of all terms.
    Qr,
    /// Iterations preconditioned by the triangle of a sketch.
    Preconditioned,
    /// Levenberg-Marquardt.
    Levenberg,
    /// Alternating least squares.
    Alternating,
}

/// The best coefficients of a single sum.
#[derive(Debug, Clone)]
pub(super) struct Linear {
    pub coefficients: Vec<f64>,
    /// Largest singular value of the terms, as columns, over the smallest.
    pub condition: f64,
    pub method: Method,
    /// Iterations, where there are any.
    pub iterations: usize,
    /// Whether the solution is exact to rounding.
    pub converged: bool,
}

/// min ‖(Σ aₖ Mₖ - W) Z‖, Z being n × s or the identity. `memory` is the most numbers that may be held
/// at once; `seed` that of the sketch where they do not suffice.
pub(super) fn linear(
    basis: &dyn Basis,
    w: MatRef<'_, f64>,
    inputs: Option<&Mat<f64>>,
    memory: usize,
    seed: u64,
) -> Linear {
    let outright = |coefficients, condition, method| Linear {
        coefficients,
        condition,
        method,
        iterations: 0,
        converged: true,
    };
    match basis.gram() {
        Gram::Orthonormal
        | Gram::RowWise {
            orthonormal: true, ..
        } if inputs.is_none() => {
            return outright(basis.correlate(w), 1.0, Method::Transform);
        }
        Gram::Known(gram) if inputs.is_none() => {
            if let Some((a, condition)) = by_gram(&gram, &basis.correlate(w)) {
                return outright(a, condition, Method::Gram);
            }
        }
        Gram::RowWise { features, .. } => {
            let (a, condition) = row_wise(basis.terms(), features.as_ref(), w, inputs);
            return outright(a, condition, Method::RowWise);
        }
        _ => {}
    }
    let columns = inputs.map_or(w.ncols(), Mat::ncols);
    let height = w.nrows() * columns;
    if exceeds(basis, columns, memory) {
        return preconditioned(basis, w, inputs, seed);
    }
    let columns = design(basis, w, inputs);
    let problem = MatRef::from_column_major_slice(&columns, height, basis.terms() + 1);
    let solved = Triangle::of(problem).solve();
    outright(solved.solution, solved.condition, Method::Qr)
}

/// Whether the terms, times inputs of so many columns, and the target are more numbers than may be held.
pub(super) fn exceeds(basis: &dyn Basis, columns: usize, memory: usize) -> bool {
    let height = basis.shape().0.saturating_mul(columns);
    height.saturating_mul(basis.terms() + 1) > memory
}

/// All terms times Z as columns, and the target as the last.
fn design(basis: &dyn Basis, w: MatRef<'_, f64>, inputs: Option<&Mat<f64>>) -> Vec<f64> {
    let (m, q) = (w.nrows(), inputs.map_or(w.ncols(), Mat::ncols));
    let mut all = vec![0.0; m * q * (basis.terms() + 1)];
    let (terms, target) = all.split_at_mut(m * q * basis.terms());
    products_into(basis, inputs, terms);
    let mut target = MatMut::from_column_major_slice_mut(target, m, q);
    match inputs {
        Some(z) => multiply(target, w, z.as_ref()),
        None => target.copy_from(w),
    }
    all
}

/// The products Mₖ R, or the terms Mₖ themselves without R, one after the other, column by column.
fn products_into(basis: &dyn Basis, right: Option<&Mat<f64>>, out: &mut [f64]) {
    let (m, n) = basis.shape();
    match right {
        Some(right) => {
            let products = basis.products(right.as_ref());
            let columns = products.ncols();
            MatMut::from_column_major_slice_mut(out, m, columns).copy_from(&products);
        }
        None => out
            .par_chunks_exact_mut(m * n)
            .enumerate()
            .for_each(|(term, out)| basis.tile(term, 0..m, 0..n, out)),
    }
}

/// G a = b, where the condition of G allows it; that of the terms is its root.
fn by_gram(gram: &Mat<f64>, b: &[f64]) -> Option<(Vec<f64>, f64)> {
    let count = b.len();
    let problem = Mat::from_fn(count, count + 1, |i, j| match j < count {
        true => gram[(i, j)],
        false => b[i],
    });
    let solved = Triangle::of(problem.as_ref()).solve();
    let safe = solved.rank == count && solved.condition <= SAFE_GRAM;
    safe.then(|| (solved.solution, solved.condition.sqrt()))
}

/// Row `o` of W on the features that its terms have: all of them, or all but the last one.
fn row_wise(
    terms: usize,
    features: MatRef<'_, f64>,
    w: MatRef<'_, f64>,
    inputs: Option<&Mat<f64>>,
) -> (Vec<f64>, f64) {
    let (m, count) = (w.nrows(), features.nrows());
    let seen = inputs.map_or_else(|| features.to_owned(), |z| product(features, z.as_ref()));
    let target = inputs.map_or_else(|| w.to_owned(), |z| product(w, z.as_ref()));
    let whole = terms - m * (count - 1);
    let mut coefficients = vec![0.0; terms];
    let mut condition = 1.0f64;
    for (rows, used) in [(0..whole, count), (whole..m, count - 1)] {
        for row in rows {
            if used == 0 {
                continue;
            }
            let problem = Mat::from_fn(seen.ncols(), used + 1, |j, t| match t < used {
                true => seen[(t, j)],
                false => target[(row, j)],
            });
            let solved = Triangle::of(problem.as_ref()).solve();
            condition = condition.max(solved.condition);
            for (t, a) in solved.solution.into_iter().enumerate() {
                coefficients[t * m + row] = a;
            }
        }
    }
    (coefficients, condition)
}
