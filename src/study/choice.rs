//! The choice of hyper-parameters on held-out training samples.

use super::plan::{CellPlan, Run, StudyPlan};
use super::result::{Candidate, ChoiceReport};
use super::store::Store;
use std::collections::BTreeSet;

/// The place of the candidate of `cell` that does best on the held-out samples, the first of equal ones, and what a report
/// says of the choice; the first and no report where nothing is chosen. There is no place where no candidate has learned, and
/// where one is missing, which might have been the best.
pub(super) fn choose(
    store: &Store,
    group: &str,
    cell: &CellPlan,
) -> (Option<usize>, Option<ChoiceReport>) {
    if cell
        .candidates
        .iter()
        .all(|candidate| candidate.trial.is_none())
    {
        return (Some(0), None);
    }
    let candidates: Vec<Candidate> = (cell.candidates.iter())
        .map(|candidate| Candidate {
            variables: candidate.variables.clone(),
            key: candidate.trial.as_ref().and_then(Run::identity),
            accuracy: candidate
                .trial
                .as_ref()
                .and_then(|trial| accuracy(store, trial)),
        })
        .collect();
    let mut best: Option<(usize, f64)> = None;
    for (place, candidate) in candidates.iter().enumerate() {
        if let Some(accuracy) = candidate.accuracy
            && best.is_none_or(|(_, most)| accuracy > most)
        {
            best = Some((place, accuracy));
        }
    }
    let is_kept = |trial: &Run| {
        trial
            .identity()
            .is_some_and(|key| store.find(&key).is_some())
    };
    let mut trials = cell
        .candidates
        .iter()
        .filter_map(|candidate| candidate.trial.as_ref());
    let chosen = best.map(|(place, _)| place).filter(|_| trials.all(is_kept));
    let report = ChoiceReport {
        group: group.to_owned(),
        variables: cell.variables.clone(),
        candidates,
        chosen,
    };
    (chosen, Some(report))
}

/// How many trainings of `plan` are kept, and how many it has: those of choices, and those with what is chosen.
pub fn progress(plan: &StudyPlan, store: &Store) -> (usize, usize) {
    let is_kept = |key: &String| store.find(key).is_some();
    let mut keys = BTreeSet::new();
    let mut unchosen = 0;
    for cell in plan.groups.iter().flat_map(|group| &group.cells) {
        let trials = cell
            .candidates
            .iter()
            .filter_map(|candidate| candidate.trial.as_ref());
        keys.extend(trials.filter_map(training));
        match choose(store, "", cell)
            .0
            .map(|place| &cell.candidates[place])
        {
            Some(chosen) => keys.extend(chosen.runs.iter().filter_map(|(_, run)| training(run))),
            None => {
                let runs = cell.candidates[0].runs.iter();
                unchosen += runs.filter_map(|(_, run)| training(run)).count();
            }
        }
    }
    (
        keys.iter().filter(|key| is_kept(key)).count(),
        keys.len() + unchosen,
    )
}

/// The key of a training.
fn training(run: &Run) -> Option<String> {
    run.identity().filter(|_| matches!(run, Run::Train { .. }))
}

/// The last accuracy of a finished trial, on the samples that it held out.
fn accuracy(store: &Store, trial: &Run) -> Option<f64> {
    let kept = store.find(&trial.identity()?)?;
    let rows = kept.record["rows"].as_array()?;
    let finished = kept.record.pointer("/ended/how")? == "finished";
    rows.last()?["test_accuracy"].as_f64().filter(|_| finished)
}
