//! JSON, one document or one line a layer. Numbers have the shortest form that reads back to the
//! same bits; what is undefined or not finite is `null`.

use serde::Serialize;

/// `result` as one JSON document, ending with a line break.
///
/// # Errors
///
/// When a value cannot be written as JSON.
pub fn to_json<T: Serialize>(result: &T) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string(result)? + "\n")
}

/// One line of JSON a row.
///
/// # Errors
///
/// When a value cannot be written as JSON.
pub fn to_json_lines<T: Serialize>(rows: &[T]) -> Result<String, serde_json::Error> {
    let line = |row: &T| Ok(serde_json::to_string(row)? + "\n");
    rows.iter().map(line).collect()
}
