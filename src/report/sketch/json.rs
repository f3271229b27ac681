//! JSON, one document or one line a matrix; what is undefined is `null`.

use crate::report::json::{complete, complete_layers, keys};
use crate::sketch::{Accuracy, SketchRun, Sketched};

/// The run as one JSON document, ending with a line break.
///
/// # Errors
///
/// When a value cannot be written as JSON.
pub fn sketches_to_json(run: &SketchRun) -> Result<String, serde_json::Error> {
    let mut value = serde_json::to_value(run)?;
    complete_layers(&mut value, &keys(empty(run)));
    Ok(serde_json::to_string(&value)? + "\n")
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
        Ok(serde_json::to_string(&value)? + "\n")
    };
    run.layers.iter().map(line).collect()
}

/// Findings with all the keys that those of the run have.
fn empty(run: &SketchRun) -> Sketched {
    Sketched {
        accuracy: run.device.as_ref().map(|_| Accuracy::default()),
        ..Sketched::default()
    }
}
