//! Every measure on every run.

use super::cell::{Value, words};
use super::done::Done;
use super::execute::StudyEvent;
use super::file::{Measure, What};
use super::measure::{Shared, take};
use super::plan::StudyPlan;
use super::relation::related;
use super::result::{Curve, Observation};
use rayon::prelude::*;

/// What every measure of `plan` gives on every run, and what stood in the way, a sentence a measure and run.
/// `listener` hears how far it is.
pub(super) fn observe(
    plan: &StudyPlan,
    runs: &[Done<'_>],
    listener: &dyn Fn(StudyEvent<'_>) -> bool,
) -> (Vec<Observation>, Vec<String>) {
    let shared = Shared::new(plan.shortened);
    let mut found: Vec<Observation> = Vec::new();
    let mut problems = Vec::new();
    let measures = plan.study.measures.len();
    for (taken, measure) in plan.study.measures.iter().enumerate() {
        listener(StudyEvent::Measuring { taken, measures });
        let places: Vec<usize> = (0..runs.len())
            .filter(|&i| measure.is_of(runs[i].group) && runs[i].is_there())
            .collect();
        let curves: Vec<(usize, Result<Curve, String>)> = places
            .into_par_iter()
            .map(|run| (run, one(plan, measure, run, runs, &found, &shared)))
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
                    words(&runs[run].variables),
                    runs[run].seed,
                )),
            }
        }
    }
    (found, problems)
}

fn one(
    plan: &StudyPlan,
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
            let other = related(plan, runs, run, &relation.to)
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
                    related(plan, runs, run, &each.collect::<Result<_, String>>()?)
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
