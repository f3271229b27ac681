//! Tables of a training: layers, phases, watched layers.

use super::words::layers_caption;
use crate::report::column::Column;
use crate::report::format::Format::{Grouped, Percent};
use crate::report::format::{finite_percent, or_dash};
use crate::report::grid::{Cell, Grid, Head, Kind};
use crate::report::page::html::{breakable, section};
use crate::report::text::{grouped, shown_name};
use crate::report::training::{accuracy, watched_layers, watched_row};
use crate::train::{LayerSummary, TrainingRecord, Watched};
use maud::{Markup, html};

/// Numbers of a layer.
#[rustfmt::skip]
const LAYER: [Column<LayerSummary>; 4] = [
    Column::shown("parameters", "parameters", Grouped, "Trained parameters of the weight", |l| of_weight(l, l.parameters as f64)),
    Column::shown("dense", "dense", Grouped, "Entries of the weight as a dense matrix", |l| of_weight(l, l.dense as f64)),
    Column::shown("of_dense", "of dense", Percent(1), "Parameters over these", |l| of_weight(l, l.parameters as f64 / l.dense as f64)),
    Column::shown("biases", "biases", Grouped, "Biases, or scales and shifts", |l| (l.biases > 0).then_some(l.biases as f64)),
];

fn of_weight(layer: &LayerSummary, number: f64) -> Option<f64> {
    layer.weight.as_ref().map(|_| number)
}

/// Returns a row a layer.
pub(super) fn layers(record: &TrainingRecord) -> Grid {
    let head = |kind, heading: &str, title| Head {
        kind,
        heading: heading.to_owned(),
        title,
    };
    let mut grid = Grid::new("Table of layers, can be scrolled sideways")
        .id("network")
        .sortable()
        .caption(layers_caption(record))
        .columns([
            head(Kind::Number, "#", "Place in the network"),
            head(Kind::Name, "Layer", "Its name in the recipe"),
            head(Kind::Words, "Kind", "What it does"),
            head(Kind::Number, "In", "Size of what goes in"),
            head(Kind::Number, "Out", "Size of what comes out"),
        ])
        .columns(LAYER.iter().map(Column::head))
        .columns([head(
            Kind::Words,
            "Weight",
            "The weight as a formula of operators",
        )]);
    for (position, layer) in (1_usize..).zip(&record.layers) {
        let mut row = vec![
            position.into(),
            breakable(&shown_name(&layer.name)).into(),
            shown_name(&layer.kind).into(),
            layer.input.replace('x', "×").into(),
            layer.output.replace('x', "×").into(),
        ];
        row.extend(LAYER.iter().map(|column| match column.key {
            "of_dense" if layer.parameters != layer.dense => {
                column.cell(Some(layer)).class("structured")
            }
            _ => column.cell(Some(layer)),
        }));
        let weight = layer.weight.as_deref().map(shown_name);
        row.push(weight.map_or(Cell::default(), |weight| breakable(&weight).into()));
        grid.row(row).id = Some(format!("layer-{position}"));
    }
    let counts = &record.parameters;
    let of_dense = finite_percent(counts.weights as f64 / counts.dense_weights as f64);
    let mut foot = vec![Cell::default(), "All".into()];
    foot.extend(["", "", ""].map(Cell::from));
    foot.extend([
        grouped(counts.weights).into(),
        grouped(counts.dense_weights).into(),
        of_dense.unwrap_or_default().into(),
        grouped(counts.biases).into(),
        Cell::default(),
    ]);
    grid.foot(foot);
    grid
}

/// Returns a section with a row a phase, where phases were asked for.
pub(super) fn phases(record: &TrainingRecord) -> Markup {
    let phases = &record.phases;
    if phases.len() < 2 && phases.iter().all(|phase| phase.name.is_none()) {
        return html! {};
    }
    let mut grid = Grid::new("Table of phases, can be scrolled sideways")
        .caption("Parameters are those of weights and biases that a phase begins with. The accuracy is that of its last row.")
        .heads(Kind::Number, ["#"])
        .heads(Kind::Name, ["Phase"])
        .heads(Kind::Number, ["After iterations", "Until", "Parameters", "Test accuracy"]);
    for (number, phase) in (1..).zip(phases) {
        let name = phase.name.as_deref().map_or("–".into(), shown_name);
        let rows = record.rows.iter().rev().filter(|row| row.phase == number);
        let last = rows.filter_map(|row| row.test_accuracy).next();
        grid.row(vec![
            number.into(),
            breakable(&name).into(),
            grouped(phase.start as usize).into(),
            grouped(phase.end as usize).into(),
            grouped(phase.parameters).into(),
            last.map_or("–".to_owned(), accuracy).into(),
        ]);
    }
    section("phases", "Phases", html! { (grid) })
}

/// Returns a section with a row a watched layer, and where the script draws.
pub(super) fn watched(record: &TrainingRecord) -> Markup {
    let layers = watched_layers(record);
    let (Some(first), Some(last)) = (record.rows.first(), record.rows.last()) else {
        return html! {};
    };
    if layers.is_empty() {
        return html! {};
    }
    let [from, to] = [first, last].map(|row| match row.iteration {
        0 => "the start".to_owned(),
        count => format!("iteration {}", grouped(count as usize)),
    });
    let mut grid = Grid::new("Table of watched layers, can be scrolled sideways")
        .caption(format!(
            "From {from} to {to}; times is the last over the first."
        ))
        .heads(Kind::Name, ["Layer"])
        .heads(Kind::Number, ["Singular values"])
        .heads(Kind::Number, ["Variance", "at the end", "times"])
        .heads(Kind::Number, ["s₁", "at the end", "times"]);
    for layer in layers {
        let ends = [watched_row(first, layer), watched_row(last, layer)];
        let name = breakable(&shown_name(layer));
        let name = match record.layers.iter().position(|l| l.name == layer) {
            Some(place) => html! { a href={ "#layer-" (place + 1) } { (name) } },
            None => name,
        };
        let count = ends[1].map_or(0, |watched| watched.singular_values.len());
        let mut row = vec![name.into(), grouped(count).into()];
        let numbers: [fn(&Watched) -> Option<f64>; 2] = [
            |watched| Some(watched.variance),
            |watched| watched.singular_values.first().copied(),
        ];
        for number in numbers {
            let [start, end] = ends.map(|watched| number(watched?).filter(|x| x.is_finite()));
            let times = start.zip(end).map(|(start, end)| end / start);
            let times = times.filter(|x| x.is_finite());
            row.extend([start, end, times].map(|x| Cell::from(or_dash(x))));
        }
        grid.row(row);
    }
    html! {
        section id="watched" aria-labelledby="watched-heading" { "\n"
            h2 id="watched-heading" { "Watched layers" } "\n"
            (grid)
            div.figures id="watched-figures" {} "\n"
        }
        "\n"
    }
}
