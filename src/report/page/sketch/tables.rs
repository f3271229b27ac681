//! Tables of errors and of estimates.

use super::words::{sentences, sketched};
use crate::report::figures::stem;
use crate::report::format::{exact_error, or_dash};
use crate::report::grid::{Cell, Grid, Kind};
use crate::report::page::html::{breakable, layer_section, picture, section};
use crate::report::page::run::state;
use crate::report::text::{short_number, shown_name, shown_sentence};
use crate::sketch::{Mode, SketchRun, Sketched};
use maud::{Markup, html};

/// Returns a line a matrix: its errors, and what as many numbers could do.
pub(super) fn overview(run: &SketchRun) -> Markup {
    let numbers = [
        "Numbers kept",
        "Mode 1",
        "Mode 2",
        "Averaged",
        "Best fit",
        "Low rank",
    ];
    let mut grid = Grid::new("Table of all matrices, can be scrolled sideways")
        .caption("Relative errors: root-mean-square errors of the estimates over ‖W M‖, exactly; an estimate of 0 has error 1. Numbers kept are those of the averaged estimate over those of the layer; best fit and low rank keep as many.")
        .heads(Kind::Number, ["#"])
        .heads(Kind::Name, ["Matrix"])
        .heads(Kind::Number, ["Shape"])
        .heads(Kind::Number, numbers);
    for (i, layer) in run.rows.iter().enumerate() {
        let position = i + 1;
        let name = breakable(&shown_name(&layer.name));
        let Some(found) = &layer.sketched else {
            let shape: Vec<String> = layer.shape.iter().map(usize::to_string).collect();
            let state = Cell::from(state(layer.status, layer.reason.as_deref()));
            grid.row(vec![
                position.into(),
                name.into(),
                shape.join("×").into(),
                state.class("reason").across(numbers.len()),
            ]);
            continue;
        };
        let link = html! { a href={ "#layer-" (position) } { (name) } };
        let shape = format!("{}×{}", found.rows, found.columns);
        let mut row = vec![position.into(), link.into(), shape.into()];
        let best = found.best_fit.as_ref();
        row.extend(
            [
                Some(found.compression_rate),
                found.mode1.relative_error,
                found.mode2.relative_error,
                found.averaged.mode.relative_error,
                best.and_then(|best| best.in_space),
                best.and_then(|best| best.low_rank),
            ]
            .map(error),
        );
        grid.row(row);
    }
    section("overview", "Errors", html! { (grid) })
}

fn error(x: Option<f64>) -> Cell {
    exact_error(x, or_dash).into()
}

/// Returns a picture, a table and sentences a matrix.
pub(super) fn matrices(run: &SketchRun, pictures: &[(String, Vec<u8>)]) -> Markup {
    let drawn = |position| {
        let stem = stem("layer", position, run.rows.len(), "sketch");
        picture(pictures, &stem)
    };
    html! {
        @for (position, layer, found) in sketched(run) {
            (layer_section(position, &shown_name(&layer.name), html! {
                @for note in &layer.notes { p.notes { (shown_sentence(note)) "." } "\n" }
                @if let Some(picture) = drawn(position) { figure { (picture) } "\n" }
                (estimates(position, found))
                @for sentence in sentences(found, run) { p { (sentence) } "\n" }
            }))
        }
    }
}

fn estimates(position: usize, found: &Sketched) -> Grid {
    let mut grid = Grid::new(format!(
        "Table of matrix {position}, can be scrolled sideways"
    ))
    .heads(Kind::Name, ["Estimate"])
    .heads(
        Kind::Number,
        [
            "Variance",
            "Bound",
            "Slack",
            "Measured",
            "Interval",
            "Relative error",
            "Numbers",
        ],
    );
    let mut estimate = |name: &str, mode: &Mode, numbers: usize| {
        let interval = mode.interval.map_or("–".to_owned(), |[low, high]| {
            format!("{} to {}", short_number(low), short_number(high))
        });
        grid.row(vec![
            name.into(),
            or_dash(mode.exact).into(),
            or_dash(mode.bound).into(),
            or_dash(mode.slack).into(),
            or_dash(mode.measured).into(),
            interval.into(),
            or_dash(mode.relative_error).into(),
            numbers.into(),
        ]);
    };
    estimate("mode 1", &found.mode1, found.k * found.columns);
    estimate("mode 2", &found.mode2, found.k * found.area * found.rows);
    estimate("averaged", &found.averaged.mode, found.cost.parameters);
    let mut fit = |name: String, left: Option<f64>, numbers: usize| {
        let mut row = vec![Cell::from(name)];
        row.extend(["–"; 5].map(Cell::from));
        row.extend([error(left), numbers.into()]);
        grid.row(row);
    };
    if let Some(best) = &found.best_fit {
        fit("best fit".to_owned(), best.in_space, best.parameters);
        let numbers = best.rank * (found.rows + found.columns);
        fit(format!("rank {}", best.rank), best.low_rank, numbers);
    }
    grid
}
