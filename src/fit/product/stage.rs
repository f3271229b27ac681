//! The bases of one stage.

use super::chain::Factor;
use super::{FitError, Link, ProductSettings};
use crate::family::terms::BasisFamily;
use crate::operator::basis::{Basis, Given, Place, Residual};

/// The bases of one stage, one a factor.
#[derive(Debug)]
pub(super) struct PlannedStage {
    pub bases: Vec<PlannedBasis>,
}

/// The terms of a factor.
#[derive(Debug)]
pub(super) struct PlannedBasis {
    /// `None` for the user's own.
    pub family: Option<BasisFamily>,
    pub basis: Box<dyn Basis>,
}

impl PlannedStage {
    /// Draws `terms` terms of each factor, between these sizes and of this family.
    pub fn new(
        settings: &ProductSettings,
        sizes: &[usize],
        terms: &[usize],
        family: impl Fn(usize) -> BasisFamily,
    ) -> Result<PlannedStage, FitError> {
        let factors = terms.len();
        let one = |(j, &terms): (usize, &usize)| {
            let place = Place {
                seed: settings.seed,
                layer: 0,
                factor: j as u64,
            };
            let identities = usize::from(settings.residual);
            let rest = terms.checked_sub(identities).filter(|_| terms > 0);
            let rest = rest.ok_or(FitError::NoTerms)?;
            let family = family(j);
            // Only the last factor sees the inputs.
            let image = settings.image.filter(|_| j + 1 == factors);
            let basis = family
                .build((sizes[j], sizes[j + 1]), rest, image, place)
                .map_err(|reason| FitError::Family {
                    factor: j + 1,
                    factors,
                    reason,
                })?;
            Ok(PlannedBasis {
                family: Some(family),
                basis: with_identity(basis, settings),
            })
        };
        let bases = terms.iter().enumerate().map(one);
        let bases = bases.collect::<Result<_, _>>()?;
        Ok(PlannedStage { bases })
    }

    /// Takes the user's own matrices.
    pub fn given(settings: &ProductSettings, bases: &[Given]) -> PlannedStage {
        let one = |basis: &Given| PlannedBasis {
            family: None,
            basis: with_identity(Box::new(basis.clone()), settings),
        };
        PlannedStage {
            bases: bases.iter().map(one).collect(),
        }
    }

    /// Returns how many coefficients there are.
    pub fn parameters(&self) -> usize {
        self.bases.iter().map(|b| b.basis.terms()).sum()
    }

    /// Returns the factors with their links.
    pub fn factors<'a>(&'a self, links: &[Link]) -> Vec<Factor<'a>> {
        let bases = self.bases.iter().zip(links);
        let factor = |(planned, &link): (&'a PlannedBasis, &Link)| Factor {
            basis: &*planned.basis,
            link,
        };
        bases.map(factor).collect()
    }
}

fn with_identity(basis: Box<dyn Basis>, settings: &ProductSettings) -> Box<dyn Basis> {
    if settings.residual {
        Box::new(Residual::new(basis))
    } else {
        basis
    }
}
