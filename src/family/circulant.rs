//! Block-circulant matrices: square blocks, each circulant (Ding et al. 2017, "CirCNN").
//!
//! For a budget the nearest member is that of the best order: blocks of order b have about m n / b parameters. One block of
//! order max(m, n), cut to m × n, is the plain circulant. The best value of a parameter is the mean over its wrapped diagonal.

use super::projection::grid::{self, Tie};
use super::projection::{Choice, FamilyKind, Projection, Search};
use super::terms::{BasisFamily, Terms, forms};
use super::weight::{Draws, Initial, Slot, TrainedFamily, Weight, WeightError, WeightFamily};
use super::{Entry, Family};
use crate::operator::basis::{Basis, Place};
use crate::operator::{Circulant, Diagonal, Fixed, LinearOperator, Product};
use faer::{Mat, MatRef};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// The family.
pub const FAMILY: Family = Family {
    projection: Some(FamilyKind::BLOCK_CIRCULANT),
    terms: Some(BasisFamily::CIRCULANT),
    weight: Some(WeightFamily::of::<CirculantSettings>()),
    ..Family::NONE
};

impl FamilyKind {
    /// Square circulant blocks.
    pub const BLOCK_CIRCULANT: FamilyKind = Entry(&Projection {
        tag: "block-circulant",
        name: "block circulant",
        about: "Square circulant blocks",
        members: |w, budgets, _| grid::members(w, budgets, Tie::Circulant),
        operations: |m, n, budgets| grid::operations(m, n, budgets),
        search: Search::Exact,
        choice: Choice::Fixed,
    });
}

impl BasisFamily {
    /// Random circulants.
    pub const CIRCULANT: BasisFamily = Entry(&Terms {
        name: "circulant",
        about: "random circulants",
        basis: |set| {
            Ok(Box::new(CirculantTerms::new(
                set.rows,
                set.columns,
                set.count,
                set.place,
            )))
        },
        mean_square_norm: |rows, columns| rows * columns,
        most_terms: |rows, columns| rows.max(columns),
        is_isotropic: false,
        entries: None,
        sum: |set, scale| {
            let circulant = Circulant::new(set.rows, set.columns);
            Some(forms::normal_parameters(circulant, set, scale))
        },
    });
}

/// Returns the nearest matrix to `w` in circulant blocks of order `size`, those at the edges cut short.
///
/// # Panics
///
/// When `size` is 0.
pub fn approximation(w: MatRef<'_, f64>, size: usize) -> Mat<f64> {
    grid::approximation(w, size, Tie::Circulant)
}

/// `family = "circulant"`: the first rows and columns of a circulant of order `N = max(m, n)`, N parameters;
/// with `signs`, after a fixed random diagonal of signs (Cheng et al. 2015).
///
/// Every entry is a parameter: variance 1/n.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct CirculantSettings {
    /// Whether the inputs get random signs first.
    pub signs: bool,
    /// The initial law of the entries.
    pub initial: Initial,
}

impl TrainedFamily for CirculantSettings {
    const NAME: &'static str = "circulant";

    const EXAMPLES: &'static [&'static str] = &["", "signs = true"];

    fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError> {
        self.initial.check()?;
        let &Slot { rows, columns, .. } = slot;
        let circulant = Circulant::new(rows, columns);
        let stream = draws.initial(0);
        let initial = self
            .initial
            .draw(slot.fans(), |v| v, circulant.parameters(), stream);
        if !self.signs {
            return Ok(Weight::new(circulant, initial));
        }
        let mut signs = vec![0.0; columns];
        draws.entries(0, 0).signs(0, &mut signs);
        let signs = Fixed::new(Box::new(Diagonal::new(columns, columns)), signs);
        let product = Product::new(vec![Box::new(circulant), Box::new(signs)]);
        Ok(Weight::new(product, initial))
    }
}

/// Circulant terms: entry (i, j) is cₖ[(i - j) mod N] with N = max(m, n) standard normal numbers cₖ.
#[derive(Debug, Clone)]
pub struct CirculantTerms {
    rows: usize,
    columns: usize,
    /// The first columns, N × K.
    first: Mat<f64>,
}

impl CirculantTerms {
    /// `terms` terms of `rows` × `columns`.
    #[must_use]
    pub fn new(rows: usize, columns: usize, terms: usize, place: Place) -> CirculantTerms {
        let mut first = Mat::zeros(rows.max(columns), terms);
        for term in 0..terms {
            place.entries(term).normals(0, first.col_as_slice_mut(term));
        }
        CirculantTerms {
            rows,
            columns,
            first,
        }
    }

    fn period(&self) -> usize {
        self.rows.max(self.columns)
    }
}

impl Basis for CirculantTerms {
    fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    fn terms(&self) -> usize {
        self.first.ncols()
    }

    fn tile(&self, term: usize, rows: Range<usize>, columns: Range<usize>, out: &mut [f64]) {
        if rows.is_empty() {
            return;
        }
        let (first, period) = (self.first.col_as_slice(term), self.period());
        for (column, out) in columns.zip(out.chunks_exact_mut(rows.len())) {
            let start = (rows.start + period - column) % period;
            let head = out.len().min(period - start);
            out[..head].copy_from_slice(&first[start..start + head]);
            let rest = out.len() - head;
            out[head..].copy_from_slice(&first[..rest]);
        }
    }

    fn combine(&self, a: &[f64]) -> Mat<f64> {
        assert_eq!(a.len(), self.terms(), "combine: one coefficient a term");
        let period = self.period();
        let mut sum = vec![0.0; period];
        for (a, first) in a.iter().zip(self.first.col_iter()) {
            for (sum, x) in sum.iter_mut().zip(first.iter()) {
                *sum += a * x;
            }
        }
        Mat::from_fn(self.rows, self.columns, |i, j| {
            sum[(i + period - j) % period]
        })
    }

    fn correlate(&self, g: MatRef<'_, f64>) -> Vec<f64> {
        let period = self.period();
        let mut wrapped = vec![0.0; period];
        for (j, column) in g.col_iter().enumerate() {
            for (i, x) in column.iter().enumerate() {
                wrapped[(i + period - j) % period] += x;
            }
        }
        let of = |c: faer::ColRef<'_, f64>| c.iter().zip(&wrapped).map(|(x, y)| x * y).sum();
        self.first.col_iter().map(of).collect()
    }
}
