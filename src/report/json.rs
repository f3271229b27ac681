//! JSON, one document or one line a layer. Numbers have the shortest form that reads back to the
//! same bits; what is undefined or not finite is `null`.

use crate::spectrum::{Analysis, Layer, LayerSpectrum};
use serde::Serialize;
use serde_json::{Map, Value};

/// `result` as one JSON document, ending with a line break.
///
/// # Errors
///
/// When a value cannot be written as JSON.
pub fn to_json<T: Serialize>(result: &T) -> Result<String, serde_json::Error> {
    let mut value = serde_json::to_value(result)?;
    if let Some(Value::Array(layers)) = value.get_mut("layers") {
        let empty = undefined();
        for layer in layers.iter_mut().filter_map(Value::as_object_mut) {
            complete(layer, &empty);
        }
    }
    Ok(serde_json::to_string(&value)? + "\n")
}

/// One line of JSON a layer.
///
/// # Errors
///
/// When a value cannot be written as JSON.
pub fn to_json_lines(analysis: &Analysis) -> Result<String, serde_json::Error> {
    let empty = undefined();
    analysis
        .layers
        .iter()
        .map(|layer: &Layer| {
            let mut value = serde_json::to_value(layer)?;
            if let Some(layer) = value.as_object_mut() {
                complete(layer, &empty);
            }
            Ok(serde_json::to_string(&value)? + "\n")
        })
        .collect()
}

/// One line of JSON a row.
///
/// # Errors
///
/// When a value cannot be written as JSON.
pub fn to_json_lines_of<T: Serialize>(rows: &[T]) -> Result<String, serde_json::Error> {
    let line = |row: &T| Ok(serde_json::to_string(row)? + "\n");
    rows.iter().map(line).collect()
}

/// The keys of a spectrum.
fn undefined() -> Vec<String> {
    match serde_json::to_value(LayerSpectrum::default()) {
        Ok(Value::Object(fields)) => fields.into_iter().map(|(key, _)| key).collect(),
        _ => Vec::new(),
    }
}

/// Rows without a spectrum have its keys all the same.
fn complete(layer: &mut Map<String, Value>, keys: &[String]) {
    for key in keys {
        layer.entry(key.as_str()).or_insert(Value::Null);
    }
}
