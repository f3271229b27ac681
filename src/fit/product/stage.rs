//! The bases of one stage.

use super::chain::{Coefficients, Factor};
use super::sum::linear;
use super::{FitError, Link, ProductPlan, ProductSettings, Target};
use crate::operator::basis::{Basis, Family, Given, Place, Residual};

/// The bases of one stage, one a factor.
#[derive(Debug)]
pub(super) struct PlannedStage {
    pub bases: Vec<PlannedBasis>,
}

/// The terms of a factor.
#[derive(Debug)]
pub(super) struct PlannedBasis {
    /// `None` for the user's own.
    pub family: Option<Family>,
    pub basis: Box<dyn Basis>,
}

impl PlannedStage {
    /// Draws `terms` terms of each factor, between these sizes and of this family.
    pub fn new(
        settings: &ProductSettings,
        sizes: &[usize],
        terms: &[usize],
        family: impl Fn(usize) -> Family,
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

/// Returns the coefficients of one stage as the start of the next: exactly where its basis contains the
/// last one's, else by least squares, factor by factor.
pub(super) fn carried(
    plan: &ProductPlan,
    before: &PlannedStage,
    next: &PlannedStage,
    a: &Coefficients,
) -> Coefficients {
    let factor = |((old, new), (a, link)): (_, (&Vec<f64>, &Link))| {
        let (old, new): (&PlannedBasis, &PlannedBasis) = (old, new);
        let missing = new.basis.terms().checked_sub(old.basis.terms());
        match missing {
            Some(missing) if old.family == new.family => {
                let mut all = a.clone();
                let size = a.iter().map(|a| link.value(*a).abs()).fold(0.0, f64::max);
                all.extend(vec![link.fresh(size); missing]);
                all
            }
            _ => {
                let values: Vec<f64> = a.iter().map(|a| link.value(*a)).collect();
                let matrix = old.basis.combine(&values);
                let target = Target::new(matrix.as_ref(), None);
                let projected = linear(&*new.basis, target, plan.workspace());
                projected
                    .coefficients
                    .into_iter()
                    .map(|x| link.near(x))
                    .collect()
            }
        }
    };
    let bases = before.bases.iter().zip(&next.bases);
    bases.zip(a.iter().zip(&plan.links)).map(factor).collect()
}
