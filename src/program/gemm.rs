//! Strided, batched matrix products.

use super::backward::Adjoints;
use super::rule::{Rule, twice};
use super::view::View;
use std::fmt;

/// `C = α A B` for each matrix of a batch: `A` m × k, `B` k × n, `C` m × n.
///
/// Transposes and blocks are views. As in BLAS, the entries of each column or of each row of an
/// operand lie side by side and the columns (rows) do not overlap.
///
/// Derivative: `dA = α dC Bᵀ`, `dB = α Aᵀ dC`. Cost: `2 m n k` operations a matrix.
#[derive(Debug, Clone, Copy)]
pub struct Gemm {
    /// α.
    pub alpha: f64,
    /// A.
    pub a: View,
    /// B.
    pub b: View,
}

impl Gemm {
    /// `α A B`.
    ///
    /// # Panics
    /// If the inner sizes or the batches differ, or neither stride of an operand is one.
    pub fn new(alpha: f64, a: View, b: View) -> Gemm {
        let chain = a.columns == b.rows && a.batch == b.batch;
        assert!(chain, "gemm: {a} times {b}");
        for operand in [a, b] {
            let blas = operand.has_leading_dimension();
            assert!(blas, "gemm: {operand} has no contiguous rows or columns");
        }
        Gemm { alpha, a, b }
    }
}

impl Rule for Gemm {
    fn shape(&self) -> [usize; 3] {
        [self.a.rows, self.b.columns, self.a.batch]
    }

    fn operands(&self) -> Vec<View> {
        vec![self.a, self.b]
    }

    fn differentiate(&self, dy: View, adjoints: &mut Adjoints<'_>) {
        adjoints.add(self.a, || Gemm::new(self.alpha, dy, self.b.t()));
        adjoints.add(self.b, || Gemm::new(self.alpha, self.a.t(), dy));
    }

    fn flops(&self) -> u64 {
        self.a.batch as u64 * twice([self.a.rows, self.a.columns, self.b.columns])
    }

    fn roundings(&self) -> usize {
        self.a.columns + 1
    }
}

impl fmt::Display for Gemm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gemm {} {} {}", self.alpha, self.a, self.b)
    }
}
