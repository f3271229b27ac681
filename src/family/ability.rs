//! What a family can do.

use super::ensemble::Ensemble;
use super::projection::FamilyKind;
use super::terms::BasisFamily;
use super::weight::WeightFamily;

/// A family of structured matrices, by its abilities.
#[derive(Clone, Copy)]
pub struct Family {
    /// How its members near a given matrix are found.
    pub projection: Option<FamilyKind>,
    /// The fixed matrices from a seed that sums are made of.
    pub terms: Option<BasisFamily>,
    /// The law of its random sketches.
    pub sketching: Option<Ensemble>,
    /// How a trained weight of it is made.
    pub weight: Option<WeightFamily>,
}

impl Family {
    /// A family that can do nothing.
    pub const NONE: Family = Family {
        projection: None,
        terms: None,
        sketching: None,
        weight: None,
    };
}
