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
    complete_layers(&mut value, &keys(LayerSpectrum::default()));
    Ok(serde_json::to_string(&value)? + "\n")
}

/// One line of JSON a layer.
///
/// # Errors
///
/// When a value cannot be written as JSON.
pub fn to_json_lines(analysis: &Analysis) -> Result<String, serde_json::Error> {
    let empty = keys(LayerSpectrum::default());
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

/// The keys that a row with findings has.
pub(super) fn keys<T: Serialize>(empty: T) -> Vec<String> {
    match serde_json::to_value(empty) {
        Ok(Value::Object(fields)) => fields.into_iter().map(|(key, _)| key).collect(),
        _ => Vec::new(),
    }
}

/// Layers without findings have their keys all the same.
pub(super) fn complete_layers(document: &mut Value, keys: &[String]) {
    if let Some(Value::Array(layers)) = document.get_mut("layers") {
        for layer in layers.iter_mut().filter_map(Value::as_object_mut) {
            complete(layer, keys);
        }
    }
}

/// Adds the keys that are missing, as `null`.
pub(super) fn complete(layer: &mut Map<String, Value>, keys: &[String]) {
    for key in keys {
        layer.entry(key.as_str()).or_insert(Value::Null);
    }
}
