//! How far a fit is.

use super::ProductPlan;

/// How far a fit is.
#[derive(Debug, Clone, Copy)]
pub struct FitProgress {
    /// Of the searches, the matrix itself and its controls, all starts and stages: which is at hand.
    pub search: usize,
    /// How many there are.
    pub searches: usize,
    /// Iterations of it.
    pub iteration: usize,
    /// Most iterations of it.
    pub iterations: usize,
    /// Its relative residual.
    pub residual: f64,
}

/// Counts searches and passes progress on.
pub(super) struct Counter<'a> {
    observe: &'a mut dyn FnMut(FitProgress) -> bool,
    pub search: usize,
    searches: usize,
    iterations: usize,
    pub interrupted: bool,
}

impl<'a> Counter<'a> {
    pub fn new(plan: &ProductPlan, observe: &'a mut dyn FnMut(FitProgress) -> bool) -> Counter<'a> {
        let matrices = if plan.settings.controls { 3 } else { 1 };
        Counter {
            observe,
            search: 0,
            searches: matrices * plan.starts() * plan.stages.len(),
            iterations: plan.settings.iterations,
            interrupted: false,
        }
    }

    pub fn tell(&mut self, iteration: usize, residual: f64) -> bool {
        let goes_on = (self.observe)(FitProgress {
            search: self.search,
            searches: self.searches,
            iteration,
            iterations: self.iterations,
            residual,
        });
        self.interrupted |= !goes_on;
        goes_on
    }
}
