//! The files of a report folder.

use super::{analysis_frame, comparison_frame, page, parquet, plots, to_json};
use crate::spectrum::{Analysis, Comparison};

/// A report folder's content.
#[derive(Debug)]
pub struct ReportFiles {
    /// `report.json`, a table as Parquet, the pictures, and last `index.html`, each with its bytes.
    pub files: Vec<(String, Vec<u8>)>,
    /// How many analysed layers have no picture, because of the limit or because their values are
    /// beyond 10^±100.
    pub without_picture: usize,
}

/// The files of a report, its table `layers.parquet`, with pictures of at most `pictured` layers; the
/// page draws all. The same analysis gives the same bytes.
///
/// # Errors
///
/// When a table or a picture cannot be made.
pub fn report_files(analysis: &Analysis, pictured: usize) -> anyhow::Result<ReportFiles> {
    let pictures = plots::pictures(analysis, pictured)?;
    let mut files = vec![
        ("report.json".into(), to_json(analysis)?.into_bytes()),
        ("layers.parquet".into(), parquet(analysis_frame(analysis)?)?),
    ];
    files.extend(pictures.files);
    files.push(("index.html".into(), page::render(analysis).into_bytes()));
    Ok(ReportFiles {
        files,
        without_picture: pictures.left_out,
    })
}

/// The files of a comparison's report, each with its bytes: `report.json`, `pairs.parquet`, the
/// pictures of every tensor, and last `index.html`. The same comparison gives the same bytes.
///
/// # Errors
///
/// When a table or a picture cannot be made.
pub fn comparison_files(comparison: &Comparison) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let pictures = plots::comparison_pictures(comparison)?;
    let page = page::render_comparison(comparison, &pictures);
    let mut files = vec![
        ("report.json".into(), to_json(comparison)?.into_bytes()),
        (
            "pairs.parquet".into(),
            parquet(comparison_frame(comparison)?)?,
        ),
    ];
    files.extend(pictures.into_iter().flat_map(|tensor| tensor.files));
    files.push(("index.html".into(), page.into_bytes()));
    Ok(files)
}
