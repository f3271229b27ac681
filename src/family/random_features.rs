//! Trained coefficients of Gaussian projections of the inputs.

use super::terms::{BasisFamily, FamilyError, TermSet, Terms, forms};
use super::{Entry, Family};
use crate::operator::basis::{Basis, Projection};

/// The family.
pub const FAMILY: Family = Family {
    terms: Some(BasisFamily::PROJECTION),
    ..Family::NONE
};

impl BasisFamily {
    /// Gaussian projections of the inputs.
    pub const PROJECTION: BasisFamily = Entry(&Terms {
        name: "projection",
        about: "Gaussian projections of the inputs",
        basis,
        mean_square_norm: |_, columns| columns,
        most_terms: |rows, columns| rows * columns,
        is_isotropic: true,
        entries: None,
        sum: |set, scale| Some(forms::features(&*basis(set).ok()?, scale)),
    });
}

fn basis(set: &TermSet) -> Result<Box<dyn Basis>, FamilyError> {
    Ok(Box::new(Projection::gaussian(
        set.rows,
        set.columns,
        set.count,
        set.place,
    )))
}
