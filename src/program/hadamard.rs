//! The fast Hadamard transform.

use super::backward::Adjoints;
use super::rule::Rule;
use super::view::View;
use std::fmt;

/// `y = s H x` for each column: `H` n × n, n a power of two, `H[i, j] = (−1)^(number of bits that i
/// and j share)`. `s = 1/√n` makes it orthonormal. It always fills a fresh buffer.
///
/// Derivative: itself, as `H = Hᵀ`. Cost: `n (log₂ n + 1)` operations a column (Fino, Algazi 1976).
#[derive(Debug, Clone, Copy)]
pub struct HadamardTransform {
    /// s.
    pub scale: f64,
    /// x.
    pub x: View,
}

impl HadamardTransform {
    /// `s H x`.
    ///
    /// # Panics
    /// If the number of rows is not a power of two, or `x` is a batch.
    pub fn new(scale: f64, x: View) -> HadamardTransform {
        let fits = x.rows.is_power_of_two() && x.batch == 1;
        assert!(fits, "hadamard: {x} has not a power of two rows");
        HadamardTransform { scale, x }
    }
}

impl Rule for HadamardTransform {
    fn shape(&self) -> [usize; 3] {
        self.x.shape()
    }

    fn operands(&self) -> Vec<View> {
        vec![self.x]
    }

    fn differentiate(&self, dy: View, adjoints: &mut Adjoints<'_>) {
        adjoints.add(self.x, || HadamardTransform::new(self.scale, dy));
    }

    fn flops(&self) -> u64 {
        self.x.entries() as u64 * (u64::from(self.x.rows.ilog2()) + 1)
    }

    fn roundings(&self) -> usize {
        self.x.rows.ilog2() as usize + 1
    }
}

impl fmt::Display for HadamardTransform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hadamard {} {}", self.scale, self.x)
    }
}
