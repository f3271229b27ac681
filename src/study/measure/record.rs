//! Numbers and curves from the rows of a record.

use super::subject::Shared;
use crate::study::file::{At, When};
use crate::study::result::Curve;
use serde_json::Value as Json;

/// The rows of a record that `at` asks for, with their iterations.
pub(super) fn rows<'a>(
    record: &'a Json,
    at: At,
    shared: &Shared,
) -> Result<Vec<(f64, &'a Json)>, String> {
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
pub(super) fn over_rows(at: At, numbers: Vec<(f64, f64)>) -> Curve {
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
pub(super) fn single(value: f64) -> Curve {
    Curve {
        over: None,
        at: vec![0.0],
        values: vec![value],
    }
}

/// What `row` has of a watched layer.
pub(super) fn watched<'a>(row: &'a Json, layer: &str) -> Result<&'a Json, String> {
    let all = row["watched"].as_array();
    let found = all.and_then(|all| all.iter().find(|w| w["layer"] == layer));
    found.ok_or_else(|| format!("the record does not have {layer}"))
}

/// A list of numbers; those that JSON has no form for are NaN.
pub(super) fn numbers(list: &Json) -> Vec<f64> {
    let list = list.as_array().map_or(&[][..], Vec::as_slice);
    list.iter()
        .map(|x| x.as_f64().unwrap_or(f64::NAN))
        .collect()
}

/// A number, or a list of numbers by its orders, at a place such as `power_law.alpha` of a JSON object.
pub(super) fn at_place(json: &Json, place: &str) -> Result<Curve, String> {
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
