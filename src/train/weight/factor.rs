//! One factor of a product of sums.

use super::WeightError;
use crate::operator::basis::{Basis, Family, Gram, Image, Place, Residual};
use crate::operator::{
    Adjoint, BasisSum, Circulant, Dense, Diagonal, Fixed, LinearOperator, Link, Linked, Product,
    RandomSum, Scaled, Selection, Sum, Tied,
};
use crate::program::Generated;
use crate::random::Distribution;
use std::ops::Range;

/// Most numbers that the terms of a factor are stored in: 2 GiB.
const STORED: usize = 1 << 28;

/// `c Σₖ g(aₖ) Mₖ`, with the identity as M₁ where it is residual.
#[derive(Debug, Clone)]
pub(super) struct Factor {
    /// Which, from 0.
    pub number: usize,
    pub family: Family,
    pub rows: usize,
    pub columns: usize,
    /// Coefficients, an identity's too.
    pub terms: usize,
    pub residual: bool,
    /// g.
    pub link: Link,
    /// Gaussian and sign terms are kept in memory.
    pub stored: bool,
    pub image: Option<Image>,
    pub place: Place,
}

impl Factor {
    /// The share of the square norm that a residual sum starts with beside its identity.
    pub const BESIDE_IDENTITY: f64 = 0.01;

    /// Coefficients of the family's terms.
    fn own_terms(&self) -> usize {
        self.terms - usize::from(self.residual)
    }

    pub fn check(&self) -> Result<(), WeightError> {
        let &Factor { rows, columns, .. } = self;
        let identities = usize::from(self.residual);
        let most = self.family.most_terms(rows, columns) + identities;
        if self.terms <= identities || self.terms > most {
            return Err(WeightError::Terms {
                factor: self.number + 1,
                family: self.family.name(),
                terms: self.terms,
                most,
                rows,
                columns,
            });
        }
        Ok(())
    }

    /// c: the factor has the square norm m on the mean when the coefficients have variance 1/K, for every K.
    pub fn scale(&self) -> f64 {
        let (m, n) = (self.rows as f64, self.columns as f64);
        let mean_square_norm = match self.family {
            Family::Gaussian
            | Family::Rademacher
            | Family::RankOne
            | Family::Circulant
            | Family::Fastfood => m * n,
            Family::Projection => n,
            Family::Diagonal => m.min(n),
            Family::Dct | Family::Pixels | Family::Srht => 1.0,
        };
        (m / mean_square_norm).sqrt()
    }

    /// The value of the first coefficient of a residual sum: the identity has all of the square norm m but the share of the others.
    pub fn identity_start(&self) -> Vec<f64> {
        let norm = self.rows.min(self.columns) as f64;
        vec![((1.0 - Factor::BESIDE_IDENTITY) * self.rows as f64 / norm).sqrt()]
    }

    /// The terms themselves, without c.
    pub fn basis(&self) -> Box<dyn Basis> {
        let shape = (self.rows, self.columns);
        let basis = self
            .family
            .build(shape, self.own_terms(), self.image, self.place)
            .expect("as many terms and pixels as were checked");
        if self.residual {
            Box::new(Residual::new(basis))
        } else {
            basis
        }
    }

    /// The sum as an operator in the cheapest form of its family; a coefficient a parameter, in the order of
    /// the terms.
    pub fn operator(&self) -> Result<Box<dyn LinearOperator>, WeightError> {
        let sum = if self.residual {
            self.beside_identity(self.sum()?)
        } else {
            self.sum()?
        };
        Ok(match self.link {
            Link::Identity => sum,
            link => Box::new(Linked::new(sum, link.function())),
        })
    }

    /// The identity, its coefficient first, plus `sum`.
    fn beside_identity(&self, sum: Box<dyn LinearOperator>) -> Box<dyn LinearOperator> {
        let shorter = self.rows.min(self.columns);
        let ones = Fixed::new(Box::new(Dense::new(shorter, 1)), vec![1.0; shorter]);
        let diagonal = Diagonal::new(self.rows, self.columns);
        let identity = Tied::new(Box::new(diagonal), Box::new(ones));
        Box::new(Sum::new(vec![Box::new(identity), sum]))
    }

    fn sum(&self) -> Result<Box<dyn LinearOperator>, WeightError> {
        let &Factor { rows, columns, .. } = self;
        Ok(match self.family {
            Family::Gaussian | Family::Rademacher if self.stored => Box::new(self.kept()?),
            Family::Gaussian => Box::new(self.random(Distribution::Normal)),
            Family::Rademacher => Box::new(self.random(Distribution::Sign)),
            Family::RankOne => Box::new(self.rank_one()),
            Family::Dct | Family::Pixels | Family::Projection => self.features(),
            Family::Diagonal => {
                let diagonal = Diagonal::new(rows, columns);
                Box::new(Tied::new(
                    Box::new(diagonal),
                    self.numbers(rows.min(columns)),
                ))
            }
            Family::Circulant => {
                let circulant = Circulant::new(rows, columns);
                Box::new(Tied::new(
                    Box::new(circulant),
                    self.numbers(rows.max(columns)),
                ))
            }
            Family::Fastfood | Family::Srht => Box::new(self.kept()?),
        })
    }

    fn random(&self, law: Distribution) -> RandomSum {
        let [what, layer, factor, _] = self.place.path(0);
        RandomSum::new(Generated {
            law,
            seed: self.place.seed,
            path: [what, layer, factor],
            rows: self.rows,
            columns: self.columns,
            terms: self.own_terms(),
            scale: self.scale(),
        })
    }

    /// `U diag(a) Vᵀ`.
    fn rank_one(&self) -> Product {
        let &Factor { rows, columns, .. } = self;
        let terms = self.own_terms();
        let (mut left, mut right) = (vec![0.0; rows * terms], vec![0.0; columns * terms]);
        for term in 0..terms {
            let entries = self.place.entries(term);
            entries.normals(0, &mut left[term * rows..][..rows]);
            entries.normals(rows as u64, &mut right[term * columns..][..columns]);
        }
        let scale = self.scale();
        left.iter_mut().for_each(|x| *x *= scale);
        let right = Fixed::new(Box::new(Dense::new(columns, terms)), right);
        Product::new(vec![
            Box::new(Fixed::new(Box::new(Dense::new(rows, terms)), left)),
            Box::new(Diagonal::new(terms, terms)),
            Box::new(Adjoint::new(Box::new(right))),
        ])
    }

    /// `B Q`: coefficients B, m × T, times features; the last one may have coefficients in the first rows only.
    fn features(&self) -> Box<dyn LinearOperator> {
        let &Factor { rows, columns, .. } = self;
        let terms = self.own_terms();
        let basis = self
            .family
            .build((rows, columns), terms, self.image, self.place);
        let gram = basis
            .expect("as many terms and pixels as were checked")
            .gram();
        let Gram::RowWise { features, .. } = gram else {
            unreachable!("a family of features")
        };
        let scale = self.scale();
        let fixed = |range: Range<usize>| -> Box<dyn LinearOperator> {
            let features = features.subrows(range.start, range.len());
            let values = features.col_iter().flat_map(|c| c.iter().copied());
            let values = values.map(|x| scale * x).collect();
            Box::new(Fixed::new(
                Box::new(Dense::new(range.len(), columns)),
                values,
            ))
        };
        let (whole, rest) = (terms / rows, terms % rows);
        let mut parts: Vec<Box<dyn LinearOperator>> = Vec::new();
        if whole > 0 {
            let coefficients = Box::new(Dense::new(rows, whole));
            parts.push(Box::new(Product::new(vec![coefficients, fixed(0..whole)])));
        }
        if rest > 0 {
            let top = Selection::new((0..rest).collect(), rows);
            parts.push(Box::new(Product::new(vec![
                Box::new(Adjoint::new(Box::new(top))),
                Box::new(Dense::new(rest, 1)),
                fixed(whole..whole + 1),
            ])));
        }
        match parts.len() {
            1 => parts.remove(0),
            _ => Box::new(Sum::new(parts)),
        }
    }

    /// The first `length` normal numbers of each term, a column each, times c.
    fn numbers(&self, length: usize) -> Box<Fixed> {
        let terms = self.own_terms();
        let mut values = vec![0.0; length * terms];
        for (term, values) in values.chunks_exact_mut(length).enumerate() {
            self.place.entries(term).normals(0, values);
        }
        let scale = self.scale();
        values.iter_mut().for_each(|x| *x *= scale);
        Box::new(Fixed::new(Box::new(Dense::new(length, terms)), values))
    }

    fn kept(&self) -> Result<Scaled, WeightError> {
        let &Factor { rows, columns, .. } = self;
        let terms = self.own_terms();
        let numbers = rows.saturating_mul(columns).saturating_mul(terms);
        if numbers > STORED {
            return Err(WeightError::Stored {
                factor: self.number + 1,
                family: self.family.name(),
                terms,
                rows,
                columns,
                limit: STORED,
            });
        }
        let basis = self
            .family
            .build((rows, columns), terms, self.image, self.place);
        let basis = basis.expect("as many terms and pixels as were checked");
        Ok(Scaled::new(self.scale(), Box::new(BasisSum::new(basis))))
    }
}
