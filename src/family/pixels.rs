//! Matrices that read single inputs.

use super::terms::{BasisFamily, FamilyError, TermSet, Terms, forms};
use super::{Entry, Family};
use crate::operator::basis::{Basis, Projection};

/// The family.
pub const FAMILY: Family = Family {
    terms: Some(BasisFamily::PIXELS),
    ..Family::NONE
};

impl BasisFamily {
    /// Single inputs in random order.
    pub const PIXELS: BasisFamily = Entry(&Terms {
        name: "pixels",
        about: "single inputs in random order",
        basis,
        mean_square_norm: |_, _| 1.0,
        most_terms: |rows, columns| rows * columns,
        is_isotropic: false,
        entries: None,
        sum: |set, scale| Some(forms::features(&*basis(set).ok()?, scale)),
    });
}

fn basis(set: &TermSet) -> Result<Box<dyn Basis>, FamilyError> {
    Ok(Box::new(Projection::pixels(
        set.rows,
        set.columns,
        set.count,
        set.place,
    )))
}
