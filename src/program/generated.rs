//! Sums of random matrices that are never stored, and inner products with them.

use super::backward::Adjoints;
use super::rule::{Rule, twice};
use super::view::View;
use crate::random::Distribution;
use std::fmt;

/// The matrices `G₀ … G_{K-1}`, each `rows × columns` with independent entries.
///
/// Entry `(i, j)` of `Gₖ` is `scale` times number `i + j·rows` of the sequence that `seed` and the
/// path `(path, k)` name in the `random` module; so every machine has the same matrices.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Generated {
    /// Distribution of the entries before scaling.
    pub law: Distribution,
    /// Seed of the generator.
    pub seed: u64,
    /// All but the last number of the path: what is drawn, the layer, the factor.
    pub path: [u64; 3],
    /// Rows of each matrix.
    pub rows: usize,
    /// Columns of each matrix.
    pub columns: usize,
    /// Number K of matrices.
    pub terms: usize,
    /// The factor of every entry.
    pub scale: f64,
}

impl Generated {
    fn entries(&self) -> [usize; 3] {
        [self.rows, self.columns, self.terms]
    }
}

impl fmt::Display for Generated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [rows, columns, terms] = self.entries();
        let (law, scale) = (self.law, self.scale);
        let (seed, path) = (self.seed, self.path);
        write!(
            f,
            "{terms} {law} {rows}×{columns} of {seed} {path:?} by {scale}"
        )
    }
}

/// `A = Σₖ aₖ Gₖ`: coefficients K × 1, result `rows × columns`.
///
/// Derivative: `daₖ = ⟨Gₖ, dA⟩`, [`GeneratedProducts`]. Cost: `2 K rows columns` operations and
/// `K rows columns` draws, whatever the number of samples.
#[derive(Debug, Clone, Copy)]
pub struct GeneratedSum {
    /// The matrices.
    pub matrices: Generated,
    /// The coefficients a.
    pub coefficients: View,
}

impl GeneratedSum {
    /// `Σₖ aₖ Gₖ`.
    ///
    /// # Panics
    /// If `coefficients` is not K × 1.
    pub fn new(matrices: Generated, coefficients: View) -> GeneratedSum {
        let fits = coefficients.shape() == [matrices.terms, 1, 1];
        assert!(fits, "generated sum: {coefficients} for {matrices}");
        GeneratedSum {
            matrices,
            coefficients,
        }
    }
}

impl Rule for GeneratedSum {
    fn shape(&self) -> [usize; 3] {
        [self.matrices.rows, self.matrices.columns, 1]
    }

    fn operands(&self) -> Vec<View> {
        vec![self.coefficients]
    }

    fn differentiate(&self, dy: View, adjoints: &mut Adjoints<'_>) {
        adjoints.add(self.coefficients, || {
            GeneratedProducts::new(self.matrices, dy)
        });
    }

    fn flops(&self) -> u64 {
        twice(self.matrices.entries())
    }

    fn draws(&self) -> u64 {
        twice(self.matrices.entries()) / 2
    }

    fn roundings(&self) -> usize {
        self.matrices.terms + 1
    }
}

impl fmt::Display for GeneratedSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sum of {} with {}", self.matrices, self.coefficients)
    }
}

/// `gₖ = ⟨Gₖ, D⟩ = Σᵢⱼ Gₖ[i, j] D[i, j]`: `D` `rows × columns`, result K × 1.
///
/// Derivative: `dD = Σₖ dgₖ Gₖ`, [`GeneratedSum`]. Cost as there.
#[derive(Debug, Clone, Copy)]
pub struct GeneratedProducts {
    /// The matrices.
    pub matrices: Generated,
    /// D.
    pub d: View,
}

impl GeneratedProducts {
    /// `⟨Gₖ, D⟩` for all k.
    ///
    /// # Panics
    /// If `d` has not the shape of the matrices.
    pub fn new(matrices: Generated, d: View) -> GeneratedProducts {
        let fits = d.shape() == [matrices.rows, matrices.columns, 1];
        assert!(fits, "generated products: {d} for {matrices}");
        GeneratedProducts { matrices, d }
    }
}

impl Rule for GeneratedProducts {
    fn shape(&self) -> [usize; 3] {
        [self.matrices.terms, 1, 1]
    }

    fn operands(&self) -> Vec<View> {
        vec![self.d]
    }

    fn differentiate(&self, dy: View, adjoints: &mut Adjoints<'_>) {
        adjoints.add(self.d, || GeneratedSum::new(self.matrices, dy));
    }

    fn flops(&self) -> u64 {
        twice(self.matrices.entries())
    }

    fn draws(&self) -> u64 {
        twice(self.matrices.entries()) / 2
    }

    fn roundings(&self) -> usize {
        self.matrices.rows * self.matrices.columns + 1
    }
}

impl fmt::Display for GeneratedProducts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "products of {} with {}", self.matrices, self.d)
    }
}
