//! Slow, obvious twins that the families' tests share.

use super::{Member, best};
use crate::linalg::algebra::energy;
use crate::random::Stream;
use faer::prelude::Solve;
use faer::{Mat, Side};
use std::collections::BTreeMap;

/// Normal entries about a mean, by the shape alone.
pub fn sample(m: usize, n: usize) -> Mat<f64> {
    seeded(m, n, 1)
}

pub fn seeded(m: usize, n: usize, seed: u64) -> Mat<f64> {
    let mut stream = Stream::new(seed, &[m as u64, n as u64]);
    Mat::from_fn(m, n, |_, _| stream.normal())
}

pub fn inner(a: &Mat<f64>, b: &Mat<f64>) -> f64 {
    let place = |j: usize| (0..a.nrows()).map(move |i| a[(i, j)] * b[(i, j)]);
    (0..a.ncols()).flat_map(place).sum()
}

pub fn distance(a: &Mat<f64>, b: &Mat<f64>) -> f64 {
    energy((a - b).as_ref()).sqrt()
}

/// One matrix of zeros and ones for each class that has an entry.
pub fn indicators(m: usize, n: usize, class: impl Fn(usize, usize) -> usize) -> Vec<Mat<f64>> {
    let mut all: BTreeMap<usize, Mat<f64>> = BTreeMap::new();
    for i in 0..m {
        for j in 0..n {
            let basis = all.entry(class(i, j)).or_insert_with(|| Mat::zeros(m, n));
            basis[(i, j)] = 1.0;
        }
    }
    all.into_values().collect()
}

/// `near` is the least-squares fit to `w` of `basis`, solved by the normal equations of a basis that
/// is well conditioned; and ‖W‖² = ‖Ŵ‖² + ‖W - Ŵ‖².
pub fn linear(w: &Mat<f64>, basis: &[Mat<f64>], near: &Mat<f64>) {
    let k = basis.len();
    let gram = Mat::from_fn(k, k, |a, b| inner(&basis[a], &basis[b]));
    let right = Mat::from_fn(k, 1, |a, _| inner(&basis[a], w));
    let solution = gram.llt(Side::Lower).expect("independent").solve(&right);
    let mut fit = Mat::zeros(w.nrows(), w.ncols());
    for (a, matrix) in basis.iter().enumerate() {
        fit += matrix * faer::Scale(solution[(a, 0)]);
    }
    let whole = energy(w.as_ref());
    let rounding = (w.nrows() * w.ncols()) as f64 * f64::EPSILON;
    let off = distance(&fit, near);
    assert!(off <= 10.0 * rounding * whole.sqrt(), "{off}");
    let parts = energy(near.as_ref()) + distance(w, near).powi(2);
    assert!(
        (parts - whole).abs() <= 10.0 * rounding * whole,
        "{parts} {whole}"
    );
}

/// A member's residual is the distance of its matrix.
pub fn residual(w: &Mat<f64>, near: &Mat<f64>, member: &Member) {
    let expected = distance(w, near) / energy(w.as_ref()).sqrt();
    let rounding = (w.nrows() * w.ncols()) as f64 * f64::EPSILON;
    let found = member.relative_residual;
    assert!((found - expected).abs() <= rounding, "{found} {expected}");
}

/// Within `budget` stands an exact member of so many parameters and degrees of freedom.
pub fn recovered(members: &[Member], budget: usize, parameters: usize, freedom: usize) {
    let found = best(members, budget, 1e-13).expect("a member within the budget");
    let residual = found.relative_residual;
    assert!(residual < 1e-13, "{residual} of {}", found.detail);
    assert_eq!(
        (found.parameters, found.degrees_of_freedom),
        (parameters, freedom)
    );
}

/// The mean of the numbers is `expected` within five standard errors.
pub fn mean_is(numbers: Vec<f64>, expected: f64) {
    let count = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    let variance = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let error = (variance / count).sqrt();
    assert!(
        (mean - expected).abs() < 5.0 * error,
        "{mean} ± {error}, not {expected}"
    );
}
