//! Searches through all stages of a plan, and which solver makes them.

use super::carry::carried;
use super::chain::{Chain, Coefficients, Point};
use super::constants::{IDLE, WARM_RESIDUAL, WARM_SWEEPS};
use super::progress::Counter;
use super::solvers::{Limits, Outcome, Start, Stopped, alternating, levenberg, start};
use super::stage::PlannedStage;
use super::sum::{Linear, Method, exceeds, linear, solve_on};
use super::{DeviceFit, FitError, FitProgress, ProductPlan, Solver, StageFit, Target};
use crate::device::Device;

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

impl Solved {
    fn iterated(outcome: Outcome, method: Method) -> Solved {
        Solved {
            outcome,
            method,
            device: None,
            condition: None,
        }
    }
}

/// Makes the searches of a fit: of the matrix and of its controls.
pub(super) struct Searcher<'a, 'd> {
    plan: &'a ProductPlan,
    device: Option<&'a mut Device<'d>>,
    counter: Counter<'a>,
}

impl<'a, 'd> Searcher<'a, 'd> {
    pub fn new(
        plan: &'a ProductPlan,
        device: Option<&'a mut Device<'d>>,
        observe: &'a mut dyn FnMut(FitProgress) -> bool,
    ) -> Searcher<'a, 'd> {
        Searcher {
            plan,
            device,
            counter: Counter::new(plan, observe),
        }
    }

    /// Returns whether the observer ended the searches.
    pub fn is_interrupted(&self) -> bool {
        self.counter.interrupted
    }

    /// Searches from every start.
    pub fn searches(&mut self, target: Target<'_>) -> Result<Vec<Search>, FitError> {
        let mut searches = Vec::new();
        for restart in 0..self.plan.starts() {
            searches.push(self.search(target, restart)?);
            if self.is_interrupted() {
                break;
            }
        }
        Ok(searches)
    }

    /// Returns the condition of the derivatives at the end of a search.
    pub fn condition(&self, search: &Search, target: Target<'_>) -> Option<f64> {
        let stage = &self.plan.stages[search.stages.len() - 1];
        let chain = Chain::new(&stage.factors(&self.plan.links), target);
        let point = chain.point(&search.coefficients);
        let problem = self
            .holds(&chain)
            .then(|| chain.linearised_enough(&point, true));
        problem.map(|problem| chain.condition(&problem))
    }

    /// Searches from start number `restart` through all stages.
    fn search(&mut self, target: Target<'_>, restart: usize) -> Result<Search, FitError> {
        let plan = self.plan;
        let mut last: Option<(&PlannedStage, Coefficients)> = None;
        let mut stages = Vec::new();
        let mut found = None;
        for stage in &plan.stages {
            self.counter.search += 1;
            if !self.counter.tell(0, 1.0) && !stages.is_empty() {
                break;
            }
            let factors = stage.factors(&plan.links);
            let chain = Chain::new(&factors, target);
            let begin = match &last {
                Some((before, a)) => chain.point(&carried(plan, before, stage, a)),
                None => {
                    let from = Start {
                        residual: plan.settings.residual,
                        seed: plan.settings.seed,
                        restart,
                    };
                    start(&chain, &factors, from)
                }
            };
            let first = begin.relative;
            let solved = if plan.is_linear_sum() {
                self.outright(&chain, stage, target)?
            } else {
                self.iterated(&chain, begin)
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
            if self.counter.interrupted {
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

    /// Solves a single linear sum, on the device where that can.
    fn outright(
        &mut self,
        chain: &Chain<'_>,
        stage: &PlannedStage,
        target: Target<'_>,
    ) -> Result<Solved, FitError> {
        let planned = &stage.bases[0];
        let basis = &*planned.basis;
        let workspace = self.plan.workspace();
        let matrices = self.plan.generated(planned.family, basis.terms());
        let matrices = matrices.filter(|_| exceeds(basis, target.columns(), workspace.numbers));
        let solved = match (self.device.as_deref_mut(), matrices) {
            (Some(device), Some(matrices)) => {
                solve_on(device, basis, matrices, target, workspace.seed)?
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
        } = solved.unwrap_or_else(|| linear(basis, target, workspace));
        let outcome = Outcome {
            point: chain.point(&vec![coefficients]),
            iterations,
            stopped: if converged {
                Stopped::Solved
            } else {
                Stopped::Iterations
            },
        };
        Ok(Solved {
            outcome,
            method,
            device,
            condition: Some(condition),
        })
    }

    /// Searches from `begin` by the solver that the settings name.
    fn iterated(&mut self, chain: &Chain<'_>, begin: Point) -> Solved {
        let settings = &self.plan.settings;
        let limits = |iterations| Limits {
            iterations,
            tolerance: settings.tolerance,
            idle: IDLE,
            residual: 0.0,
        };
        let most = settings.iterations;
        let holds = self.holds(chain);
        let solver = match settings.solver {
            Solver::Auto if !chain.is_linear() => Solver::Levenberg,
            Solver::Auto if !holds => Solver::Alternating,
            chosen => chosen,
        };
        let mut sweeps = 0;
        let mut begin = begin;
        if solver != Solver::Levenberg {
            let limits = match solver {
                Solver::Auto => Limits {
                    idle: 1,
                    residual: WARM_RESIDUAL,
                    ..limits(WARM_SWEEPS.min(most))
                },
                _ => limits(most),
            };
            let mut observe = |iteration, residual| self.counter.tell(iteration, residual);
            let found = alternating(chain, begin, &limits, &mut observe);
            if solver == Solver::Alternating || found.stopped == Stopped::Interrupted {
                return Solved::iterated(found, Method::Alternating);
            }
            (begin, sweeps) = (found.point, found.iterations);
        }
        let mut observe = |iteration, residual| self.counter.tell(sweeps + iteration, residual);
        let mut outcome = levenberg(chain, begin, &limits(most - sweeps), &mut observe);
        outcome.iterations += sweeps;
        Solved::iterated(outcome, Method::Levenberg)
    }

    /// Returns whether all derivatives fit in memory.
    fn holds(&self, chain: &Chain<'_>) -> bool {
        chain.jacobian_size() <= self.plan.workspace().numbers
    }
}
