//! Dense matrices of signs.

use super::ensemble::{Ensemble, Moments, SignSketch, Sketching};
use super::terms::{BasisFamily, Terms, forms};
use super::{Entry, Family};
use crate::operator::basis::Dense;
use crate::random::Distribution;
use std::sync::Arc;

/// The family.
pub const FAMILY: Family = Family {
    terms: Some(BasisFamily::RADEMACHER),
    sketching: Some(Ensemble::SIGN),
    ..Family::NONE
};

impl BasisFamily {
    /// Dense matrices of signs.
    pub const RADEMACHER: BasisFamily = Entry(&Terms {
        name: "rademacher",
        about: "dense matrices of signs",
        basis: |set| {
            Ok(Box::new(Dense::rademacher(
                set.rows,
                set.columns,
                set.count,
                set.place,
            )))
        },
        mean_square_norm: |rows, columns| rows * columns,
        most_terms: |rows, columns| rows * columns,
        is_isotropic: true,
        entries: Some(Distribution::Sign),
        sum: |set, scale| Some(forms::generated(set, Distribution::Sign, scale)),
    });
}

impl Ensemble {
    /// Independent signs over √k.
    pub const SIGN: Ensemble = Entry(&Sketching {
        name: "sign",
        about: "Independent signs; the published bounds are theirs",
        // A sum of k products of independent signs over k has variance 1/k; signs square to 1, so the diagonal is fixed.
        moments: |k, _| Moments {
            off_diagonal: 1.0 / k as f64,
            diagonal: 0.0,
        },
        operations: |k, d| k.saturating_mul(d),
        draw: |[k, d], entries, _| Arc::new(SignSketch::new(k, d, entries)),
        most_rows: |_| usize::MAX,
        entries: Some(SignSketch::signs),
        has_bounds: true,
        is_sparse: false,
    });
}
