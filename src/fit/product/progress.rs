//! How far a fit is.

use super::ProductPlan;
use std::fmt::{self, Display, Formatter};

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
    /// The relative residual.
    pub residual: f64,
}

impl FitProgress {
    /// Returns which share of the fit is done if every search takes its most iterations.
    #[must_use]
    pub fn share(&self) -> f64 {
        let before = self.search.saturating_sub(1) * self.iterations + self.iteration;
        before as f64 / (self.searches * self.iterations).max(1) as f64
    }
}

impl Display for FitProgress {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let (search, searches, residual) = (self.search, self.searches, self.residual);
        write!(
            formatter,
            "search {search} of {searches}, residual {residual:.6}"
        )
    }
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
