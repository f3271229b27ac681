//! Columns of a training's record and of tables.

use super::record::{numbers, over_rows, rows, single, watched};
use super::subject::{Shared, Subject, no_layer, recipe, watches};
use crate::study::file::{At, When};
use crate::study::plan::Run;
use crate::study::products::NUMBERS;
use crate::study::result::Curve;
use serde_json::Value as Json;

/// What a row of a record has.
const OF_ROWS: [&str; 10] = [
    "iteration",
    "epoch",
    "loss",
    "rate",
    "training-accuracy",
    "training-error",
    "test-accuracy",
    "test-error",
    "test-loss",
    "gap",
];

/// What a record has as a whole.
const OF_RUNS: [&str; 9] = [
    "parameters",
    "weights",
    "biases",
    "compression",
    "fold",
    "iterations",
    "seconds",
    "milliseconds-a-step",
    "best-test-accuracy",
];

/// What a row has of a layer, as in `variance ip1`.
const OF_WATCHED: [&str; 3] = ["variance", "s1", "singular-values"];

/// What a record has of a layer, as in `parameters ip1`.
const OF_LAYERS: [&str; 2] = ["parameters", "biases"];

/// The numbers of the column `name`.
pub(super) fn take(
    name: &str,
    at: At,
    subject: &Subject<'_>,
    shared: &Shared,
) -> Result<Curve, String> {
    if let Run::Row(row) = subject.run {
        let number = row.numbers.get(name).copied();
        return Ok(single(number.unwrap_or(f64::NAN)));
    }
    let record = subject.record.ok_or("there is no record")?;
    if let Run::Products(_) = subject.run {
        return Ok(single(record["numbers"][name].as_f64().unwrap_or(f64::NAN)));
    }
    if let Some((what, layer)) = name.split_once(' ') {
        return of_layer(what, layer, at, record, shared);
    }
    if name == "best-test-accuracy" && record["ended"]["how"] == "diverged" {
        return Err("the run diverged: it has no end".into());
    }
    if OF_RUNS.contains(&name) {
        return Ok(single(of_run(name, record)));
    }
    let rows = rows(record, at, shared)?.into_iter();
    let numbers = rows.map(|(iteration, row)| (iteration, of_row(name, row)));
    Ok(over_rows(at, numbers.collect()))
}

/// Whether `run` has the column `name`.
pub(super) fn check(name: &str, run: &Run) -> Result<(), String> {
    let known = |all: &[&str]| all.contains(&name);
    match run {
        Run::Row(row) => {
            if row.numbers.contains_key(name) {
                Ok(())
            } else {
                let all: Vec<&str> = row.numbers.keys().map(String::as_str).collect();
                Err(format!(
                    "the table has no numbers {name}; it has {}",
                    all.join(", ")
                ))
            }
        }
        Run::Train { .. } => match name.split_once(' ') {
            Some((what, layer)) if OF_WATCHED.contains(&what) => watches(recipe(run)?, layer),
            Some((what, layer)) if OF_LAYERS.contains(&what) => {
                let recipe = recipe(run)?;
                let mut names = recipe.layers.iter().enumerate();
                if names.any(|(index, settings)| settings.name_at(index) == layer) {
                    Ok(())
                } else {
                    Err(no_layer(recipe, layer))
                }
            }
            _ if known(&OF_ROWS) || known(&OF_RUNS) => Ok(()),
            _ => Err(format!(
                "{name} is no column; there are {}, {}, and of layers {} and {}",
                OF_ROWS.join(", "),
                OF_RUNS.join(", "),
                OF_WATCHED
                    .map(|what| format!("\"{what} LAYER\""))
                    .join(", "),
                OF_LAYERS.map(|what| format!("\"{what} LAYER\"")).join(", "),
            )),
        },
        Run::Products(_) => {
            if NUMBERS.contains(&name) {
                Ok(())
            } else {
                Err(format!(
                    "{name} is not timed; there are {}",
                    NUMBERS.join(", ")
                ))
            }
        }
        _ => Err("columns are of trainings, products and tables, and this group has none".into()),
    }
}

fn of_row(name: &str, row: &Json) -> f64 {
    let number = |key: &str| row[key].as_f64().unwrap_or(f64::NAN);
    match name {
        "training-error" => 1.0 - number("training_accuracy"),
        "test-error" => 1.0 - number("test_accuracy"),
        "gap" => number("training_accuracy") - number("test_accuracy"),
        name => number(&name.replace('-', "_")),
    }
}

fn of_run(name: &str, record: &Json) -> f64 {
    let number = |place: &str| {
        record
            .pointer(place)
            .and_then(Json::as_f64)
            .unwrap_or(f64::NAN)
    };
    match name {
        "parameters" => number("/parameters/weights") + number("/parameters/biases"),
        "weights" => number("/parameters/weights"),
        "biases" => number("/parameters/biases"),
        "compression" => number("/parameters/compression"),
        "fold" => 1.0 / number("/parameters/compression"),
        "iterations" => number("/iterations"),
        "seconds" => number("/timing/seconds"),
        "milliseconds-a-step" => {
            1000.0 * number("/recipe/training/batch") / number("/timing/samples_per_second")
        }
        _ => {
            let rows = record["rows"].as_array().into_iter().flatten();
            rows.map(|row| of_row("test-accuracy", row))
                .fold(f64::NAN, f64::max)
        }
    }
}

fn of_layer(
    what: &str,
    layer: &str,
    at: At,
    record: &Json,
    shared: &Shared,
) -> Result<Curve, String> {
    if OF_LAYERS.contains(&what) {
        let layers = record["layers"].as_array().into_iter().flatten();
        let found = layers.clone().find(|l| l["name"] == layer);
        let found = found.ok_or_else(|| format!("the record has no layer {layer}"))?;
        return Ok(single(found[what].as_f64().unwrap_or(f64::NAN)));
    }
    if what == "singular-values" {
        let at = if at == At::Word(When::All) {
            At::default()
        } else {
            at
        };
        let rows = rows(record, at, shared)?;
        let (_, row) = rows.last().ok_or("the record has no rows")?;
        let values = numbers(&watched(row, layer)?["singular_values"]);
        return Ok(Curve {
            over: Some("order"),
            at: (1..=values.len()).map(|order| order as f64).collect(),
            values,
        });
    }
    let mut numbers = Vec::new();
    for (iteration, row) in rows(record, at, shared)? {
        let watched = watched(row, layer)?;
        let number = match what {
            "variance" => &watched["variance"],
            _ => &watched["singular_values"][0],
        };
        numbers.push((iteration, number.as_f64().unwrap_or(f64::NAN)));
    }
    Ok(over_rows(at, numbers))
}
