//! The files that tell of a training.

use super::{record_frame, spectra_frame, training_figures};
use crate::report::text::shown_name;
use crate::report::{page, parquet, plots, to_json};
use crate::train::TrainingRecord;

/// The record as one JSON document, ending with a line break. Its last key, `timing`, is the only one
/// that differs between two runs of one recipe.
///
/// # Errors
///
/// When a value cannot be written as JSON.
pub fn record_to_json(record: &TrainingRecord) -> Result<String, serde_json::Error> {
    to_json(&serde_json::to_value(record)?)
}

/// Returns what lies beside the weights of a run: `record.parquet`, `spectra.parquet` where layers were watched, the
/// pictures, `index.html`, and last `record.json`, which says that all is there, each with its bytes. The same record gives the
/// same bytes; records that differ in their timing alone differ in `record.json` and one line of the
/// page.
///
/// # Errors
///
/// When a table or a picture cannot be made.
pub fn training_files(record: &TrainingRecord) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let mut files = vec![("record.parquet".into(), parquet(record_frame(record)?)?)];
    let spectra = spectra_frame(record)?;
    if spectra.height() > 0 {
        files.push(("spectra.parquet".into(), parquet(spectra)?));
    }
    let name = shown_name(&record.recipe.name);
    let mut figures = training_figures(record);
    for figure in &mut figures {
        figure.title = format!("{name}: {}", figure.title);
    }
    files.extend(plots::figure_pictures(&figures)?);
    let page = page::render_training(record);
    files.push(("index.html".into(), page.into_bytes()));
    files.push(("record.json".into(), record_to_json(record)?.into_bytes()));
    Ok(files)
}
