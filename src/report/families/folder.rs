//! The files of a report folder.

use super::family_frame;
use crate::fit::families::FamilyComparison;
use crate::report::json::to_json;
use crate::report::{page, parquet, plots};

/// A report folder's content: `report.json`, `families.parquet`, the pictures of at most `pictured`
/// matrices, and last `index.html`, each with its bytes. The same comparison gives the same bytes.
///
/// # Errors
///
/// When a table or a picture cannot be made.
pub fn family_files(
    comparison: &FamilyComparison,
    pictured: usize,
) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let pictures = plots::family_pictures(comparison, pictured)?;
    let page = page::render_families(comparison, &pictures);
    let mut files = vec![
        ("report.json".into(), to_json(comparison)?.into_bytes()),
        (
            "families.parquet".into(),
            parquet(family_frame(comparison)?)?,
        ),
    ];
    files.extend(pictures);
    files.push(("index.html".into(), page.into_bytes()));
    Ok(files)
}
