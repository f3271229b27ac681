//! Every measure on every run.

use super::cell::{Cell, Value};
use super::execute::Executed;
use super::file::{Measure, What};
use super::measure::{Shared, Subject, take};
use super::plan::{Run, StudyPlan};
use super::result::{Curve, Observation, RunEnd, RunReport};
use super::store::{Kept, Store};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// A run with what is kept of it.
pub(super) struct Done<'a> {
    /// Its group.
    pub group: &'a str,
    /// The variables of the grid.
    pub cell: &'a Cell,
    /// All variables, the chosen ones too.
    pub variables: Cell,
    /// Its seed; 0 of what has none.
    pub seed: u64,
    run: &'a Run,
    kept: Option<Kept>,
    /// How it ended, and why.
    ended: (RunEnd, Option<String>),
}

/// All runs of `plan`, in its order, those of the chosen candidates.
pub(super) fn runs<'a>(plan: &'a StudyPlan, executed: &Executed, store: &Store) -> Vec<Done<'a>> {
    let mut all = Vec::new();
    for (group, chosen) in plan.groups.iter().zip(&executed.chosen) {
        for (cell, place) in group.cells.iter().zip(chosen) {
            let candidate = &cell.candidates[place.unwrap_or(0)];
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
                    ended: ended(plan, run, kept.as_ref(), failure, place.is_some()),
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
    chosen: bool,
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
        _ if !chosen => (
            RunEnd::NotRun,
            Some("no candidate of its choice has learned".into()),
        ),
        _ => (RunEnd::NotRun, Some("the study was interrupted".into())),
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

    fn subject(&self) -> Subject<'_> {
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
    fn is_there(&self) -> bool {
        self.kept.is_some() || matches!(self.run, Run::Weights(_) | Run::Row(_))
    }
}

/// The run that is equal to `runs[from]` but in the variables of `to`, `group` among them: of the same seed, or the only
/// one with these variables. Variables that its group does not have do not count.
pub(super) fn related(
    runs: &[Done<'_>],
    from: usize,
    to: &BTreeMap<String, Value>,
) -> Option<usize> {
    let mut wanted = runs[from].cell.clone();
    let mut group = runs[from].group.to_owned();
    for (name, value) in to {
        if name == "group" {
            group = value.to_string();
        } else {
            wanted.insert(name.clone(), value.clone());
        }
    }
    let fits = |run: &&Done<'_>| {
        let same = |(name, value): (&String, &Value)| {
            wanted.get(name).is_none_or(|wanted| wanted.equals(value))
        };
        run.group == group && run.cell.iter().all(same)
    };
    let place = |run: &Done<'_>| runs.iter().position(|other| std::ptr::eq(other, run));
    let mut all = runs.iter().filter(fits);
    let seed = runs[from].seed;
    if let Some(run) = all.clone().find(|run| run.seed == seed) {
        return place(run);
    }
    let first = all.next()?;
    all.next().is_none().then(|| place(first))?
}

/// What every measure of `plan` gives on every run, and what stood in the way, a sentence a measure and run.
pub(super) fn observe(plan: &StudyPlan, runs: &[Done<'_>]) -> (Vec<Observation>, Vec<String>) {
    let shared = Shared::new(plan.quick);
    let mut found: Vec<Observation> = Vec::new();
    let mut problems = Vec::new();
    for measure in &plan.study.measures {
        let places: Vec<usize> = (0..runs.len())
            .filter(|&i| measure.is_of(runs[i].group) && runs[i].is_there())
            .collect();
        let curves: Vec<(usize, Result<Curve, String>)> = places
            .into_par_iter()
            .map(|run| (run, one(measure, run, runs, &found, &shared)))
            .collect();
        for (run, curve) in curves {
            match curve {
                Ok(curve) => found.push(Observation {
                    run,
                    measure: measure.name.clone(),
                    curve,
                }),
                Err(problem) => problems.push(format!(
                    "{} of {} {}, seed {}: {problem}",
                    measure.name,
                    runs[run].group,
                    super::words(&runs[run].variables),
                    runs[run].seed,
                )),
            }
        }
    }
    (found, problems)
}

fn one(
    measure: &Measure,
    run: usize,
    runs: &[Done<'_>],
    found: &[Observation],
    shared: &Shared,
) -> Result<Curve, String> {
    let earlier = |name: &str, run: usize| {
        let mut all = found.iter();
        let of = all.find(|o| o.run == run && o.measure == name);
        of.map(|o| &o.curve)
            .ok_or_else(|| format!("there is no {name} to hold it against"))
    };
    match measure.what().expect("measures were checked") {
        What::Ratio(relation) | What::Difference(relation) => {
            let other = related(runs, run, &relation.to)
                .ok_or("the run that it is held against is not there")?;
            let by = relation.by.as_ref().unwrap_or(&relation.of);
            let (one, other) = (earlier(&relation.of, run)?, earlier(by, other)?);
            let divide = measure.ratio.is_some();
            combined(one, other, |a, b| if divide { a / b } else { a - b })
        }
        What::Weights(_, settings) => {
            let to = settings.get("to").and_then(toml::Value::as_table);
            let other = match to {
                None => None,
                Some(to) => {
                    let each = to
                        .iter()
                        .map(|(name, value)| Ok((name.clone(), Value::new(value)?)));
                    related(runs, run, &each.collect::<Result<_, String>>()?)
                }
            };
            let other = other.map(|other| runs[other].subject());
            take(measure, &runs[run].subject(), other.as_ref(), shared)
        }
        What::Column(_) => take(measure, &runs[run].subject(), None, shared),
    }
}

/// Place by place; a single number is held against every place of a curve.
fn combined(one: &Curve, other: &Curve, f: impl Fn(f64, f64) -> f64) -> Result<Curve, String> {
    let mut curve = one.clone();
    for (at, value) in one.at.iter().zip(&mut curve.values) {
        let against = match other.over {
            None => other.values.first().copied(),
            Some(_) => other
                .at
                .iter()
                .position(|x| x == at)
                .map(|i| other.values[i]),
        };
        *value = against.map_or(f64::NAN, |against| f(*value, against));
    }
    Ok(curve)
}
