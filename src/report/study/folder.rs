//! The files that tell of a study.

use super::figures::study_figures;
use super::frame::study_frame;
use super::thin::thinned;
use crate::report::{page, parquet, plots};
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
    Ok(serde_json::to_string(&value)? + "\n")
}

/// Returns the content of a study's folder, each file with its bytes: `report.json`, `runs.parquet`, `figure-NAME.svg` and
/// `figure-NAME.png` of each figure that has a number, and last `index.html`. The same report gives the same bytes.
///
/// # Errors
///
/// When a table or a picture cannot be made.
pub fn study_files(report: &StudyReport) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let figures = study_figures(report);
    let mut files = vec![
        ("report.json".into(), study_to_json(report)?.into_bytes()),
        ("runs.parquet".into(), parquet(study_frame(report)?)?),
    ];
    files.extend(plots::figure_pictures(&figures)?);
    let page = page::render_study(report, &figures);
    files.push(("index.html".into(), page.into_bytes()));
    Ok(files)
}
