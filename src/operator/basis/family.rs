//! Families by name.

use super::{BASIS, Basis, Circulant, Dense, Diagonal, Fastfood, Image, Projection, RankOne, Srht};
use crate::random::Entries;
use serde::{Deserialize, Serialize};

/// Whose random numbers a basis draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Seed of all.
    pub seed: u64,
    /// Which layer.
    pub layer: u64,
    /// Which factor of the product.
    pub factor: u64,
}

impl Place {
    /// The path of term `term`.
    #[must_use]
    pub fn path(self, term: usize) -> [u64; 4] {
        [BASIS, self.layer, self.factor, term as u64]
    }

    /// The numbers of term `term`.
    #[must_use]
    pub fn entries(self, term: usize) -> Entries {
        Entries::new(self.seed, &self.path(term))
    }
}

/// A family of fixed matrices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// [`Dense::gaussian`].
    Gaussian,
    /// [`Dense::rademacher`].
    Rademacher,
    /// [`RankOne`].
    RankOne,
    /// [`Projection::dct`].
    Dct,
    /// [`Projection::pixels`].
    Pixels,
    /// [`Projection::gaussian`].
    Projection,
    /// [`Diagonal`].
    Diagonal,
    /// [`Circulant`].
    Circulant,
    /// [`Fastfood`].
    Fastfood,
    /// [`Srht`].
    Srht,
}

/// Why a family cannot be made.
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

impl Family {
    /// All of them.
    pub const ALL: [Family; 10] = [
        Family::Gaussian,
        Family::Rademacher,
        Family::RankOne,
        Family::Dct,
        Family::Pixels,
        Family::Projection,
        Family::Diagonal,
        Family::Circulant,
        Family::Fastfood,
        Family::Srht,
    ];

    /// Its name on the command line and in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Family::Gaussian => "gaussian",
            Family::Rademacher => "rademacher",
            Family::RankOne => "rank-one",
            Family::Dct => "dct",
            Family::Pixels => "pixels",
            Family::Projection => "projection",
            Family::Diagonal => "diagonal",
            Family::Circulant => "circulant",
            Family::Fastfood => "fastfood",
            Family::Srht => "srht",
        }
    }

    /// What its terms are, in a few words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Family::Gaussian => "dense standard normal matrices",
            Family::Rademacher => "dense matrices of signs",
            Family::RankOne => "outer products of Gaussian vectors",
            Family::Dct => "cosines over the inputs as images, lowest frequencies first",
            Family::Pixels => "single inputs in random order",
            Family::Projection => "Gaussian projections of the inputs",
            Family::Diagonal => "random diagonals",
            Family::Circulant => "random circulants",
            Family::Fastfood => "Hadamard, diagonal and permutation products",
            Family::Srht => "rows of a random orthonormal Hadamard transform of the entries",
        }
    }

    /// Whether a sum of such terms explains the same share of any matrix on the mean, Σ K / m n, so that
    /// it cannot tell one place or direction from another.
    #[must_use]
    pub fn is_isotropic(self) -> bool {
        match self {
            Family::Gaussian
            | Family::Rademacher
            | Family::RankOne
            | Family::Projection
            | Family::Fastfood
            | Family::Srht => true,
            Family::Dct | Family::Pixels | Family::Diagonal | Family::Circulant => false,
        }
    }

    /// Most linearly independent terms of this shape.
    #[must_use]
    pub fn most_terms(self, rows: usize, columns: usize) -> usize {
        match self {
            Family::Diagonal => rows.min(columns),
            Family::Circulant => rows.max(columns),
            _ => rows * columns,
        }
    }

    /// The first `terms` terms of `rows` × `columns`. `image` is the size of the images that the
    /// columns are, one row of pixels without it; only [`Family::Dct`] asks.
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
        let most = self.most_terms(rows, columns);
        if terms > most {
            return Err(FamilyError::TooManyTerms {
                family: self.name(),
                terms,
                most,
                rows,
                columns,
            });
        }
        Ok(match self {
            Family::Gaussian => Box::new(Dense::gaussian(rows, columns, terms, place)),
            Family::Rademacher => Box::new(Dense::rademacher(rows, columns, terms, place)),
            Family::RankOne => Box::new(RankOne::new(rows, columns, terms, place)),
            Family::Dct => {
                let image = image.unwrap_or(Image {
                    height: 1,
                    width: columns,
                });
                if image.height.checked_mul(image.width) != Some(columns) {
                    return Err(FamilyError::Image {
                        height: image.height,
                        width: image.width,
                        columns,
                    });
                }
                Box::new(Projection::dct(rows, image, terms))
            }
            Family::Pixels => Box::new(Projection::pixels(rows, columns, terms, place)),
            Family::Projection => Box::new(Projection::gaussian(rows, columns, terms, place)),
            Family::Diagonal => Box::new(Diagonal::new(rows, columns, terms, place)),
            Family::Circulant => Box::new(Circulant::new(rows, columns, terms, place)),
            Family::Fastfood => Box::new(Fastfood::new(rows, columns, terms, place)),
            Family::Srht => Box::new(Srht::new(rows, columns, terms, place)),
        })
    }
}
