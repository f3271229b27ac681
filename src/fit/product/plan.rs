//! Settings checked against a matrix: the bases of every stage.

use super::settings::of_factor;
use super::stage::PlannedStage;
use super::sum::{Workspace, exceeds};
use super::{FitError, Link, ProductSettings, Solver};
use crate::family::terms::BasisFamily;
use crate::operator::basis::{Basis, Given, Place};
use crate::program::Generated;

/// Starts of a product unless asked otherwise.
const RESTARTS: usize = 3;
/// Factors beyond which one start is made.
const LONG: usize = 3;
/// Iterations that a fit takes about, for an estimate of its cost.
const ITERATIONS: u64 = 50;
/// Multiplications that take the CPU about as long as to generate an entry.
const DRAW: u64 = 200;

/// A product of sums that can be fitted to a matrix of one shape.
#[derive(Debug)]
pub struct ProductPlan {
    pub(super) settings: ProductSettings,
    pub(super) shape: (usize, usize),
    pub(super) links: Vec<Link>,
    pub(super) stages: Vec<PlannedStage>,
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
            PlannedStage::new(settings, &sizes, &terms, family)
        });
        let terms: Vec<usize> = (0..p).map(|j| of_factor(&settings.terms, j)).collect();
        let last = PlannedStage::new(settings, &sizes, &terms, |j| {
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
        let stage = PlannedStage::given(settings, bases);
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
        if self.is_linear_sum() {
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

    pub(super) fn is_linear_sum(&self) -> bool {
        self.links == [Link::Identity]
    }

    /// Returns how many starts are made. A linear problem has one solution, whatever the start.
    pub(super) fn starts(&self) -> usize {
        match (self.is_linear_sum(), self.settings.restarts) {
            (true, _) => 1,
            (false, Some(restarts)) => restarts.max(1),
            (false, None) if self.links.len() > LONG => 1,
            (false, None) => RESTARTS,
        }
    }

    /// Returns the numbers that may be held at once: half of the memory.
    pub(super) fn workspace(&self) -> Workspace {
        Workspace {
            numbers: self.settings.memory.saturating_mul(1 << 19) / size_of::<f64>(),
            seed: self.settings.seed,
        }
    }

    /// Returns the terms of a single sum, where any device can make them: those of independent entries, without an identity.
    pub(super) fn generated(&self, family: Option<BasisFamily>, terms: usize) -> Option<Generated> {
        let law = family?.entries?;
        let place = Place {
            seed: self.settings.seed,
            layer: 0,
            factor: 0,
        };
        let [basis, layer, factor, _] = place.path(0);
        (!self.settings.residual && self.is_linear_sum()).then_some(Generated {
            law,
            seed: place.seed,
            path: [basis, layer, factor],
            rows: self.shape.0,
            columns: self.shape.1,
            terms,
            scale: 1.0,
        })
    }

    /// Returns about how many operations of its fits a device could do; 0 where there are none.
    pub(super) fn device_flops(&self, columns: usize) -> u64 {
        let of = |stage: &PlannedStage| {
            let [planned] = stage.bases.as_slice() else {
                return 0;
            };
            let terms = planned.basis.terms();
            let (m, n) = self.shape;
            let large = exceeds(&*planned.basis, columns, self.workspace().numbers);
            match self.generated(planned.family, terms) {
                Some(_) if large => [m as u64, n as u64, 2 * ITERATIONS, 2 + DRAW]
                    .into_iter()
                    .fold(terms as u64, u64::saturating_mul),
                _ => 0,
            }
        };
        self.stages.iter().map(of).fold(0, u64::saturating_add)
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
    let inner = if settings.inner.is_empty() {
        vec![rows.max(columns); settings.factors - 1]
    } else {
        settings.inner.clone()
    };
    [vec![rows], inner, vec![columns]].concat()
}
