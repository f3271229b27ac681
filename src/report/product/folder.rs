//! The files of a report folder.

use super::product_frame;
use crate::fit::product::ProductFits;
use crate::report::{ReportFiles, page, parquet, plots, to_json};

/// The files of a report, its table `fits.parquet`, with pictures of the first `pictured` matrices that
/// were fitted. The same fits give the same bytes.
///
/// # Errors
///
/// When a table or a picture cannot be made.
pub fn product_files(fits: &ProductFits, pictured: usize) -> anyhow::Result<ReportFiles> {
    let pictures = plots::product_pictures(fits, pictured)?;
    let fitted = fits.rows.iter().filter(|row| row.fit.is_some()).count();
    let without_picture = fitted - pictures.len();
    let page = page::render_product(fits, &pictures);
    let mut files = vec![
        ("report.json".into(), to_json(fits)?.into_bytes()),
        ("fits.parquet".into(), parquet(product_frame(fits)?)?),
    ];
    files.extend(pictures.into_iter().flat_map(|picture| picture.files));
    files.push(("index.html".into(), page.into_bytes()));
    Ok(ReportFiles {
        files,
        without_picture,
    })
}
