//! The runs of a study as they ended.

use super::cell::Cell;
use super::execute::Executed;
use super::measure::Subject;
use super::plan::{CellPlan, Run, StudyPlan};
use super::result::{RunEnd, RunReport};
use super::store::{Kept, Store};

/// A run with what is kept of it.
pub(super) struct Done<'a> {
    /// The group.
    pub group: &'a str,
    /// The variables of the grid.
    pub cell: &'a Cell,
    /// All variables, the chosen ones too.
    pub variables: Cell,
    /// The seed; 0 of what has none.
    pub seed: u64,
    run: &'a Run,
    kept: Option<Kept>,
    /// How it ended, and why.
    pub ended: (RunEnd, Option<String>),
}

/// All runs of `plan`, in its order, those of the chosen candidates.
pub(super) fn runs<'a>(plan: &'a StudyPlan, executed: &Executed, store: &Store) -> Vec<Done<'a>> {
    let mut all = Vec::new();
    for (group, chosen) in plan.groups.iter().zip(&executed.chosen) {
        for (cell, place) in group.cells.iter().zip(chosen) {
            let candidate = &cell.candidates[place.unwrap_or(0)];
            let unchosen = place.is_none().then(|| unchosen(cell, executed, store));
            for (seed, run) in &candidate.runs {
                let mut variables = cell.variables.clone();
                if place.is_some() {
                    variables.extend(candidate.variables.clone());
                }
                let key = run.identity();
                let kept = key
                    .as_ref()
                    .and_then(|key| store.find(key))
                    .filter(|_| place.is_some());
                let failure = key.and_then(|key| executed.failures.get(&key).cloned());
                all.push(Done {
                    group: &group.name,
                    cell: &cell.variables,
                    variables,
                    seed: *seed,
                    ended: ended(plan, run, kept.as_ref(), failure, unchosen.clone()),
                    run,
                    kept,
                });
            }
        }
    }
    all
}

fn ended(
    plan: &StudyPlan,
    run: &Run,
    kept: Option<&Kept>,
    failure: Option<String>,
    unchosen: Option<String>,
) -> (RunEnd, Option<String>) {
    if let Some(failure) = failure {
        return (RunEnd::Failed, Some(failure));
    }
    match (run, kept) {
        (Run::Weights(_) | Run::Row(_), _) => (RunEnd::Finished, None),
        (_, Some(kept)) => match kept
            .record
            .pointer("/ended/iteration")
            .and_then(|i| i.as_u64())
        {
            None => (RunEnd::Finished, None),
            Some(iteration) => {
                let reason =
                    format!("the loss or a weight was no finite number in iteration {iteration}");
                (RunEnd::Diverged, Some(reason))
            }
        },
        (Run::Train { recipe, key: None }, None) => {
            let found = plan.data.get(&recipe.data.set);
            let problem = found.and_then(|found| found.as_ref().err());
            (
                RunEnd::NotRun,
                Some(format!("no data: {}", problem.map_or("", |p| p))),
            )
        }
        _ if unchosen.is_some() => (RunEnd::NotRun, unchosen),
        _ => (RunEnd::NotRun, Some("the study was interrupted".into())),
    }
}

/// Why nothing was chosen for `cell`.
fn unchosen(cell: &CellPlan, executed: &Executed, store: &Store) -> String {
    let trials = cell
        .candidates
        .iter()
        .filter_map(|candidate| candidate.trial.as_ref());
    let keys: Vec<String> = trials.filter_map(Run::identity).collect();
    let failure = keys.iter().find_map(|key| executed.failures.get(key));
    match failure {
        Some(failure) => format!("a candidate of its choice failed: {failure}"),
        None if keys.iter().any(|key| store.find(key).is_none()) => {
            "the study was interrupted".into()
        }
        None => "no candidate of its choice has learned".into(),
    }
}

impl Done<'_> {
    /// What a report says of it.
    pub fn report(&self) -> RunReport {
        let record = self.kept.as_ref().map(|kept| &kept.record);
        let (ended, reason) = self.ended.clone();
        RunReport {
            group: self.group.to_owned(),
            variables: self.variables.clone(),
            seed: self.seed,
            key: self.run.identity(),
            ended,
            reason,
            iterations: record.and_then(|r| r["iterations"].as_u64()),
            device: record.and_then(|r| Some(r["device"].as_str()?.to_owned())),
            seconds: record.and_then(|r| r["timing"]["seconds"].as_f64()),
        }
    }

    /// What is measured.
    pub fn subject(&self) -> Subject<'_> {
        Subject {
            run: self.run,
            variables: &self.variables,
            record: self.kept.as_ref().map(|kept| &kept.record),
            weights: match self.run {
                Run::Weights(path) => Some(path),
                _ => self.kept.as_ref().and_then(|kept| kept.weights.as_deref()),
            },
        }
    }

    /// Whether it can be measured.
    pub fn is_there(&self) -> bool {
        self.kept.is_some() || matches!(self.run, Run::Weights(_) | Run::Row(_))
    }
}
