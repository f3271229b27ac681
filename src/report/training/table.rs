//! A training on a terminal.

use super::{Outcome, accuracy, class_list, standard_error};
use crate::report::format::finite_percent;
use crate::report::table::Rows;
use crate::report::text::shown_name;
use crate::train::{Ended, LayerSummary, ParameterCounts, Recipe, Row, TrainingRecord, Watched};
use console::Style;

/// Classes that are named.
const NAMES: usize = 20;
/// Watched layers that have a column.
const COLUMNS: usize = 3;
/// Least width of such a column.
const WIDTH: usize = 12;

/// The layers, one a line, and what they are trained on.
pub fn training_layers(
    layers: &[LayerSummary],
    recipe: &Recipe,
    iterations: u64,
    colours: bool,
) -> String {
    let header = [
        "layer",
        "kind",
        "output",
        "parameters",
        "of dense",
        "weight",
    ];
    let mut rows = Rows::new(&header, 2, 5);
    for layer in layers {
        let structured = layer.dense > 0 && layer.parameters != layer.dense;
        let of_dense = layer.parameters as f64 / layer.dense as f64;
        let count = layer.parameters + layer.biases;
        let style = if structured {
            Style::new().cyan()
        } else {
            Style::new()
        };
        let cells = vec![
            shown_name(&layer.name),
            shown_name(&layer.kind),
            layer.output.clone(),
            match count {
                0 => String::new(),
                count => count.to_string(),
            },
            structured
                .then(|| finite_percent(of_dense))
                .flatten()
                .unwrap_or_default(),
            layer.weight.as_deref().map_or(String::new(), shown_name),
        ];
        rows.add(cells, style);
    }
    format!(
        "{}\n{}.\n{iterations} iterations in batches of {} on {}, seed {}.\n\n",
        rows.show(colours),
        counts(&ParameterCounts::of(layers)),
        recipe.training.batch,
        shown_name(&recipe.data.set),
        recipe.seed,
    )
}

/// `13034 parameters (12872 of weights, 162 biases), 34.7 % of the 37610 with dense weights`.
fn counts(counts: &ParameterCounts) -> String {
    let dense = match finite_percent(counts.compression) {
        Some(share) => format!(
            ", {share} of the {} with dense weights",
            counts.dense_weights + counts.biases
        ),
        None => String::new(),
    };
    format!(
        "{} parameters ({} of weights, {} biases){dense}",
        counts.weights + counts.biases,
        counts.weights,
        counts.biases
    )
}

/// The line above the rows.
pub fn training_head(recipe: &Recipe) -> String {
    let watched = recipe.record.watch.iter().take(COLUMNS);
    let watched: String = watched
        .map(|layer| format!("  {:>WIDTH$}", variance(layer)))
        .collect();
    format!(
        "{:>9} {:>7} {:>9} {:>8} {:>8} {:>9}{watched}\n",
        "iteration", "epoch", "loss", "train %", "test %", "rate"
    )
}

fn variance(layer: &str) -> String {
    format!("var {}", shown_name(layer))
}

/// A row.
pub fn training_row(row: &Row) -> String {
    let number = |x: Option<f64>, digits: usize| x.map_or("-".into(), |x| format!("{x:.digits$}"));
    let percent = |share: Option<f64>| number(share.map(|share| 100.0 * share), 2);
    let cell = |watched: &Watched| {
        let width = variance(&watched.layer).chars().count().max(WIDTH);
        format!("  {:>width$.4e}", watched.variance)
    };
    let watched: String = row.watched.iter().take(COLUMNS).map(cell).collect();
    format!(
        "{:>9} {:>7.2} {:>9} {:>8} {:>8} {:>9.3e}{watched}\n",
        row.iteration,
        row.epoch,
        number(row.loss, 5),
        percent(row.training_accuracy),
        percent(row.test_accuracy),
        row.rate
    )
}

/// What it came to.
pub fn training_summary(record: &TrainingRecord, colours: bool) -> String {
    let paint = |text: String, style: Style| {
        if colours {
            style.apply_to(text).force_styling(true).to_string()
        } else {
            text
        }
    };
    let mut lines = Vec::new();
    let ended = record.iterations;
    match record.ended {
        Ended::Finished => {}
        Ended::Interrupted => lines.push(paint(
            format!("interrupted after {ended} iterations"),
            Style::new().yellow(),
        )),
        Ended::Diverged { iteration } => lines.push(paint(
            format!("the loss was no finite number in iteration {iteration}"),
            Style::new().red(),
        )),
    }
    if let Some(Outcome { last, best }) = Outcome::of(record) {
        let samples = record.samples.test;
        let error = 100.0 * standard_error(last.1, samples);
        let reached = paint(
            format!("test accuracy {}", accuracy(last.1)),
            Style::new().green(),
        );
        let best = if best.1 > last.1 {
            format!("; best {} after {}", accuracy(best.1), best.0.iteration)
        } else {
            String::new()
        };
        lines.push(format!(
            "{reached} after {} iterations ({samples} samples, ± {error:.2}, one standard error){best}",
            last.0.iteration
        ));
    }
    let names = class_list(&record.class_names, NAMES);
    lines.extend(names.map(|names| format!("outputs by class: {names}")));
    lines.push(counts(&record.parameters));
    let timing = &record.timing;
    let threads = match timing.threads {
        1 => "1 thread".to_owned(),
        count => format!("{count} threads"),
    };
    lines.push(format!(
        "{:.0} samples a second ({}, {threads}), {:.1} s with tests",
        timing.samples_per_second,
        shown_name(&record.device),
        timing.seconds
    ));
    format!("\n{}\n", lines.join("\n"))
}
