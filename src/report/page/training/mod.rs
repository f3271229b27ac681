//! A training as one self-contained page: what was trained, what it came to, curves, layers.

mod tables;
mod words;

use super::data::json_for_script;
use super::{STYLE, alert_list, filled, policy_hash, scripted};
use crate::report::text::{escape_markup, shown_name};
use crate::report::training::{Trajectories, figures, iterations, kept_rows};
use crate::train::TrainingRecord;
use crate::weights::escape_within;
use serde::Serialize;

const TEMPLATE: &str = include_str!("training.html");
const OWN_STYLE: &str = include_str!("training.css");
const OWN_SCRIPT: &str = include_str!("training.js");

/// Longest line of a recipe that is shown, in characters.
const LONGEST_LINE: usize = 1000;

/// What the script draws; numbers have four digits.
#[derive(Serialize)]
struct PageData {
    iterations: Vec<u64>,
    epochs: Vec<f64>,
    /// Of each row, from 1.
    phases: Vec<usize>,
    /// Where phases begin, but for the first.
    starts: Vec<u64>,
    figures: Vec<Trajectories>,
}

/// The page for a record. The same record gives the same bytes; what a run took stands in one line, the
/// element `#timing`.
///
/// Layer 3 of the network has the anchor `#layer-3`.
pub fn render_training(record: &TrainingRecord) -> String {
    let style = format!("{STYLE}{OWN_STYLE}");
    let script = scripted(OWN_SCRIPT);
    let rows = kept_rows(record);
    let data = json_for_script(&PageData {
        iterations: iterations(record),
        epochs: rows.iter().map(|row| row.epoch).collect(),
        phases: rows.iter().map(|row| row.phase).collect(),
        starts: record.phases.iter().skip(1).map(|p| p.start).collect(),
        figures: figures(record),
    });
    filled(TEMPLATE, |key| match key {
        "title" => escape_markup(&shown_name(&record.recipe.name)),
        "headline" => escape_markup(&words::headline(record)),
        "size" => escape_markup(&words::size(record)),
        "data-set" => escape_markup(&words::data_set(record)),
        "alerts" => alert_list(&words::alerts(record), |position| {
            shown_name(&record.layers[position - 1].name)
        }),
        "facts" => tables::facts(record),
        "drawn" => words::drawn(record, rows.len()),
        "layers-caption" => words::layers_caption(record),
        "layers" => tables::layers(record),
        "phases" => tables::phases(record),
        "watched" => tables::watched(record),
        "next" => tables::next(record),
        "spectra" => match record.rows.iter().all(|row| row.watched.is_empty()) {
            true => String::new(),
            false => ", spectra.parquet the singular values of watched layers".to_owned(),
        },
        "timing" => words::timing(record),
        "origin" => tables::origin(record),
        "recipe" => recipe(record),
        "data" => data.clone(),
        "style" => style.clone(),
        "script" => script.clone(),
        "style-hash" => policy_hash(&style),
        "script-hash" => policy_hash(&script),
        unknown => unreachable!("training.html has no value for {unknown}"),
    })
}

fn recipe(record: &TrainingRecord) -> String {
    let text = record.recipe.to_toml();
    let lines = text.lines().map(|line| escape_within(line, LONGEST_LINE));
    let lines: Vec<String> = lines.map(|line| escape_markup(&line)).collect();
    lines.join("\n")
}
