//! One parameter an output.

use super::terms::{BasisFamily, Terms, forms};
use super::weight::{Draws, Initial, Slot, TrainedFamily, Weight, WeightError, WeightFamily};
use super::{Entry, Family};
use crate::operator::Diagonal;
use crate::operator::basis::{Basis, Place};
use crate::operator::recipes;
use faer::{Mat, MatRef};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// The family.
pub const FAMILY: Family = Family {
    terms: Some(BasisFamily::DIAGONAL),
    weight: Some(WeightFamily::of::<DiagonalSettings>()),
    ..Family::NONE
};

impl BasisFamily {
    /// Random diagonals.
    pub const DIAGONAL: BasisFamily = Entry(&Terms {
        name: "diagonal",
        about: "random diagonals",
        basis: |set| {
            Ok(Box::new(DiagonalTerms::new(
                set.rows,
                set.columns,
                set.count,
                set.place,
            )))
        },
        mean_square_norm: |rows, columns| rows.min(columns),
        most_terms: |rows, columns| rows.min(columns),
        is_isotropic: false,
        entries: None,
        sum: |set, scale| {
            let diagonal = Diagonal::new(set.rows, set.columns);
            Some(forms::normal_parameters(diagonal, set, scale))
        },
    });
}

/// `family = "diagonal"`: `y = c ∘ x`, to more outputs by ⌈m/n⌉ diagonals stacked, the last cut, to fewer by
/// leaving the last inputs out; m parameters.
///
/// An output sees one input, so its fan-in is 1: uniform of variance 1.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct DiagonalSettings {
    /// The initial law of the numbers on the diagonals.
    pub initial: Initial,
}

impl TrainedFamily for DiagonalSettings {
    const NAME: &'static str = "diagonal";

    const EXAMPLES: &'static [&'static str] = &[""];

    fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError> {
        self.initial.check()?;
        let &Slot { rows, columns, .. } = slot;
        let variance = |v: f64| v * columns as f64;
        let initial = self
            .initial
            .draw(slot.fans(), variance, rows, draws.initial(0));
        Ok(Weight::new(
            recipes::stacked_diagonals(rows, columns),
            initial,
        ))
    }
}

/// Diagonal terms, min(m, n) standard normal numbers each.
#[derive(Debug, Clone)]
pub struct DiagonalTerms {
    rows: usize,
    columns: usize,
    /// The diagonals, min(m, n) × K.
    diagonals: Mat<f64>,
}

impl DiagonalTerms {
    /// `terms` terms of `rows` × `columns`.
    #[must_use]
    pub fn new(rows: usize, columns: usize, terms: usize, place: Place) -> DiagonalTerms {
        let mut diagonals = Mat::zeros(rows.min(columns), terms);
        for term in 0..terms {
            place
                .entries(term)
                .normals(0, diagonals.col_as_slice_mut(term));
        }
        DiagonalTerms {
            rows,
            columns,
            diagonals,
        }
    }

    fn scaled(&self, height: usize, right: MatRef<'_, f64>) -> Mat<f64> {
        let q = right.ncols();
        let mut out = Mat::zeros(height, self.terms() * q);
        for (term, diagonal) in self.diagonals.col_iter().enumerate() {
            for column in 0..q {
                for (i, d) in diagonal.iter().enumerate() {
                    out[(i, term * q + column)] = d * right[(i, column)];
                }
            }
        }
        out
    }
}

impl Basis for DiagonalTerms {
    fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    fn terms(&self) -> usize {
        self.diagonals.ncols()
    }

    fn tile(&self, term: usize, rows: Range<usize>, columns: Range<usize>, out: &mut [f64]) {
        out.fill(0.0);
        for (column, out) in columns.zip(out.chunks_exact_mut(rows.len().max(1))) {
            if rows.contains(&column) {
                out[column - rows.start] = self.diagonals[(column, term)];
            }
        }
    }

    fn correlate(&self, g: MatRef<'_, f64>) -> Vec<f64> {
        let diagonal: Vec<f64> = (0..self.diagonals.nrows()).map(|i| g[(i, i)]).collect();
        let of = |d: faer::ColRef<'_, f64>| d.iter().zip(&diagonal).map(|(x, y)| x * y).sum();
        self.diagonals.col_iter().map(of).collect()
    }

    fn products(&self, right: MatRef<'_, f64>) -> Mat<f64> {
        self.scaled(self.rows, right)
    }

    fn adjoint_products(&self, right: MatRef<'_, f64>) -> Mat<f64> {
        self.scaled(self.columns, right)
    }
}
