//! A training on a terminal.

use crate::train::{Recipe, Row, TrainingRecord};

/// The line above the rows.
pub fn training_head(recipe: &Recipe) -> String {
    let watched: String = recipe
        .record
        .watch
        .iter()
        .map(|layer| format!("  {:>12}", format!("var {layer}")))
        .collect();
    format!(
        "{:>9} {:>7} {:>9} {:>8} {:>8} {:>9}{watched}\n",
        "iteration", "epoch", "loss", "train %", "test %", "rate"
    )
}

/// A row.
pub fn training_row(row: &Row) -> String {
    let number = |x: Option<f64>, digits: usize| x.map_or("-".into(), |x| format!("{x:.digits$}"));
    let percent = |share: Option<f64>| number(share.map(|share| 100.0 * share), 2);
    let watched: String = row
        .watched
        .iter()
        .map(|watched| format!("  {:>12.4e}", watched.variance))
        .collect();
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
pub fn training_summary(record: &TrainingRecord, _colours: bool) -> String {
    let counts = &record.parameters;
    format!(
        "{} parameters ({} of weights, {} biases), {:.2} % of {}; {:.0} samples a second, {:.1} s\n",
        counts.weights + counts.biases,
        counts.weights,
        counts.biases,
        100.0 * counts.compression,
        counts.dense_weights + counts.biases,
        record.timing.samples_per_second,
        record.timing.seconds
    )
}
