//! Settings checked against a matrix: the bases of every stage.

use super::settings::of_factor;
use super::{FitError, Link, ProductSettings, Solver};
use crate::operator::basis::{Basis, Family, Given, Place, Residual};
use faer::MatRef;

/// A product of sums that can be fitted to a matrix of one shape.
#[derive(Debug)]
pub struct ProductPlan {
    pub(super) settings: ProductSettings,
    pub(super) shape: (usize, usize),
    pub(super) links: Vec<Link>,
    pub(super) stages: Vec<PlannedStage>,
}

/// The bases of one stage, one a factor.
#[derive(Debug)]
pub(super) struct PlannedStage {
    pub bases: Vec<PlannedBasis>,
}

#[derive(Debug)]
pub(super) struct PlannedBasis {
    /// `None` for the user's own.
    pub family: Option<Family>,
    pub basis: Box<dyn Basis>,
}

impl PlannedStage {
    pub fn parameters(&self) -> usize {
        self.bases.iter().map(|b| b.basis.terms()).sum()
    }
}

impl ProductPlan {
    /// Checks `settings` for matrices of `shape`, rows m by columns n.
    ///
    /// Without `settings.inner` the sizes between factors are max(m, n): of W = F₁ … F_p, the factor
    /// at the smaller side has W's shape and the others are square (Wu 2018, section V.A).
    ///
    /// # Errors
    ///
    /// [`FitError`].
    pub fn new(settings: &ProductSettings, shape: (usize, usize)) -> Result<ProductPlan, FitError> {
        let p = settings.factors;
        if p == 0 {
            return Err(FitError::NoFactors);
        }
        let stages = settings
            .stages
            .iter()
            .map(|stage| ("stages", stage.terms.len()));
        let lengths = [
            ("k", settings.terms.len()),
            ("basis", settings.families.len()),
        ];
        for (setting, given) in lengths.into_iter().chain(stages) {
            if given != 1 && given != p {
                return Err(FitError::Length {
                    setting,
                    given,
                    factors: p,
                });
            }
        }
        if !settings.inner.is_empty() && settings.inner.len() != p - 1 {
            return Err(FitError::Inner {
                given: settings.inner.len(),
                factors: p,
            });
        }
        if settings.inner.contains(&0) {
            return Err(FitError::EmptyInner);
        }
        count_coefficients(settings, shape)?;
        let sizes = sizes(settings, shape);
        let most = settings.memory.saturating_mul(1 << 20) / size_of::<f64>();
        let large = |pair: &[usize]| pair[0].checked_mul(pair[1]).is_none_or(|size| size > most);
        if let Some(j) = sizes.windows(2).position(large) {
            return Err(FitError::TooLarge {
                factor: j + 1,
                rows: sizes[j],
                columns: sizes[j + 1],
            });
        }
        let after = settings.stages.iter().skip(1);
        let after = after.map(|stage| (stage.family, stage.terms.as_slice()));
        let last = [(None, settings.terms.as_slice())];
        for (stage, (family, next)) in settings.stages.iter().zip(after.chain(last)) {
            if stage.family == family {
                grows(&stage.terms, next, p)?;
            }
        }
        let earlier = settings.stages.iter().map(|stage| {
            let terms: Vec<usize> = (0..p).map(|j| of_factor(&stage.terms, j)).collect();
            let family = |j| stage.family.unwrap_or(of_factor(&settings.families, j));
            planned(settings, &sizes, &terms, family)
        });
        let terms: Vec<usize> = (0..p).map(|j| of_factor(&settings.terms, j)).collect();
        let last = planned(settings, &sizes, &terms, |j| {
            of_factor(&settings.families, j)
        });
        let stages = earlier.chain([last]).collect::<Result<Vec<_>, _>>()?;
        ProductPlan::checked(settings, shape, stages)
    }

    /// A plan with the user's own matrices, factor by factor.
    ///
    /// # Errors
    ///
    /// [`FitError`].
    pub fn given(
        settings: &ProductSettings,
        shape: (usize, usize),
        bases: &[Given],
    ) -> Result<ProductPlan, FitError> {
        let mut rows = shape.0;
        for (j, basis) in bases.iter().enumerate() {
            let (found_rows, found_columns) = basis.shape();
            let last = j + 1 == bases.len();
            let columns = if last { shape.1 } else { found_columns };
            if (found_rows, found_columns) != (rows, columns) {
                return Err(FitError::Chain {
                    factor: j + 1,
                    found_rows,
                    found_columns,
                    rows,
                    columns,
                });
            }
            rows = columns;
        }
        let bases = bases.iter().map(|basis| PlannedBasis {
            family: None,
            basis: with_identity(Box::new(basis.clone()), settings.residual),
        });
        let stage = PlannedStage {
            bases: bases.collect(),
        };
        ProductPlan::checked(settings, shape, vec![stage])
    }

    fn checked(
        settings: &ProductSettings,
        (rows, columns): (usize, usize),
        stages: Vec<PlannedStage>,
    ) -> Result<ProductPlan, FitError> {
        let p = stages.last().map_or(0, |stage| stage.bases.len());
        if p == 0 {
            return Err(FitError::NoFactors);
        }
        let given = settings.links.len();
        if given != 1 && given != p {
            return Err(FitError::Length {
                setting: "link",
                given,
                factors: p,
            });
        }
        let most = stages.iter().map(PlannedStage::parameters).max();
        let (parameters, entries) = (most.unwrap_or(0), rows * columns);
        if parameters > entries {
            return Err(FitError::TooManyCoefficients {
                parameters,
                entries,
                rows,
                columns,
            });
        }
        let links: Vec<Link> = (0..p).map(|j| of_factor(&settings.links, j)).collect();
        let linear = links.iter().all(|link| *link == Link::Identity);
        if settings.solver == Solver::Alternating && !linear {
            return Err(FitError::Nonlinear);
        }
        Ok(ProductPlan {
            settings: settings.clone(),
            shape: (rows, columns),
            links,
            stages,
        })
    }

    /// Keeps terms that every iteration needs in memory, as far as the settings allow: half of the
    /// memory, the other half being the derivatives'.
    pub fn keep_terms(&mut self) {
        let mut budget = self.settings.memory.saturating_mul(1 << 19);
        if self.links == [Link::Identity] {
            return;
        }
        for planned in self
            .stages
            .iter_mut()
            .rev()
            .flat_map(|stage| &mut stage.bases)
        {
            budget -= planned.basis.keep(budget);
        }
    }

    /// Refuses a matrix of which nothing can be learned.
    ///
    /// # Errors
    ///
    /// [`FitError::Constant`].
    pub fn check_entries(w: MatRef<'_, f64>) -> Result<(), FitError> {
        let first = w[(0, 0)];
        let mut entries = w.row_iter().flat_map(|row| row.iter());
        match entries.all(|&x| x == first) {
            true => Err(FitError::Constant {
                value: first.to_string(),
            }),
            false => Ok(()),
        }
    }
}

/// Refuses a stage of a factor that has more terms than the next one.
fn grows(terms: &[usize], next: &[usize], p: usize) -> Result<(), FitError> {
    let pairs = (0..p).map(|j| (of_factor(terms, j), of_factor(next, j)));
    match pairs.into_iter().find(|(terms, next)| terms > next) {
        Some((terms, next)) => Err(FitError::Stage { terms, next }),
        None => Ok(()),
    }
}

/// Refuses as many coefficients as entries before anything is made of them.
fn count_coefficients(
    settings: &ProductSettings,
    (rows, columns): (usize, usize),
) -> Result<(), FitError> {
    let p = settings.factors;
    let sum = |terms: &[usize]| match *terms {
        [terms] => terms.saturating_mul(p),
        ref terms => terms.iter().copied().fold(0, usize::saturating_add),
    };
    let stages = settings.stages.iter().map(|stage| sum(&stage.terms));
    let parameters = stages.fold(sum(&settings.terms), usize::max);
    let entries = rows * columns;
    if p > 1 && parameters > entries {
        return Err(FitError::TooManyCoefficients {
            parameters,
            entries,
            rows,
            columns,
        });
    }
    Ok(())
}

fn sizes(settings: &ProductSettings, (rows, columns): (usize, usize)) -> Vec<usize> {
    let inner = match settings.inner.is_empty() {
        true => vec![rows.max(columns); settings.factors - 1],
        false => settings.inner.clone(),
    };
    [vec![rows], inner, vec![columns]].concat()
}

fn planned(
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
            basis: with_identity(basis, settings.residual),
        })
    };
    let bases = terms
        .iter()
        .enumerate()
        .map(one)
        .collect::<Result<_, _>>()?;
    Ok(PlannedStage { bases })
}

fn with_identity(basis: Box<dyn Basis>, residual: bool) -> Box<dyn Basis> {
    match residual {
        true => Box::new(Residual::new(basis)),
        false => basis,
    }
}
