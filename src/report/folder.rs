//! The files of a report folder.

use super::{analysis_frame, page, parquet, plots, to_json};
use crate::spectrum::Analysis;

/// `report.json`, `layers.parquet`, the pictures, and last `index.html`, each with its bytes; the
/// same analysis gives the same bytes.
///
/// # Errors
///
/// When a table or a picture cannot be made.
pub fn report_files(analysis: &Analysis) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let mut files = vec![
        ("report.json".into(), to_json(analysis)?.into_bytes()),
        ("layers.parquet".into(), parquet(analysis_frame(analysis)?)?),
    ];
    files.extend(plots::pictures(analysis, plots::PICTURED_LAYERS)?.files);
    files.push(("index.html".into(), page::render(analysis).into_bytes()));
    Ok(files)
}
