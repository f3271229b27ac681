//! A single sum: linear least squares.

use super::preconditioned::preconditioned;
use super::{Linear, Method};
use crate::fit::product::Target;
use crate::linalg::Triangle;
use crate::linalg::algebra::multiply;
use crate::operator::basis::{Basis, Gram};
use faer::{Mat, MatMut, MatRef};
use rayon::prelude::*;

/// Condition of a Gram matrix up to which its solution loses no more than half of the digits.
const SAFE_GRAM: f64 = 1e7;

/// What may be held at once.
#[derive(Debug, Clone, Copy)]
pub struct Workspace {
    /// Most numbers.
    pub numbers: usize,
    /// Seed of the sketch where they do not suffice.
    pub seed: u64,
}

/// Solves min ‖(Σ aₖ Mₖ - W) Z‖.
pub fn linear(basis: &dyn Basis, target: Target<'_>, workspace: Workspace) -> Linear {
    let Target { w, inputs } = target;
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
            let (a, condition) = row_wise(basis.terms(), features.as_ref(), target);
            return outright(a, condition, Method::RowWise);
        }
        _ => {}
    }
    let columns = target.columns();
    let height = w.nrows() * columns;
    if exceeds(basis, columns, workspace.numbers) {
        return preconditioned(basis, target, workspace.seed);
    }
    let columns = design(basis, target);
    let problem = MatRef::from_column_major_slice(&columns, height, basis.terms() + 1);
    let solved = Triangle::of(problem).solve();
    outright(solved.solution, solved.condition, Method::Qr)
}

/// Whether the terms, times inputs of so many columns, and the target are more numbers than may be held.
pub fn exceeds(basis: &dyn Basis, columns: usize, memory: usize) -> bool {
    let height = basis.shape().0.saturating_mul(columns);
    height.saturating_mul(basis.terms() + 1) > memory
}

/// All terms times Z as columns, and the target as the last.
fn design(basis: &dyn Basis, target: Target<'_>) -> Vec<f64> {
    let Target { w, inputs } = target;
    let (m, q) = (w.nrows(), target.columns());
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
    let problem = Mat::from_fn(count, count + 1, |i, j| {
        if j < count { gram[(i, j)] } else { b[i] }
    });
    let solved = Triangle::of(problem.as_ref()).solve();
    let safe = solved.rank == count && solved.condition <= SAFE_GRAM;
    safe.then(|| (solved.solution, solved.condition.sqrt()))
}

/// Row `o` of W on the features that its terms have: all of them, or all but the last one.
fn row_wise(terms: usize, features: MatRef<'_, f64>, target: Target<'_>) -> (Vec<f64>, f64) {
    let (m, count) = (target.w.nrows(), features.nrows());
    let seen = target.times_inputs(features);
    let target = target.times_inputs(target.w);
    let whole = terms - m * (count - 1);
    let mut coefficients = vec![0.0; terms];
    let mut condition = 1.0f64;
    for (rows, used) in [(0..whole, count), (whole..m, count - 1)] {
        for row in rows {
            if used == 0 {
                continue;
            }
            let problem = Mat::from_fn(seen.ncols(), used + 1, |j, t| {
                if t < used {
                    seen[(t, j)]
                } else {
                    target[(row, j)]
                }
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
