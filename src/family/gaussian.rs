//! Dense matrices of standard normal entries.

use super::ensemble::{Ensemble, GaussianSketch, Moments, Sketching};
use super::terms::{BasisFamily, Terms, forms};
use super::{Entry, Family};
use crate::operator::basis::Dense;
use crate::random::Distribution;
use std::sync::Arc;

/// The family.
pub const FAMILY: Family = Family {
    terms: Some(BasisFamily::GAUSSIAN),
    sketching: Some(Ensemble::GAUSSIAN),
    ..Family::NONE
};

impl BasisFamily {
    /// Dense standard normal matrices.
    pub const GAUSSIAN: BasisFamily = Entry(&Terms {
        name: "gaussian",
        about: "dense standard normal matrices",
        basis: |set| {
            Ok(Box::new(Dense::gaussian(
                set.rows,
                set.columns,
                set.count,
                set.place,
            )))
        },
        mean_square_norm: |rows, columns| rows * columns,
        most_terms: |rows, columns| rows * columns,
        is_isotropic: true,
        entries: Some(Distribution::Normal),
        sum: |set, scale| Some(forms::generated(set, Distribution::Normal, scale)),
    });
}

impl Ensemble {
    /// Independent normal entries of variance 1/k.
    pub const GAUSSIAN: Ensemble = Entry(&Sketching {
        name: "gaussian",
        about: "Independent normal entries",
        // A sum of k products of independent numbers over k has variance 1/k, and normal squares have variance 2.
        moments: |k, _| Moments {
            off_diagonal: 1.0 / k as f64,
            diagonal: 2.0 / k as f64,
        },
        operations: |k, d| k.saturating_mul(d),
        draw: |[k, d], entries, _| Arc::new(GaussianSketch::new(k, d, entries)),
        most_rows: |_| usize::MAX,
        entries: Some(GaussianSketch::normals),
        has_bounds: false,
        is_sparse: false,
    });
}
