//! The figures of an analysis and of a comparison: from a result to plain data.

mod analysis;
mod blocks;
mod comparison;
mod density;
mod laws;
mod overview;
mod ratio;
mod sisters;
mod tail;
mod trajectory;

pub(super) use analysis::spectrum_figures;
pub use analysis::{AnalysisFigures, analysis_figures};
pub use comparison::comparison_figures;
pub(super) use overview::overview;

/// Points of a curve in a file: about the pixels of its width.
const POINTS: usize = 640;
/// First orders that stand alone, so that spikes can be counted.
const ALONE: usize = 40;

/// Returns the stem of a file about the row at this position of so many rows: `layer-003-density`. Names of tensors never
/// become paths.
pub(super) fn stem(row: &str, position: usize, rows: usize, what: &str) -> String {
    let digits = rows.to_string().len().max(3);
    format!("{row}-{position:0digits$}-{what}")
}
