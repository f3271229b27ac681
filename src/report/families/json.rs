//! JSON, one document or one line a matrix; what is undefined is `null`.

use crate::fit::families::FamilyComparison;

/// The comparison as one JSON document, ending with a line break.
///
/// # Errors
///
/// When a value cannot be written as JSON.
pub fn families_to_json(comparison: &FamilyComparison) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string(comparison)? + "\n")
}

/// One line of JSON a matrix.
///
/// # Errors
///
/// When a value cannot be written as JSON.
pub fn families_to_json_lines(comparison: &FamilyComparison) -> Result<String, serde_json::Error> {
    let line = |layer| Ok(serde_json::to_string(layer)? + "\n");
    comparison.layers.iter().map(line).collect()
}
