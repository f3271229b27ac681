//! One factor of a product of sums.

use super::WeightError;
use crate::family::terms::{BasisFamily, TermSet};
use crate::operator::basis::{Basis, Image, Place, Residual};
use crate::operator::{
    BasisSum, Dense, Diagonal, Fixed, LinearOperator, Link, Linked, Scaled, Sum, Tied,
};

/// Most numbers that the terms of a factor are stored in: 2 GiB.
const STORED: usize = 1 << 28;

/// `c Σₖ g(aₖ) Mₖ`, with the identity as M₁ where it is residual.
#[derive(Debug, Clone)]
pub(in crate::family) struct Factor {
    /// Which, from 0.
    pub number: usize,
    pub family: BasisFamily,
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
        let most = (self.family.most_terms)(rows, columns) + identities;
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
        (m / (self.family.mean_square_norm)(m, n)).sqrt()
    }

    /// The value of the first coefficient of a residual sum: the identity has all of the square norm m but the share of the others.
    pub fn identity_start(&self) -> Vec<f64> {
        let norm = self.rows.min(self.columns) as f64;
        vec![((1.0 - Factor::BESIDE_IDENTITY) * self.rows as f64 / norm).sqrt()]
    }

    /// The terms themselves, without c.
    pub fn basis(&self) -> Box<dyn Basis> {
        if self.residual {
            Box::new(Residual::new(self.own_basis()))
        } else {
            self.own_basis()
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
        let stored = self.stored && self.family.entries.is_some();
        let sum = (self.family.sum)(&self.set(), self.scale());
        match sum.filter(|_| !stored) {
            Some(sum) => Ok(sum),
            None => self.kept(),
        }
    }

    /// The sum of terms in memory.
    fn kept(&self) -> Result<Box<dyn LinearOperator>, WeightError> {
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
        let sum = BasisSum::new(self.own_basis());
        Ok(Box::new(Scaled::new(self.scale(), Box::new(sum))))
    }

    fn set(&self) -> TermSet {
        TermSet {
            rows: self.rows,
            columns: self.columns,
            count: self.own_terms(),
            image: self.image,
            place: self.place,
        }
    }

    fn own_basis(&self) -> Box<dyn Basis> {
        let basis = (self.family.basis)(&self.set());
        basis.expect("as many terms and pixels as were checked")
    }
}
