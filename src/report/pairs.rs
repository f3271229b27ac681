//! The columns of a comparison of sister networks, and its table for the terminal: a row a pair.

use super::column::{Column, pick, series};
use super::format::Format::{Fixed, Significant};
use super::frame::status;
use super::table::{Rows, status_style};
use crate::spectrum::{Comparison, Pair, Sisters};
use crate::weights::Status;
use polars::prelude::{DataFrame, PolarsResult};

const PAIR: [Column<Pair>; 6] = [
    Column::text("name", |p| Some(p.name.clone())),
    Column::text("one", |p| Some(p.one.clone())),
    Column::text("other", |p| Some(p.other.clone())),
    Column::text("step", |p| Some(p.step.to_string())),
    Column::text("status", |p| Some(status(p.status).into())),
    Column::text("reason", |p| p.reason.clone()),
];

/// Numbers of a pair of matrices.
#[rustfmt::skip]
pub(super) const SISTERS: [Column<Sisters>; 15] = [
    Column::number("rows", |s| Some(s.rows as f64)),
    Column::number("columns", |s| Some(s.columns as f64)),
    Column::number("blocks_one", |s| Some(s.blocks_one as f64)),
    Column::number("blocks_other", |s| Some(s.blocks_other as f64)),
    Column::number("variance_one", |s| Some(s.variance_one)),
    Column::number("variance_other", |s| Some(s.variance_other)),
    Column::shown("variance_ratio", "variance ratio", Significant, "Variance of OTHER over variance of ONE", |s| s.variance_ratio),
    Column::by_chance("expected_ratio", "expected", Significant, "The variance ratio at initialisation", |s| Some(s.expected_ratio)),
    Column::by_chance("expected_level", "level", Fixed(3), "Where OTHER’s values stand over R’s when both are random", |s| s.expected_level),
    Column::shown("mean_distance", "distance", Fixed(4), "Mean over orders of |1 − ratio to R|", |s| s.mean_distance),
    Column::shown("mean_distance_from_expected", "about level", Fixed(4), "Mean over orders of |1 − ratio / level|", |s| s.mean_distance_from_expected),
    Column::by_chance("chance_distance", "by chance", Fixed(4), "The distance about the level of random blocks of OTHER’s shape", |s| s.chance_distance),
    Column::shown("mean_distance_matched", "to blocks", Fixed(4), "Mean over orders of |1 − ratio| to random blocks of OTHER’s shape and variance", |s| s.mean_distance_matched),
    Column::shown("largest_ratio", "s₁/R", Fixed(3), "OTHER’s largest singular value over the mean of R’s", |s| s.largest_ratio),
    Column::shown("smallest_ratio", "sₖ/R", Fixed(3), "OTHER’s smallest singular value over the mean of R’s", |s| s.smallest_ratio),
];

/// Columns of the terminal's table, by their keys.
const ON_TERMINAL: [&str; 5] = [
    "variance_ratio",
    "expected_ratio",
    "mean_distance",
    "chance_distance",
    "largest_ratio",
];

/// Returns a comparison as a table of one row a pair; numbers that are undefined are null.
///
/// # Errors
///
/// Polars' own, when memory does not suffice.
pub fn comparison_frame(comparison: &Comparison) -> PolarsResult<DataFrame> {
    let pairs: Vec<Option<&Pair>> = comparison.rows.iter().map(Some).collect();
    let sisters = comparison.rows.iter().map(|pair| pair.sisters.as_ref());
    let sisters: Vec<Option<&Sisters>> = sisters.collect();
    let columns = [series(&PAIR, &pairs), series(&SISTERS, &sisters)];
    DataFrame::new(pairs.len(), columns.concat())
}

/// Returns a comparison as a table for the terminal.
pub fn comparison_table(comparison: &Comparison, colours: bool) -> String {
    let numbers = pick(&SISTERS, &ON_TERMINAL);
    let mut header = vec!["layer", "shape", "blocks"];
    header.extend(numbers.iter().map(|column| column.heading));
    header.push("");
    let mut rows = Rows::new(&header, 2, 8);
    let is_vector = |pair: &&Pair| {
        let reason = pair.reason.as_deref().unwrap_or_default();
        pair.status == Status::Skipped && reason.starts_with("a vector")
    };
    for pair in comparison.rows.iter().filter(|pair| !is_vector(pair)) {
        rows.head(&format!("{} beside {}", pair.other, pair.one));
        let sisters = pair.sisters.as_ref();
        let sizes = sisters.map_or([String::new(), String::new()], |s| {
            let blocks = format!("{} to {}", s.blocks_one, s.blocks_other);
            [format!("{}x{}", s.rows, s.columns), blocks]
        });
        let mut row = vec![pair.name.clone()];
        row.extend(sizes);
        row.extend(numbers.iter().map(|column| column.on_line(sisters)));
        row.push(pair.reason.clone().unwrap_or_default());
        rows.add(row, status_style(pair.status));
    }
    format!(
        "{}\nSeed {}, {} draws.\n\
         distance   mean |1 - ratio|, order by order, of the singular values to those of random matrices R\n\
         \x20          of the full shape with ONE's variance\n\
         by chance  the same for random blocks of the same shapes\n\
         s₁/R       ratio of the largest value\n",
        rows.show(colours),
        comparison.seed,
        comparison.settings.spectrum.draws,
    )
}
