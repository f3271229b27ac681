//! Which tensors of a model are in the budget, and what is known of each.

use super::candidate::{Candidate, limit};
use super::entries::Entries;
use super::names::module;
use super::ties::tie;
use super::{Known, PlanError, PlanSettings};
use crate::spectrum::Role;
use crate::weights::{Chosen, Gap, Source, escape};
use globset::Glob;

/// A last layer with at most this share of outputs to inputs is taken for a head where no name tells one.
const NARROW: usize = 4;

/// The tensors of a run, each with what is known of it or the reason why it is not in the budget.
#[derive(Debug)]
pub struct Candidates {
    pub(super) list: Vec<Result<Candidate, Gap>>,
}

impl Candidates {
    /// Matches the tensors `chosen` of `source` with what is known, and checks all that can be checked before any work.
    ///
    /// # Errors
    ///
    /// One sentence: moments or weights alpha of layers that the model does not have or has in another shape, layers to be
    /// kept or tied that it does not have, ties of unequal shapes, a budget that cannot be met.
    pub fn new(
        source: &Source,
        chosen: &[Chosen<'_>],
        known: &Known,
        settings: &PlanSettings,
    ) -> Result<Candidates, PlanError> {
        let all: Vec<&str> = source.tensors().iter().map(|t| t.name.as_str()).collect();
        let entries = Entries::new(&all, known)?;
        let mut list = Vec::with_capacity(chosen.len());
        for tensor in chosen {
            list.push(entries.candidate(tensor, settings)?);
        }
        mark_last(&mut list);
        let mut candidates = Candidates { list };
        candidates.keep(&settings.keep)?;
        tie(&mut candidates.list, &settings.ties)?;
        candidates.check_budgets(settings)?;
        Ok(candidates)
    }

    /// Returns the tensors in the budget.
    pub(super) fn planned(&self) -> impl Iterator<Item = &Candidate> {
        self.list
            .iter()
            .filter_map(|candidate| candidate.as_ref().ok())
    }

    fn keep(&mut self, patterns: &[String]) -> Result<(), PlanError> {
        for pattern in patterns {
            let glob = Glob::new(pattern).map_err(|error| PlanError::Layers(error.to_string()))?;
            let glob = glob.compile_matcher();
            let mut is_met = false;
            for candidate in self.list.iter_mut().flatten() {
                if glob.is_match(&candidate.name) || glob.is_match(module(&candidate.name)) {
                    candidate.is_kept = true;
                    is_met = true;
                }
            }
            if !is_met {
                return Err(PlanError::Layers(format!(
                    "no layer in the budget is named {}, which is to be kept",
                    escape(pattern)
                )));
            }
        }
        Ok(())
    }

    fn check_budgets(&self, settings: &PlanSettings) -> Result<(), PlanError> {
        let sum = |of: &dyn Fn(&Candidate) -> u64| {
            let mut costs = self.planned().map(|c| of(c).checked_mul(c.blocks as u64));
            let sum = costs.try_fold(0u64, |sum, cost| sum.checked_add(cost?));
            sum.ok_or_else(|| PlanError::Layers("the layers cost more than 2^64".into()))
        };
        let (dense, least) = (
            sum(&Candidate::dense)?,
            sum(&|candidate| candidate.least(settings))?,
        );
        for &share in &settings.budgets {
            let limit = limit(share, dense);
            if limit < least {
                return Err(PlanError::Budget {
                    share,
                    limit,
                    least,
                    dense,
                    unit: settings.cost.unit(),
                });
            }
        }
        Ok(())
    }
}

/// Takes the last layer for a head where no name tells one and it is narrow.
fn mark_last(list: &mut [Result<Candidate, Gap>]) {
    let has_head = list.iter().flatten().any(|c| c.role == Role::Head);
    let Some(last) = list.iter_mut().flatten().next_back() else {
        return;
    };
    let is_narrow = NARROW * last.m <= last.n;
    if !has_head && last.role == Role::Other && is_narrow && !last.is_table {
        last.is_end = true;
    }
}
