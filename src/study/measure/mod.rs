//! What is measured on a run: a file a kind.

mod column;
mod compare;
mod decay;
mod eigenvalues;
mod weights;

use super::cell::{Cell, filled};
use super::file::{At, Measure, What, When};
use super::plan::{Run, StudyPlan};
use super::result::Curve;
use crate::spectrum::{Analyzer, Settings};
use crate::train::Recipe;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::path::Path;

/// A run that is done, to be measured.
pub(super) struct Subject<'a> {
    /// What it is a run of.
    pub run: &'a Run,
    /// All variables, the chosen ones too.
    pub variables: &'a Cell,
    /// A training's record.
    pub record: Option<&'a Json>,
    /// Its weights.
    pub weights: Option<&'a Path>,
}

/// What measuring shares among runs.
pub(super) struct Shared {
    /// Random spectra by shape.
    pub analyzer: Analyzer,
    /// How many times shorter trainings are than the study says.
    pub shortened: u64,
}

impl Shared {
    pub fn new(shortened: u64) -> Shared {
        Shared {
            analyzer: Analyzer::new(Settings::default()),
            shortened,
        }
    }

    /// A place on a curve of iterations that a study names, in its shortened runs.
    pub fn iteration(&self, iteration: u64) -> u64 {
        iteration.div_ceil(self.shortened)
    }
}

/// The numbers of `measure` on `subject`; `other` is the run that a comparison names, if there is one.
///
/// # Errors
///
/// A sentence that says why there is no number.
pub(super) fn take(
    measure: &Measure,
    subject: &Subject<'_>,
    other: Option<&Subject<'_>>,
    shared: &Shared,
) -> Result<Curve, String> {
    let what = measure.what().expect("measures were checked");
    let mut curve = match what {
        What::Column(name) => column::take(name, measure.at, subject, shared)?,
        What::Weights(kind, settings) => {
            let settings = resolved(settings, subject.variables)?;
            match kind {
                "compare" => compare::take(settings, measure.at, subject, other, shared)?,
                "decay" => decay::take(settings, measure.at, subject, shared)?,
                "eigenvalues" => eigenvalues::take(settings, subject)?,
                kind => weights::take(kind, settings, subject, shared)?,
            }
        }
        What::Ratio(_) | What::Difference(_) => unreachable!("made of other measures"),
    };
    if measure.percent {
        curve.values.iter_mut().for_each(|x| *x *= 100.0);
    }
    Ok(curve)
}

/// Whether `measure` can be taken of a run, as far as that is known before it.
///
/// # Errors
///
/// A sentence.
fn check(measure: &Measure, run: &Run, variables: &Cell) -> Result<(), String> {
    match measure.what().expect("measures were checked") {
        What::Column(name) => column::check(name, run),
        What::Weights(kind, settings) => {
            let settings = resolved(settings, variables)?;
            match kind {
                "compare" => compare::check(settings, run),
                "decay" => decay::check(settings, run),
                "eigenvalues" => eigenvalues::check(settings, run),
                kind => weights::check(kind, settings, run),
            }
        }
        What::Ratio(_) | What::Difference(_) => Ok(()),
    }
}

/// Checks every measure on a run of every cell.
///
/// # Errors
///
/// One sentence that names measure and group.
pub(super) fn check_measures(plan: &StudyPlan) -> Result<(), String> {
    for measure in &plan.study.measures {
        for group in plan
            .groups
            .iter()
            .filter(|group| measure.is_of(&group.name))
        {
            for cell in &group.cells {
                for candidate in &cell.candidates {
                    let Some((_, run)) = candidate.runs.first() else {
                        continue;
                    };
                    let mut variables = cell.variables.clone();
                    variables.extend(candidate.variables.clone());
                    check(measure, run, &variables).map_err(|problem| {
                        format!("measure {}, group {}: {problem}", measure.name, group.name)
                    })?;
                }
            }
        }
    }
    Ok(())
}

/// Settings of a measure with the variables filled in.
fn resolved(settings: &toml::Table, variables: &Cell) -> Result<toml::Value, String> {
    filled(&toml::Value::Table(settings.clone()), variables)
}

/// Settings as those of one kind of measure.
fn as_settings<T: DeserializeOwned>(settings: toml::Value) -> Result<T, String> {
    let problem = |error: toml::de::Error| error.message().lines().next().unwrap_or("").to_owned();
    settings.try_into().map_err(problem)
}

/// The recipe that a run trains.
fn recipe(run: &Run) -> Result<&Recipe, String> {
    match run {
        Run::Train { recipe, .. } => Ok(recipe),
        _ => Err("is of trainings, and this group has none".into()),
    }
}

/// Whether `recipe` watches `layer`, so that its record has the layer's singular values.
fn watches(recipe: &Recipe, layer: &str) -> Result<(), String> {
    let watched = &recipe.record.watch;
    match watched.iter().any(|name| name == layer) {
        true => Ok(()),
        false => Err(format!(
            "{layer} is not watched; set \"record.watch\" = [\"{layer}\"]"
        )),
    }
}

/// Why a layer cannot be measured that is not there.
fn no_layer(recipe: &Recipe, asked: &str) -> String {
    let layers: Vec<String> = recipe.weighted_layers().collect();
    format!(
        "no layer is called {asked}; there are {}",
        layers.join(", ")
    )
}

/// The rows of a record that `at` asks for, with their iterations.
fn rows<'a>(record: &'a Json, at: At, shared: &Shared) -> Result<Vec<(f64, &'a Json)>, String> {
    let rows = record["rows"].as_array().ok_or("the record has no rows")?;
    let iteration = |row: &Json| row["iteration"].as_f64().unwrap_or(f64::NAN);
    let all = rows.iter().map(|row| (iteration(row), row));
    Ok(match at {
        At::Word(When::All) => all.collect(),
        At::Word(When::Last) if record["ended"]["how"] == "diverged" => {
            return Err("the run diverged: it has no end".into());
        }
        At::Word(When::Last) => all.rev().take(1).collect(),
        At::Iteration(asked) => {
            let wanted = shared.iteration(asked);
            let found: Vec<_> = all.filter(|(i, _)| *i == wanted as f64).collect();
            if found.is_empty() {
                return Err(format!(
                    "the record has no row after {wanted} iterations; record.every says which it has"
                ));
            }
            found
        }
    })
}

/// Numbers of rows: a curve over the iterations where all were asked for, else one number.
fn over_rows(at: At, numbers: Vec<(f64, f64)>) -> Curve {
    match at {
        At::Word(When::All) => Curve {
            over: Some("iteration"),
            at: numbers.iter().map(|(at, _)| *at).collect(),
            values: numbers.iter().map(|(_, value)| *value).collect(),
        },
        _ => single(numbers.last().map_or(f64::NAN, |(_, value)| *value)),
    }
}

/// One number.
fn single(value: f64) -> Curve {
    Curve {
        over: None,
        at: vec![0.0],
        values: vec![value],
    }
}

/// What `row` has of a watched layer.
fn watched<'a>(row: &'a Json, layer: &str) -> Result<&'a Json, String> {
    let all = row["watched"].as_array();
    let found = all.and_then(|all| all.iter().find(|w| w["layer"] == layer));
    found.ok_or_else(|| format!("the record does not have {layer}"))
}

/// A list of numbers; those that JSON has no form for are NaN.
fn numbers(list: &Json) -> Vec<f64> {
    let list = list.as_array().map_or(&[][..], Vec::as_slice);
    list.iter()
        .map(|x| x.as_f64().unwrap_or(f64::NAN))
        .collect()
}

/// A number, or a list of numbers by its orders, at a place such as `power_law.alpha` of a JSON object.
fn at_place(json: &Json, place: &str) -> Result<Curve, String> {
    let mut found = json;
    for key in place.split('.') {
        let next = match key.parse::<usize>() {
            Ok(index) => found.get(index),
            Err(_) => found.get(key),
        };
        found = next.ok_or_else(|| format!("there is no number {place}"))?;
    }
    match found {
        Json::Array(_) => {
            let values = numbers(found);
            Ok(Curve {
                over: Some("order"),
                at: (1..=values.len()).map(|order| order as f64).collect(),
                values,
            })
        }
        Json::Number(number) => Ok(single(number.as_f64().unwrap_or(f64::NAN))),
        Json::Bool(flag) => Ok(single(f64::from(u8::from(*flag)))),
        Json::Null => Ok(single(f64::NAN)),
        _ => Err(format!("{place} is no number")),
    }
}
