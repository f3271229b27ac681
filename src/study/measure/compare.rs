//! The singular values of a watched layer beside random ones.

use super::record::{at_place, numbers, over_rows, rows, watched};
use super::subject::{Shared, Subject, as_settings, recipe, watches};
use crate::spectrum::{Initialisation, Sister, SisterSettings};
use crate::study::cell::Value;
use crate::study::file::{At, When};
use crate::study::plan::Run;
use crate::study::result::Curve;
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// What a study's file says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct CompareSettings {
    /// The layer.
    layer: String,
    /// The variables in which the run that R has its variance from is another; the caller finds that run.
    #[serde(default, rename = "to")]
    _to: BTreeMap<String, Value>,
    /// A key of the JSON of `spectra compare`.
    number: String,
    /// When ONE is taken.
    #[serde(default)]
    when: Time,
}

/// When a run is taken that others are compared with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Time {
    /// At its end.
    #[default]
    Last,
    /// At the same iteration.
    Same,
}

pub(super) fn check(settings: toml::Value, run: &Run) -> Result<(), String> {
    let settings: CompareSettings = as_settings(settings)?;
    watches(recipe(run)?, &settings.layer)?;
    let empty = serde_json::to_value(crate::spectrum::Sisters::default());
    let empty = empty.map_err(|error| error.to_string())?;
    match empty.get(&settings.number) {
        Some(_) => Ok(()),
        None => Err(format!("spectra compare has no number {}", settings.number)),
    }
}

/// The weights of `other` are ONE, whose variance R has; the rows of `subject` are OTHER.
pub(super) fn take(
    settings: toml::Value,
    at: At,
    subject: &Subject<'_>,
    other: Option<&Subject<'_>>,
    shared: &Shared,
) -> Result<Curve, String> {
    let settings: CompareSettings = as_settings(settings)?;
    let one = other.ok_or("the run that it is compared with has not ended")?;
    let record = one
        .record
        .ok_or("the run that it is compared with has no record")?;
    let ones = match settings.when {
        Time::Last => rows(record, At::default(), shared)?,
        Time::Same => rows(record, at, shared)?,
    };
    let of_one = |iteration: f64| -> Result<Sister, String> {
        let last = ones.last().filter(|_| settings.when == Time::Last);
        let found = last.or(ones.iter().find(|(at, _)| *at == iteration));
        let (_, row) = found.ok_or("the run that it is compared with has no such row")?;
        sister(record, row, &settings.layer)
    };
    let record = subject.record.ok_or("there is no record")?;
    let how = SisterSettings {
        spectrum: shared.analyzer.settings().clone(),
        initialisation: Initialisation::FanIn,
        track: false,
    };
    let mut curve = Vec::new();
    let mut list = None;
    for (iteration, row) in rows(record, at, shared)? {
        let (one, other) = (of_one(iteration)?, sister(record, row, &settings.layer)?);
        let compared = shared.analyzer.compare(&one, &other, &how);
        let compared = compared.map_err(|gap| gap.reason)?;
        let json = serde_json::to_value(compared).map_err(|error| error.to_string())?;
        let number = at_place(&json, &settings.number)?;
        match number.over {
            Some(_) => list = Some(number),
            None => curve.push((iteration, number.values[0])),
        }
    }
    match list {
        Some(list) if at != At::Word(When::All) => Ok(list),
        Some(_) => Err(format!(
            "{} is a list; take it at one time",
            settings.number
        )),
        None => Ok(over_rows(at, curve)),
    }
}

/// What a row of `record` says of `layer`, as one side of a comparison.
fn sister(record: &Json, row: &Json, layer: &str) -> Result<Sister, String> {
    let layers = record["layers"].as_array().into_iter().flatten();
    let summary = layers.clone().find(|l| l["name"] == layer);
    let summary = summary.ok_or_else(|| format!("the record has no layer {layer}"))?;
    let count = |key: &str| summary[key].as_u64().unwrap_or(0) as usize;
    let values = numbers(&watched(row, layer)?["singular_values"]);
    let variance = watched(row, layer)?["variance"].as_f64();
    let variance = variance.filter(|_| values.iter().all(|s| s.is_finite()) && !values.is_empty());
    let variance = variance.ok_or("the weights are no finite numbers")?;
    let outputs = summary["output"].as_str().unwrap_or("");
    let rows: usize = outputs
        .parse()
        .map_err(|_| format!("{layer} is no linear layer"))?;
    let (dense, parameters) = (count("dense"), count("parameters"));
    if rows == 0 || parameters == 0 || !dense.is_multiple_of(parameters) {
        return Err(format!("{layer} has no equal blocks"));
    }
    let (blocks, columns) = (dense / parameters, dense / rows);
    if !rows.is_multiple_of(blocks) || !columns.is_multiple_of(blocks) {
        return Err(format!("{layer} has no equal blocks"));
    }
    Ok(Sister::new(
        [blocks, rows / blocks, columns / blocks],
        variance,
        values,
    ))
}
