//! Least squares too large to hold: iterations preconditioned by the triangle of a sketch.

use super::{Linear, Method};
use crate::fit::product::Target;
use crate::linalg::Triangle;
use crate::linalg::algebra::{norm, product, thin_svd};
use crate::linalg::lsqr::Lsqr;
use crate::operator::basis::Basis;
use crate::random::Stream;
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};
use rayon::prelude::*;

/// First word of the sketch's path.
const SKETCH: u64 = 201;
/// Rows of the sketch, in terms.
const OVERSAMPLING: usize = 4;
/// Rows that each entry is added to: with one alone, two terms of few entries may meet in all of them.
const COPIES: usize = 8;
/// Most iterations; each shrinks the error by about √(terms / rows) = ½.
pub const MOST_ITERATIONS: usize = 200;

/// min ‖(Σ aₖ Mₖ - W) Z‖ by LSQR on A V Σ⁻¹, with U Σ Vᵀ = S A and S a
/// sparse sign sketch of 4 K rows (Rokhlin, Tygert 2008; Nelson, Nguyên 2013; Meng, Saunders, Mahoney 2014). The sketch only
/// preconditions: the solution is that of the whole problem. Memory 4 K² and a matrix a thread.
pub fn preconditioned(basis: &dyn Basis, target: Target<'_>, seed: u64) -> Linear {
    let preconditioner = Preconditioner::new(basis, target.inputs, seed);
    let apply = |y: &[f64]| {
        let sum = basis.combine(&preconditioner.coefficients(y));
        target.times_inputs(sum.as_ref())
    };
    let adjoint = |u: &Mat<f64>| {
        let carried = target.carried_back(u.as_ref());
        preconditioner.adjoint(&basis.correlate(carried.as_ref()))
    };
    let (y, iterations) = lsqr(apply, adjoint, target.times_inputs(target.w));
    Linear {
        coefficients: preconditioner.coefficients(&y),
        condition: preconditioner.condition,
        method: Method::Preconditioned,
        iterations,
        converged: iterations < MOST_ITERATIONS,
    }
}

/// N = V Σ⁻¹ on the singular vectors of S A that count: A N is well conditioned, and of full rank.
pub struct Preconditioner {
    n: Mat<f64>,
    /// Largest singular value of S A, over the smallest that counts.
    pub condition: f64,
    /// Largest singular value of S A.
    pub largest: f64,
}

impl Preconditioner {
    pub fn new(basis: &dyn Basis, inputs: Option<&Mat<f64>>, seed: u64) -> Preconditioner {
        let r = Triangle::of(sketched(basis, inputs, seed).as_ref()).r;
        let (_, s, v) = thin_svd(r.as_ref());
        let largest = s.first().copied().unwrap_or(0.0);
        let floor = (OVERSAMPLING * basis.terms()) as f64 * f64::EPSILON * largest;
        let rank = s.iter().take_while(|s| **s > floor).count();
        Preconditioner {
            n: Mat::from_fn(basis.terms(), rank, |k, i| v[(k, i)] / s[i]),
            condition: rank.checked_sub(1).map_or(1.0, |last| largest / s[last]),
            largest,
        }
    }

    /// How many singular vectors count.
    pub fn rank(&self) -> usize {
        self.n.ncols()
    }

    /// `N y`.
    pub fn coefficients(&self, y: &[f64]) -> Vec<f64> {
        product(self.n.as_ref(), column(y).as_ref())
            .col_as_slice(0)
            .to_vec()
    }

    /// `Nᵀ g`.
    pub fn adjoint(&self, g: &[f64]) -> Vec<f64> {
        product(self.n.transpose(), column(g).as_ref())
            .col_as_slice(0)
            .to_vec()
    }
}

fn column(x: &[f64]) -> Mat<f64> {
    Mat::from_fn(x.len(), 1, |i, _| x[i])
}

/// S A and a column of zeros, which [`Triangle`] takes for the target.
fn sketched(basis: &dyn Basis, inputs: Option<&Mat<f64>>, seed: u64) -> Mat<f64> {
    let (m, n) = basis.shape();
    let columns = inputs.map_or(n, Mat::ncols);
    let rows = OVERSAMPLING * basis.terms();
    let mut stream = Stream::new(seed, &[SKETCH]);
    let targets: Vec<(u32, f64)> = (0..m * columns * COPIES)
        .map(|_| {
            let u = 2.0 * rows as f64 * stream.uniform();
            ((u / 2.0) as u32, 1.0 - 2.0 * (u as u64 % 2) as f64)
        })
        .collect();
    let mut sketch = Mat::zeros(rows, basis.terms() + 1);
    let out = sketch.as_mut().subcols_mut(0, basis.terms());
    out.par_col_iter_mut().enumerate().for_each_init(
        || (vec![0.0; m * n], vec![0.0; m * columns]),
        |(whole, product), (term, mut out)| {
            basis.tile(term, 0..m, 0..n, whole);
            let seen: &[f64] = match inputs {
                Some(z) => {
                    let matrix = MatRef::from_column_major_slice(whole, m, n);
                    let target = MatMut::from_column_major_slice_mut(product, m, columns);
                    matmul(target, Accum::Replace, matrix, z, 1.0, Par::Seq);
                    product
                }
                None => whole,
            };
            for (x, targets) in seen.iter().zip(targets.chunks_exact(COPIES)) {
                for &(row, sign) in targets {
                    out[row as usize] += sign * x;
                }
            }
        },
    );
    sketch
}

/// min ‖A y - b‖ for a well-conditioned A, until the gradient is rounding error or stops falling.
fn lsqr(
    apply: impl Fn(&[f64]) -> Mat<f64>,
    adjoint: impl Fn(&Mat<f64>) -> Vec<f64>,
    b: Mat<f64>,
) -> (Vec<f64>, usize) {
    let mut u = b;
    let normalised = |u: &mut Mat<f64>| {
        let length = u.norm_l2();
        if length > 0.0 {
            *u *= faer::Scale(1.0 / length);
        }
        length
    };
    let beta = normalised(&mut u);
    let mut v = adjoint(&u);
    let alpha = norm(&v);
    if alpha == 0.0 || beta == 0.0 {
        return (vec![0.0; v.len()], 0);
    }
    v.iter_mut().for_each(|v| *v /= alpha);
    let mut state = Lsqr::new(v, alpha, beta);
    let floor = f64::EPSILON * alpha * beta;
    for iteration in 1..=MOST_ITERATIONS {
        u = apply(&state.v) - faer::Scale(state.alpha) * &u;
        let beta = normalised(&mut u);
        if state.advance(beta, adjoint(&u)) <= floor {
            return (state.y, iteration);
        }
    }
    (state.y, MOST_ITERATIONS)
}
