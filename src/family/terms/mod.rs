//! Fixed terms of a family, of which `fit-basis` and products of sums make weighted sums.

pub(super) mod forms;
#[cfg(test)]
mod tests;

use super::{Ability, Entry};
use crate::operator::LinearOperator;
use crate::operator::basis::{Basis, Image, Place};
use crate::random::Distribution;

/// The first terms of a family in one factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TermSet {
    /// Rows of a term.
    pub rows: usize,
    /// Columns of a term.
    pub columns: usize,
    /// How many terms.
    pub count: usize,
    /// Size of the images that the columns are.
    pub image: Option<Image>,
    /// Key of their random numbers.
    pub place: Place,
}

/// Makes the terms, of which there are no more than there are independent ones.
type MakeBasis = fn(&TermSet) -> Result<Box<dyn Basis>, FamilyError>;

/// The ability of a family to give fixed matrices from a seed.
pub struct Terms {
    /// The name on the command line, in recipes and in files.
    pub name: &'static str,
    /// Says in a few words what its terms are.
    pub about: &'static str,
    /// Makes the terms, of which there are no more than there are independent ones.
    pub basis: MakeBasis,
    /// Returns the mean square norm of a term of so many rows and columns.
    pub mean_square_norm: fn(f64, f64) -> f64,
    /// Returns the most linearly independent terms of so many rows and columns.
    pub most_terms: fn(usize, usize) -> usize,
    /// Whether a sum of such terms explains the same share of any matrix on the mean, Σ K / m n, so that it cannot tell one
    /// place or direction from another.
    pub is_isotropic: bool,
    /// The distribution of the entries where they are independent, so that any executor can generate them.
    pub entries: Option<Distribution>,
    /// Makes a multiple of the weighted sum, a parameter a term, in a form that does not store every term; `None` where
    /// there is no such form.
    pub sum: fn(&TermSet, f64) -> Option<Box<dyn LinearOperator>>,
}

impl Ability for Terms {
    fn tag(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }
}

/// Why a family's terms cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FamilyError {
    /// More terms than are linearly independent.
    #[error(
        "{family} has at most {most} independent terms of {rows} × {columns}, not {terms}; give fewer"
    )]
    TooManyTerms {
        /// The family's name.
        family: &'static str,
        /// Terms asked for.
        terms: usize,
        /// Most there are.
        most: usize,
        /// Rows of a term.
        rows: usize,
        /// Columns of a term.
        columns: usize,
    },
    /// Images of another size than the factor's inputs.
    #[error(
        "images of {height} × {width} are not the {columns} columns of a factor; give images of another size"
    )]
    Image {
        /// Height asked for.
        height: usize,
        /// Width asked for.
        width: usize,
        /// Columns of the factor.
        columns: usize,
    },
}

/// A family with [`Terms`].
pub type BasisFamily = Entry<Terms>;

impl BasisFamily {
    /// Makes the first `terms` terms of `rows` × `columns`. `image` is the size of the images that the
    /// columns are, one row of pixels without it.
    ///
    /// # Errors
    ///
    /// [`FamilyError`].
    pub fn build(
        self,
        (rows, columns): (usize, usize),
        terms: usize,
        image: Option<Image>,
        place: Place,
    ) -> Result<Box<dyn Basis>, FamilyError> {
        let most = (self.most_terms)(rows, columns);
        if terms > most {
            return Err(FamilyError::TooManyTerms {
                family: self.name,
                terms,
                most,
                rows,
                columns,
            });
        }
        (self.basis)(&TermSet {
            rows,
            columns,
            count: terms,
            image,
            place,
        })
    }
}
