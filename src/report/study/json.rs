//! A study as JSON.

use super::thin::thinned;
use crate::report::json::to_json;
use crate::study::StudyReport;

/// Returns the report as one JSON document, ending with a line break. Curves in it have at most 120 places, fewer where there
/// are many, with numbers of six digits; the table of runs has more.
///
/// # Errors
///
/// When a value cannot be written as JSON.
pub fn study_to_json(report: &StudyReport) -> Result<String, serde_json::Error> {
    let mut value = serde_json::to_value(report)?;
    value["values"] = serde_json::to_value(thinned(&report.values))?;
    to_json(&value)
}
