//! Low rank by what is known about a layer.

use super::{KFac, Moment, Whitened};
use crate::linalg::algebra::{product, thin_svd};
use faer::{Mat, MatRef};

/// The nearest matrices of each rank.
#[derive(Debug, Clone)]
pub enum LowRank {
    /// Fits weighted by the moment of the inputs.
    Inputs(Whitened),
    /// Fits weighted by the moments of inputs and gradients.
    Loss(KFac),
}

impl LowRank {
    /// Decomposes `w`, m × n, with the moment of its inputs and, where it is known, that of the gradients at its outputs.
    #[must_use]
    pub fn new(w: MatRef<'_, f64>, moment: &Moment, gradients: Option<MatRef<'_, f64>>) -> LowRank {
        match gradients {
            None => LowRank::Inputs(Whitened::new(w, moment)),
            Some(gradients) => LowRank::Loss(KFac::new(w, moment, gradients)),
        }
    }

    /// Returns factors `A`, m × rank, and `B`, rank × n, whose product is the nearest matrix of this rank.
    #[must_use]
    pub fn factors(&self, w: MatRef<'_, f64>, rank: usize) -> (Mat<f64>, Mat<f64>) {
        match self {
            LowRank::Inputs(fit) => fit.factors(w, rank),
            LowRank::Loss(fit) => fit.factors(rank),
        }
    }
}

/// Returns factors of the same product, each with the square roots of its singular values: gradients of both are then of one
/// size. `A` is m × r, `B` r × n, r at most m and n.
#[must_use]
pub fn balanced(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> (Mat<f64>, Mat<f64>) {
    let (ua, sa, va) = thin_svd(a);
    let (ub, sb, vb) = thin_svd(b);
    let r = a.ncols();
    let core = product(va.as_ref().transpose(), ub.as_ref());
    let core = Mat::from_fn(r, r, |i, j| sa[i] * core[(i, j)] * sb[j]);
    let (u, s, v) = thin_svd(core.as_ref());
    let roots: Vec<f64> = s.iter().map(|s| s.sqrt()).collect();
    let left = Mat::from_fn(r, r, |i, j| u[(i, j)] * roots[j]);
    let right = Mat::from_fn(r, r, |i, j| roots[i] * v[(j, i)]);
    (
        product(ua.as_ref(), left.as_ref()),
        product(right.as_ref(), vb.as_ref().transpose()),
    )
}

#[cfg(test)]
mod tests {
    use super::balanced;
    use crate::linalg::algebra::product;
    use crate::random::Stream;
    use faer::Mat;

    /// Would catch another product, and factors of unequal size: AᵀA and BBᵀ are the same diagonal matrix.
    #[test]
    fn balanced_factors_have_one_size_and_the_same_product() {
        let mut stream = Stream::new(6, &[1]);
        for (m, n, r) in [(9, 7, 3), (5, 8, 5), (4, 4, 1)] {
            let a = Mat::from_fn(m, r, |_, j| 100.0 * stream.normal() / (j + 1) as f64);
            let b = Mat::from_fn(r, n, |_, _| stream.normal());
            let (left, right) = balanced(a.as_ref(), b.as_ref());
            let (before, after) = (
                product(a.as_ref(), b.as_ref()),
                product(left.as_ref(), right.as_ref()),
            );
            let far = Mat::from_fn(m, n, |i, j| before[(i, j)] - after[(i, j)]).norm_max();
            assert!(far < 1e-12 * before.norm_max(), "{far}");
            let (one, other) = (
                product(left.as_ref().transpose(), left.as_ref()),
                product(right.as_ref(), right.as_ref().transpose()),
            );
            for i in 0..r {
                for j in 0..r {
                    let scale = 1e-12 * one[(0, 0)];
                    assert!((one[(i, j)] - other[(i, j)]).abs() < scale);
                    assert!(i == j || one[(i, j)].abs() < scale);
                }
            }
        }
    }
}
