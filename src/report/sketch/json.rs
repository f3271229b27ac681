//! JSON, one document or one line a matrix; what is undefined is `null`.

use crate::report::json::to_json;
use crate::sketch::{Accuracy, SketchRun, Sketched};
use serde::Serialize;
use serde_json::{Map, Value};

/// The run as one JSON document, ending with a line break.
///
/// # Errors
///
/// When a value cannot be written as JSON.
pub fn sketches_to_json(run: &SketchRun) -> Result<String, serde_json::Error> {
    let mut value = serde_json::to_value(run)?;
    complete_layers(&mut value, &keys(empty(run)));
    to_json(&value)
}

/// One line of JSON a matrix.
///
/// # Errors
///
/// When a value cannot be written as JSON.
pub fn sketches_to_json_lines(run: &SketchRun) -> Result<String, serde_json::Error> {
    let keys = keys(empty(run));
    let line = |layer| {
        let mut value = serde_json::to_value(layer)?;
        if let Some(layer) = value.as_object_mut() {
            complete(layer, &keys);
        }
        to_json(&value)
    };
    run.rows.iter().map(line).collect()
}

/// Findings with all the keys that those of the run have.
fn empty(run: &SketchRun) -> Sketched {
    Sketched {
        accuracy: run.device.as_ref().map(|_| Accuracy::default()),
        ..Sketched::default()
    }
}

/// The keys that a row with findings has.
fn keys<T: Serialize>(empty: T) -> Vec<String> {
    match serde_json::to_value(empty) {
        Ok(Value::Object(fields)) => fields.into_iter().map(|(key, _)| key).collect(),
        _ => Vec::new(),
    }
}

/// Layers without findings have their keys all the same.
fn complete_layers(document: &mut Value, keys: &[String]) {
    if let Some(Value::Array(layers)) = document.get_mut("layers") {
        for layer in layers.iter_mut().filter_map(Value::as_object_mut) {
            complete(layer, keys);
        }
    }
}

/// Adds the keys that are missing, as `null`.
fn complete(layer: &mut Map<String, Value>, keys: &[String]) {
    for key in keys {
        layer.entry(key.as_str()).or_insert(Value::Null);
    }
}
