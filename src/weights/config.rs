//! The quantisation of a model by the `config.json` beside it.

use std::path::Path;

use serde_json::Value;

use super::input::{Input, read_bytes};

/// Bytes of the longest configuration read.
const LONGEST: u64 = 4 << 20;

/// Returns how the model of the file at `path` is quantised, by the configuration in its folder.
pub(super) fn quantisation(path: &Path) -> Option<String> {
    let input = Input::open(&path.parent()?.join("config.json")).ok()?;
    let text = read_bytes(&mut input.at(0), input.length().min(LONGEST)).ok()?;
    let config: Value = serde_json::from_slice(&text).ok()?;
    let settings = ["quantization_config", "quantization"]
        .iter()
        .find_map(|key| config.get(key).filter(|value| value.is_object()))?;
    let method = settings.get("quant_method").and_then(Value::as_str);
    Some(method.unwrap_or("its settings").chars().take(60).collect())
}
