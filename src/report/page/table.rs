//! The table of all tensors, a row each.

use super::html::breakable;
use super::mark::class;
use super::run::state;
use crate::report::column::pick;
use crate::report::frame::status;
use crate::report::grid::{Cell, Grid, Head, Kind};
use crate::report::layers::SPECTRUM;
use crate::report::text::{file_name, shown_name, shown_sentence};
use crate::spectrum::{Analysis, Layer};
use crate::weights::Status;
use maud::html;

/// Columns of numbers, by their keys.
const COLUMNS: [&str; 6] = [
    "spikes",
    "verdict_p_value",
    "alpha",
    "effective_rank",
    "baseline_largest_ratio",
    "baseline_mean_distance",
];

/// Returns the verdict in words, or why there is none.
fn finding(layer: &Layer) -> String {
    match (&layer.spectrum, layer.status) {
        (Some(s), Status::Analyzed) => shown_sentence(&s.verdict.text),
        (_, status) => state(status, layer.reason.as_deref()),
    }
}

/// Returns the table, which the script of the page sorts and filters. Names of layers are links to what the page says of
/// them where it `has_layers`; else the rows of skipped tensors are left out.
pub(super) fn table(analysis: &Analysis, has_layers: bool) -> Grid {
    let columns = pick(&SPECTRUM, &COLUMNS);
    let head = |kind, heading: &str, title| Head {
        kind,
        heading: heading.to_owned(),
        title,
    };
    let words = "Spikes are values above the random bulk, p is the chance of the first one in noise; s₁ / R and the distance are against random matrices R with the variance of the entries.";
    let grid = Grid::new("Table of all tensors, can be scrolled").tall();
    let grid = if has_layers {
        let caption = format!("Click a heading to sort. {words}");
        grid.id("tensors").sortable().caption(caption)
    } else {
        grid.caption(words)
    };
    let mut grid = grid
        .columns([
            head(Kind::Number, "#", "Place in the order of the files"),
            head(Kind::Name, "Layer", "Name of the tensor"),
            head(Kind::Words, "Finding", "The finding in words"),
            head(Kind::Number, "Shape", "Stored shape"),
        ])
        .columns(columns.iter().map(|column| column.head()));
    for (position, layer) in (1_usize..).zip(&analysis.rows) {
        if !has_layers && layer.status == Status::Skipped {
            continue;
        }
        let shown = breakable(&shown_name(&layer.name));
        let name = html! {
            @if has_layers { a href={ "#layer-" (position) } { (shown) } } @else { (shown) }
            @if analysis.files.len() > 1 { " " small { (breakable(&file_name(&layer.file))) } }
        };
        let shape: Vec<String> = layer.shape.iter().map(usize::to_string).collect();
        let shape = if shape.is_empty() {
            "scalar".to_owned()
        } else {
            shape.join("×")
        };
        let finding = html! { i class=(class(layer)) {} (finding(layer)) };
        let mut row = vec![
            position.into(),
            name.into(),
            Cell::from(finding),
            shape.into(),
        ];
        let spectrum = layer.spectrum.as_ref();
        row.extend(columns.iter().map(|column| column.cell(spectrum)));
        grid.row(row).class = Some(status(layer.status));
    }
    grid
}
