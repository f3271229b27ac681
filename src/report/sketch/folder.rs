//! The files of a report folder.

use super::{sketch_frame, sketches_to_json};
use crate::report::{page, parquet, plots};
use crate::sketch::SketchRun;

/// A report folder's content: `report.json`, `sketches.parquet`, the pictures of at most `pictured`
/// matrices, and last `index.html`, each with its bytes. The same run gives the same bytes.
///
/// # Errors
///
/// When a table or a picture cannot be made.
pub fn sketch_files(run: &SketchRun, pictured: usize) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let pictures = plots::sketch_pictures(run, pictured)?;
    let page = page::render_sketches(run, &pictures);
    let mut files = vec![
        ("report.json".into(), sketches_to_json(run)?.into_bytes()),
        ("sketches.parquet".into(), parquet(sketch_frame(run)?)?),
    ];
    files.extend(pictures);
    files.push(("index.html".into(), page.into_bytes()));
    Ok(files)
}
