//! Fastfood and McKernel features.

use super::terms::{BasisFamily, Terms};
use super::weight::positive;
use super::weight::{Draws, Slot, TrainedFamily, Weight, WeightError, WeightFamily};
use super::{Entry, Family};
use crate::operator::basis;
use crate::operator::{
    Diagonal, Fixed, Hadamard, LinearOperator, Product, Scaled, Selection, Stacked,
};
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

/// The family.
pub const FAMILY: Family = Family {
    terms: Some(BasisFamily::FASTFOOD),
    weight: Some(WeightFamily::of::<FastfoodSettings>()),
    ..Family::NONE
};

impl BasisFamily {
    /// Hadamard, diagonal and permutation products.
    pub const FASTFOOD: BasisFamily = Entry(&Terms {
        name: "fastfood",
        about: "Hadamard, diagonal and permutation products",
        basis: |set| {
            Ok(Box::new(basis::Fastfood::new(
                set.rows,
                set.columns,
                set.count,
                set.place,
            )))
        },
        mean_square_norm: |rows, columns| rows * columns,
        most_terms: |rows, columns| rows * columns,
        is_isotropic: true,
        entries: None,
        sum: |_, _| None,
    });
}

/// `family = "fastfood"`: `Z = (1/σ√N) C H G Π H B`, N the power of two from n on, H the Hadamard matrix of ±1, B
/// signs, G normal, Π a permutation, C lengths; more than N outputs by independent copies stacked, the
/// last cut (Le, Sarlós, Smola 2013; McKernel: Curtó et al. 2017).
///
/// Each diagonal is fixed or trained from where it starts: parameters of a copy of r rows are r (C), N (G) and n (B)
/// of those that are trained, in this order, copy by copy. Entries have variance 1/σ². With cosines and sines
/// after it, it has the features of the radial kernel of width σ. Cost: `2 N log₂ N` operations a copy and sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct FastfoodSettings {
    /// Which diagonals are trained.
    pub trained: Vec<Trained>,
    /// σ.
    pub sigma: Sigma,
    /// What C starts as.
    pub lengths: Lengths,
}

impl Default for FastfoodSettings {
    fn default() -> FastfoodSettings {
        FastfoodSettings {
            trained: vec![Trained::C, Trained::G, Trained::B],
            sigma: Sigma::Named(FanIn::FanIn),
            lengths: Lengths::Chi,
        }
    }
}

/// A diagonal of Fastfood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trained {
    /// Lengths of the rows.
    C,
    /// The normal numbers.
    G,
    /// The signs.
    B,
}

/// The width of the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a number, or \"fan-in\"")]
pub enum Sigma {
    /// By name.
    Named(FanIn),
    /// A number.
    Number(f64),
}

/// The width `√n`: entries of variance 1/n.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FanIn {
    /// √n.
    FanIn,
}

/// What the lengths start as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lengths {
    /// As those of the rows of a Gaussian matrix: chi with N degrees of freedom over ‖G‖.
    Chi,
    /// Ones: all rows are equally long.
    One,
}

impl TrainedFamily for FastfoodSettings {
    const NAME: &'static str = "fastfood";

    const EXAMPLES: &'static [&'static str] = &[
        "",
        "trained = ['g'], lengths = 'one', sigma = 'fan-in'",
        "trained = []",
    ];

    fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError> {
        let &Slot { rows, columns, .. } = slot;
        let sigma = match self.sigma {
            Sigma::Named(FanIn::FanIn) => (columns as f64).sqrt(),
            Sigma::Number(sigma) => sigma,
        };
        positive("sigma", sigma)?;
        let order = columns.next_power_of_two();
        let mut initial = Vec::new();
        let mut copies: Vec<Box<dyn LinearOperator>> = Vec::new();
        for start in (0..rows).step_by(order) {
            let height = order.min(rows - start);
            copies.push(self.copy(height, columns, draws, copies.len(), &mut initial));
        }
        // the two transforms of the operator are orthonormal
        let scale = (order as f64).sqrt() / sigma;
        let stacked = Scaled::new(scale, Box::new(Stacked::new(copies)));
        Ok(Weight::new(stacked, initial))
    }
}

impl FastfoodSettings {
    /// `C H G Π H B` with orthonormal H; trained diagonals go to `initial`.
    fn copy(
        &self,
        rows: usize,
        columns: usize,
        draws: Draws,
        number: usize,
        initial: &mut Vec<f64>,
    ) -> Box<dyn LinearOperator> {
        let order = columns.next_power_of_two();
        let (mut gains, mut signs) = (vec![0.0; order], vec![0.0; columns]);
        draws.entries(0, number).normals(0, &mut gains);
        draws.entries(1, number).signs(0, &mut signs);
        let lengths = match self.lengths {
            Lengths::One => vec![1.0; rows],
            Lengths::Chi => {
                let norm = gains.iter().map(|g| g * g).sum::<f64>().sqrt();
                let mut stream = draws.stream(2, number);
                (0..rows).map(|_| stream.chi(order) / norm).collect()
            }
        };
        let mut permutation: Vec<usize> = (0..order).collect();
        permutation.shuffle(&mut draws.stream(3, number));
        let mut diagonal = |which: Trained, values: Vec<f64>| -> Box<dyn LinearOperator> {
            let diagonal = Box::new(Diagonal::new(values.len(), values.len()));
            if !self.trained.contains(&which) {
                return Box::new(Fixed::new(diagonal, values));
            }
            initial.extend(values);
            diagonal
        };
        Box::new(Product::in_sequence(vec![
            diagonal(Trained::C, lengths),
            Box::new(Hadamard::new(rows, order)),
            diagonal(Trained::G, gains),
            Box::new(Selection::new(permutation, order)),
            Box::new(Hadamard::new(order, columns)),
            diagonal(Trained::B, signs),
        ]))
    }
}
