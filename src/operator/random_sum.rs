//! A weighted sum of random matrices that are never stored.

use super::LinearOperator;
use crate::program::{Gemm, Generated, GeneratedSum, Record, View};
use crate::random::Entries;
use faer::Mat;
use std::fmt;

/// `A = Σₖ pₖ Gₖ` with the dense random matrices of a [`Generated`].
///
/// Cost: `2 K m n` operations and `K m n` draws once, and `2 m n` operations a sample.
#[derive(Debug, Clone)]
pub struct RandomSum {
    matrices: Generated,
}

impl RandomSum {
    /// The sum of `matrices`, a parameter each.
    pub fn new(matrices: Generated) -> RandomSum {
        RandomSum { matrices }
    }
}

impl LinearOperator for RandomSum {
    fn shape(&self) -> (usize, usize) {
        (self.matrices.rows, self.matrices.columns)
    }

    fn parameters(&self) -> usize {
        self.matrices.terms
    }

    fn emit(&self, record: &mut Record, parameters: View, x: View, y: View) {
        let a = record.push(GeneratedSum::new(self.matrices, parameters));
        record.add(y, Gemm::new(1.0, a, x));
    }

    fn dense(&self, parameters: &[f64]) -> Mat<f64> {
        let Generated {
            law,
            seed,
            path: [what, layer, factor],
            scale,
            ..
        } = self.matrices;
        let (m, n) = self.shape();
        let mut a = Mat::zeros(m, n);
        for (k, p) in parameters.iter().enumerate() {
            let entries = Entries::new(seed, &[what, layer, factor, k as u64]);
            let mut drawn = vec![0.0; m * n];
            law.fill(&entries, 0, &mut drawn);
            a += Mat::from_fn(m, n, |i, j| p * scale * drawn[i + j * m]);
        }
        a
    }
}

impl fmt::Display for RandomSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Generated {
            law,
            rows,
            columns,
            terms,
            ..
        } = self.matrices;
        write!(f, "random({rows}×{columns}, {terms} {law})")
    }
}
