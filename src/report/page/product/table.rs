//! The table of all matrices, a row each.

use super::words::{explained, fitted};
use crate::fit::VerdictKind;
use crate::fit::product::{FitRow, ProductFit, ProductFits, Stopped};
use crate::report::column::{Column, pick};
use crate::report::frame::shape;
use crate::report::grid::{Cell, Grid, Kind};
use crate::report::page::html::{breakable, section};
use crate::report::page::run::state;
use crate::report::product::{FIT, shown_columns};
use crate::report::text::{file_name, shown_name};
use crate::weights::Status;
use maud::{Markup, html};

/// How to read it.
const READING: &str = "A residual well below chance is a gain. Where the shuffled matrix comes as low, the places of the entries do not matter; where the rotated one does, their coordinates do not, only low rank; where neither does, the coordinates matter.";

/// How to read it for fits to activations.
const READING_ON_INPUTS: &str = "Residual and chance are of W itself; fitted and held out are of its outputs, and those were fitted. Held out well above fitted means that the fit has learned its samples.";

/// Returns the columns that have something to say of these fits.
fn columns(fits: &ProductFits) -> Vec<&'static Column<ProductFit>> {
    let inputs = fitted(fits).any(|(_, _, fit)| fit.inputs.is_some());
    let is_control = |key: &&str| ["shuffled_residual", "rotated_residual"].contains(key);
    let has_controls = fitted(fits)
        .any(|(_, _, fit)| fit.shuffled_residual.is_some() || fit.rotated_residual.is_some());
    let keys = shown_columns(inputs).into_iter();
    let keys = keys.filter(|key| has_controls || !is_control(key));
    let keys: Vec<&str> = keys.chain(["condition", "iterations"]).collect();
    pick(&FIT, &keys)
}

/// Returns the section of the table.
pub(super) fn table(fits: &ProductFits) -> Markup {
    let columns = columns(fits);
    let caption = match fits.inputs_file {
        Some(_) => READING_ON_INPUTS,
        None => READING,
    };
    let mut grid = Grid::new("Table, can be scrolled sideways")
        .caption(caption)
        .heads(Kind::Number, ["#"])
        .heads(Kind::Name, ["Matrix"])
        .heads(Kind::Words, ["Finding"])
        .heads(Kind::Number, ["Shape"])
        .columns(columns.iter().map(|column| column.head()))
        .heads(Kind::Words, ["Why it stopped"]);
    for (position, row) in (1..).zip(&fits.rows) {
        let name = breakable(&shown_name(&row.name));
        let name = html! {
            @if row.fit.is_some() { a href={ "#layer-" (position) } { (name) } } @else { (name) }
            @if fits.files.len() > 1 { " " small { (breakable(&file_name(&row.file))) } }
        };
        let size = shape(&row.shape).replace('x', "×");
        let fit = row.fit.as_ref();
        let mut cells = vec![position.into(), name.into(), found(row), size.into()];
        cells.extend(columns.iter().map(|column| column.cell(fit)));
        cells.push(fit.map_or("", |fit| stopped(fit.stopped)).into());
        grid.row(cells);
    }
    section("fits", "All matrices", html! { (grid) })
}

fn found(row: &FitRow) -> Cell {
    let words = match (&row.fit, row.status) {
        (Some(fit), _) => html! { i class=(class(fit)) {} (finding(fit)) },
        (None, status) => {
            let mark = if status == Status::Failed {
                "failed"
            } else {
                "skipped"
            };
            html! { i class=(mark) {} span.reason { (state(status, row.reason.as_deref())) } }
        }
    };
    words.into()
}

/// Why a fit ended, in a word or two.
pub(super) fn stopped(stopped: Stopped) -> &'static str {
    match stopped {
        Stopped::Solved => "solved outright",
        Stopped::Exact => "exact",
        Stopped::Converged => "converged",
        Stopped::Stationary => "no step gains",
        Stopped::Iterations => "most iterations",
        Stopped::Interrupted => "interrupted",
    }
}

/// The mark of a finding.
fn class(fit: &ProductFit) -> &'static str {
    match fit.verdict.as_ref().map(|verdict| verdict.kind) {
        Some(VerdictKind::Coordinates) => "coordinates",
        Some(VerdictKind::LowRank) => "rank",
        Some(VerdictKind::Both) => "both",
        _ => "nothing",
    }
}

/// The verdict, or what there is to say without the controls.
pub(super) fn finding(fit: &ProductFit) -> String {
    if let Some(verdict) = &fit.verdict {
        return verdict.text.clone();
    }
    if let Some(inputs) = fit.inputs {
        return format!(
            "{} of the outputs explained on held-out inputs",
            explained(inputs.held_out_residual)
        );
    }
    let numbers = format!(
        "{} explained, {} by as many random terms",
        explained(fit.relative_residual),
        explained(fit.null_residual)
    );
    match fit.is_chance() {
        Some(true) => format!("no gain: {numbers}"),
        _ => numbers,
    }
}
