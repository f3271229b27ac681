//! The files of report folders.

use super::{
    analysis_figures, analysis_frame, comparison_figures, comparison_frame, family_figures,
    family_frame, page, parquet, plan_figures, plan_frame, plots, product_figures, product_frame,
    sketch_figures, sketch_frame, sketches_to_json, study_figures, study_frame, study_to_json,
    to_json,
};
use crate::fit::families::FamilyComparison;
use crate::fit::product::ProductFits;
use crate::plan::ModelPlan;
use crate::sketch::SketchRun;
use crate::spectrum::{Analysis, Comparison};
use crate::study::StudyReport;
use polars::prelude::{DataFrame, PolarsResult};

/// Files by name, in the order in which they are written.
type Files = Vec<(String, Vec<u8>)>;

/// A report folder's content.
#[derive(Debug)]
pub struct ReportFiles {
    /// `report.json`, a table as Parquet, the pictures, and last `index.html`, each with its bytes.
    pub files: Files,
    /// How many analysed layers have no picture, because of the limit or because their values are
    /// beyond 10^±100.
    pub without_picture: usize,
}

/// Returns a folder's files: `report.json`, a table as Parquet, the pictures, and last `index.html`, which says that all
/// is there.
fn folder(
    json: Result<String, serde_json::Error>,
    name: &str,
    table: PolarsResult<DataFrame>,
    pictures: Files,
    page: String,
) -> anyhow::Result<Files> {
    let mut files = vec![
        ("report.json".to_owned(), json?.into_bytes()),
        (name.to_owned(), parquet(table?)?),
    ];
    files.extend(pictures);
    files.push(("index.html".to_owned(), page.into_bytes()));
    Ok(files)
}

/// The files of a report, its table `layers.parquet`, with pictures of at most `pictured` layers; the
/// page draws all. The same analysis gives the same bytes.
///
/// # Errors
///
/// When a table or a picture cannot be made.
pub fn report_files(analysis: &Analysis, pictured: usize) -> anyhow::Result<ReportFiles> {
    let drawn = analysis_figures(analysis, pictured);
    let pictures = plots::figure_pictures(&drawn.figures)?;
    let (json, table) = (to_json(analysis), analysis_frame(analysis));
    let page = page::render(analysis);
    Ok(ReportFiles {
        files: folder(json, "layers.parquet", table, pictures, page)?,
        without_picture: drawn.left_out,
    })
}

/// The files of a comparison's report, each with its bytes: `report.json`, `pairs.parquet`, the
/// pictures of every tensor, and last `index.html`. The same comparison gives the same bytes.
///
/// # Errors
///
/// When a table or a picture cannot be made.
pub fn comparison_files(comparison: &Comparison) -> anyhow::Result<Files> {
    let pictures = plots::figure_pictures(&comparison_figures(comparison))?;
    let page = page::render_comparison(comparison, &pictures);
    let (json, table) = (to_json(comparison), comparison_frame(comparison));
    folder(json, "pairs.parquet", table, pictures, page)
}

/// A report folder's content: `report.json`, `families.parquet`, the pictures of at most `pictured`
/// matrices, and last `index.html`, each with its bytes. The same comparison gives the same bytes.
///
/// # Errors
///
/// When a table or a picture cannot be made.
pub fn family_files(comparison: &FamilyComparison, pictured: usize) -> anyhow::Result<Files> {
    let pictures = plots::figure_pictures(&family_figures(comparison, pictured))?;
    let page = page::render_families(comparison, &pictures);
    let (json, table) = (to_json(comparison), family_frame(comparison));
    folder(json, "families.parquet", table, pictures, page)
}

/// The files of a report, its table `fits.parquet`, with pictures of the first `pictured` matrices that
/// were fitted. The same fits give the same bytes.
///
/// # Errors
///
/// When a table or a picture cannot be made.
pub fn product_files(fits: &ProductFits, pictured: usize) -> anyhow::Result<ReportFiles> {
    let figures = product_figures(fits, pictured);
    let pictures = plots::figure_pictures(&figures)?;
    let fitted = fits.rows.iter().filter(|row| row.fit.is_some()).count();
    let without_picture = fitted - figures.len();
    let page = page::render_product(fits, &pictures);
    let (json, table) = (to_json(fits), product_frame(fits));
    Ok(ReportFiles {
        files: folder(json, "fits.parquet", table, pictures, page)?,
        without_picture,
    })
}

/// The files of a plan's report, its table `sizes.parquet`. The same plan gives the same bytes.
///
/// # Errors
///
/// When a table or a picture cannot be made.
pub fn plan_files(plan: &ModelPlan) -> anyhow::Result<ReportFiles> {
    let pictures = plots::figure_pictures(&plan_figures(plan))?;
    let page = page::render_plan(plan, &pictures);
    let (json, table) = (to_json(plan), plan_frame(plan));
    Ok(ReportFiles {
        files: folder(json, "sizes.parquet", table, pictures, page)?,
        without_picture: 0,
    })
}

/// A report folder's content: `report.json`, `sketches.parquet`, the pictures of at most `pictured`
/// matrices, and last `index.html`, each with its bytes. The same run gives the same bytes.
///
/// # Errors
///
/// When a table or a picture cannot be made.
pub fn sketch_files(run: &SketchRun, pictured: usize) -> anyhow::Result<Files> {
    let pictures = plots::figure_pictures(&sketch_figures(run, pictured))?;
    let page = page::render_sketches(run, &pictures);
    let (json, table) = (sketches_to_json(run), sketch_frame(run));
    folder(json, "sketches.parquet", table, pictures, page)
}

/// Returns the content of a study's folder, each file with its bytes: `report.json`, `runs.parquet`, `figure-NAME.svg` and
/// `figure-NAME.png` of each figure that has a number, and last `index.html`. The same report gives the same bytes.
///
/// # Errors
///
/// When a table or a picture cannot be made.
pub fn study_files(report: &StudyReport) -> anyhow::Result<Files> {
    let figures = study_figures(report);
    let pictures = plots::figure_pictures(&figures)?;
    let page = page::render_study(report, &figures);
    let (json, table) = (study_to_json(report), study_frame(report));
    folder(json, "runs.parquet", table, pictures, page)
}
