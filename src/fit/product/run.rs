//! The fit of one matrix: starts, stages, controls.

use super::chain::{Chain, Coefficients, Factor};
use super::device;
use super::linear::{Linear, Method, exceeds, linear};
use super::plan::{PlannedStage, ProductPlan};
use super::progress::{Counter, FitProgress};
use super::result::DeviceFit;
use super::result::{ProductFit, StageFit};
use super::solver::{Outcome, Stopped};
use super::start::start;
use super::{FitError, Inputs, Link};
use crate::device::Device;
use crate::fit::{Concentration, rotated, shuffled};
use crate::linalg::algebra::product;
use faer::{Mat, MatRef};

/// Starts of a product unless asked otherwise.
const RESTARTS: usize = 3;
/// Factors beyond which one start is made.
const LONG: usize = 3;
/// One search from one start through all stages.
pub(super) struct Search {
    pub coefficients: Coefficients,
    pub residual: f64,
    pub stages: Vec<StageFit>,
    pub method: Method,
    pub device: Option<DeviceFit>,
    pub condition: Option<f64>,
}

/// How one stage ended, and what a device did.
struct Solved {
    outcome: Outcome,
    method: Method,
    device: Option<DeviceFit>,
    condition: Option<f64>,
}

impl ProductPlan {
    /// Fits `w`; with `inputs` in the norm of the activations it meets. `observe` is told of every
    /// iteration and ends the fit, with the best so far, by returning `false`.
    ///
    /// # Errors
    ///
    /// [`FitError`] when `w` is constant, or does not meet the inputs.
    ///
    /// # Panics
    ///
    /// When `w` has another shape than the plan.
    pub fn fit(
        &self,
        w: MatRef<'_, f64>,
        inputs: Option<&Inputs>,
        observe: &mut dyn FnMut(FitProgress) -> bool,
    ) -> Result<ProductFit, FitError> {
        self.fit_on(None, w, inputs, observe)
    }

    /// [`fit`](ProductPlan::fit), where `device` makes the products of single sums too large to hold, if their entries
    /// are independent.
    ///
    /// # Errors
    ///
    /// As `fit`; [`FitError::Device`] and [`FitError::Inaccurate`] where the device fails.
    ///
    /// # Panics
    ///
    /// As `fit`.
    pub fn fit_on(
        &self,
        mut device: Option<&mut Device<'_>>,
        w: MatRef<'_, f64>,
        inputs: Option<&Inputs>,
        observe: &mut dyn FnMut(FitProgress) -> bool,
    ) -> Result<ProductFit, FitError> {
        assert_eq!(w.shape(), self.shape, "fit: a matrix of the plan's shape");
        ProductPlan::check_entries(w)?;
        let fitted = inputs.map(|inputs| &inputs.fitted);
        if let Some(found) = inputs.map(Inputs::columns).filter(|&n| n != w.ncols()) {
            return Err(FitError::Inputs {
                found,
                columns: w.ncols(),
            });
        }
        let halves = inputs.map(|inputs| [&inputs.fitted, &inputs.held_out]);
        let vanishes = |z: &Mat<f64>| product(w, z.as_ref()).norm_l2() == 0.0;
        if halves.into_iter().flatten().any(vanishes) {
            return Err(FitError::Vanishing);
        }
        let mut counter = Counter::new(self, observe);
        let searches = self.searches(device.as_deref_mut(), w, fitted, &mut counter)?;
        let restarts = searches.iter().map(|search| search.residual).collect();
        let best = searches
            .into_iter()
            .reduce(|a, b| if b.residual < a.residual { b } else { a });
        let mut best = best.expect("a start");
        if best.method == Method::Levenberg {
            best.condition = self.condition(&best, w, fitted);
        }
        let controls = self.settings.controls && inputs.is_none() && !counter.interrupted;
        let mut control = |make: fn(MatRef<'_, f64>, u64) -> Mat<f64>| {
            if !controls {
                return Ok(None);
            }
            let matrix = make(w, self.settings.seed);
            let device = device.as_deref_mut();
            let searches = self.searches(device, matrix.as_ref(), fitted, &mut counter)?;
            let residuals = searches.iter().map(|search| search.residual);
            Ok(residuals.reduce(f64::min).filter(|_| !counter.interrupted))
        };
        let shuffled = control(shuffled)?;
        let rotated = control(rotated)?;
        let mut fit = self.described(w, inputs, best);
        fit.restarts = restarts;
        fit.shuffled_residual = shuffled;
        fit.rotated_residual = rotated;
        if let (Some(shuffled), Some(rotated), None) = (shuffled, rotated, inputs) {
            let (controls, concentration) = ([shuffled, rotated], Concentration::of(w));
            fit.verdict = Some(fit.judge(controls, &concentration, &self.settings.thresholds));
        }
        Ok(fit)
    }

    fn searches(
        &self,
        mut device: Option<&mut Device<'_>>,
        w: MatRef<'_, f64>,
        inputs: Option<&Mat<f64>>,
        counter: &mut Counter<'_>,
    ) -> Result<Vec<Search>, FitError> {
        let mut searches = Vec::new();
        for restart in 0..self.starts() {
            searches.push(self.search(device.as_deref_mut(), w, inputs, restart, counter)?);
            if counter.interrupted {
                break;
            }
        }
        Ok(searches)
    }

    pub(super) fn is_linear_sum(&self) -> bool {
        self.links == [Link::Identity]
    }

    /// A linear problem has one solution, whatever the start.
    pub(super) fn starts(&self) -> usize {
        match (self.is_linear_sum(), self.settings.restarts) {
            (true, _) => 1,
            (false, Some(restarts)) => restarts.max(1),
            (false, None) if self.links.len() > LONG => 1,
            (false, None) => RESTARTS,
        }
    }

    pub(super) fn memory(&self) -> usize {
        self.settings.memory.saturating_mul(1 << 19) / size_of::<f64>()
    }

    /// Of the derivatives at the end of a search.
    fn condition(
        &self,
        search: &Search,
        w: MatRef<'_, f64>,
        inputs: Option<&Mat<f64>>,
    ) -> Option<f64> {
        let factors = self.factors(&self.stages[search.stages.len() - 1]);
        let chain = Chain::new(&factors, w, inputs);
        let point = chain.point(&search.coefficients);
        let problem = self
            .holds(&chain)
            .then(|| chain.linearised_enough(&point, true));
        problem.map(|problem| chain.condition(&problem))
    }

    fn search(
        &self,
        mut device: Option<&mut Device<'_>>,
        w: MatRef<'_, f64>,
        inputs: Option<&Mat<f64>>,
        restart: usize,
        counter: &mut Counter<'_>,
    ) -> Result<Search, FitError> {
        let mut last: Option<(&PlannedStage, Coefficients)> = None;
        let mut stages = Vec::new();
        let mut found = None;
        for stage in &self.stages {
            counter.search += 1;
            if !counter.tell(0, 1.0) && !stages.is_empty() {
                break;
            }
            let factors = self.factors(stage);
            let chain = Chain::new(&factors, w, inputs);
            let begin = match &last {
                Some((before, a)) => chain.point(&self.carried(before, stage, a)),
                None => start(
                    &chain,
                    &factors,
                    self.settings.residual,
                    self.settings.seed,
                    restart,
                ),
            };
            let first = begin.relative;
            let solved = match self.is_linear_sum() {
                true => self.outright(device.as_deref_mut(), &chain, stage, w, inputs)?,
                false => {
                    let (outcome, method) = self.iterated(&chain, begin, counter);
                    Solved {
                        outcome,
                        method,
                        device: None,
                        condition: None,
                    }
                }
            };
            let outcome = &solved.outcome;
            // Extrapolated factors are their coefficients' but for rounding.
            let a = chain.coefficients(&outcome.point);
            let relative = chain.point(&a).relative;
            stages.push(StageFit {
                parameters: stage.parameters(),
                start_residual: first,
                relative_residual: relative,
                iterations: outcome.iterations,
                stopped: outcome.stopped,
            });
            found = Some((a.clone(), relative, solved));
            last = Some((stage, a));
            if counter.interrupted {
                break;
            }
        }
        let (coefficients, residual, solved) = found.expect("a stage");
        Ok(Search {
            coefficients,
            residual,
            stages,
            method: solved.method,
            device: solved.device,
            condition: solved.condition,
        })
    }

    pub(super) fn factors<'a>(&self, stage: &'a PlannedStage) -> Vec<Factor<'a>> {
        let bases = stage.bases.iter().zip(&self.links);
        bases
            .map(|(planned, &link)| Factor {
                basis: &*planned.basis,
                link,
            })
            .collect()
    }

    fn outright(
        &self,
        device: Option<&mut Device<'_>>,
        chain: &Chain<'_>,
        stage: &PlannedStage,
        w: MatRef<'_, f64>,
        inputs: Option<&Mat<f64>>,
    ) -> Result<Solved, FitError> {
        let planned = &stage.bases[0];
        let basis = &*planned.basis;
        let (memory, seed) = (self.memory(), self.settings.seed);
        let columns = inputs.map_or(w.ncols(), Mat::ncols);
        let matrices = self.generated(planned.family, basis.terms());
        let matrices = matrices.filter(|_| exceeds(basis, columns, memory));
        let solved = match (device, matrices) {
            (Some(device), Some(matrices)) => {
                device::solve(device, basis, matrices, w, inputs, seed)?
            }
            _ => None,
        };
        let (solved, device) = solved.unzip();
        let Linear {
            coefficients,
            condition,
            method,
            iterations,
            converged,
        } = solved.unwrap_or_else(|| linear(basis, w, inputs, memory, seed));
        let outcome = Outcome {
            point: chain.point(&vec![coefficients]),
            iterations,
            stopped: match converged {
                true => Stopped::Solved,
                false => Stopped::Iterations,
            },
        };
        Ok(Solved {
            outcome,
            method,
            device,
            condition: Some(condition),
        })
    }

    /// The coefficients of one stage as the start of the next: exactly where its basis contains the
    /// last one's, else by least squares, factor by factor.
    fn carried(
        &self,
        before: &PlannedStage,
        next: &PlannedStage,
        a: &Coefficients,
    ) -> Coefficients {
        let factor = |((old, new), (a, link)): (_, (&Vec<f64>, &Link))| {
            let (old, new): (&super::plan::PlannedBasis, &super::plan::PlannedBasis) = (old, new);
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
                    let (memory, seed) = (self.memory(), self.settings.seed);
                    let projected = linear(&*new.basis, matrix.as_ref(), None, memory, seed);
                    projected
                        .coefficients
                        .into_iter()
                        .map(|x| link.near(x))
                        .collect()
                }
            }
        };
        let bases = before.bases.iter().zip(&next.bases);
        bases.zip(a.iter().zip(&self.links)).map(factor).collect()
    }
}
