//! The data block of an analysis's page: facts and figures of the layers, rounded and thinned.

use serde::Serialize;
use serde_json::{Value, json};

use super::facts::facts;
use super::notes::notes;
use super::shared_data::SharedData;
use crate::report::figures::{overview, spectrum_figures};
use crate::report::text::{file_name, shown_name, shown_sentence};
use crate::spectrum::{Analysis, Layer, VerdictKind};
use crate::weights::Status;

/// Points of a curve when the page is small.
const MOST_POINTS: usize = 300;
/// Points of a curve below which the densities of eigenvalues and the numbers beside points give way.
const FEW_POINTS: usize = 40;
/// Points of a curve however large the page.
const FEWEST_POINTS: usize = 16;

/// A data block, safe inside a `script` element.
pub(super) struct DataBlock {
    /// The block, in JSON.
    pub json: String,
    /// The points that a curve has at most.
    pub points: usize,
    /// Whether it has the densities of eigenvalues, which show the values a second time, and the numbers beside points.
    pub is_full: bool,
}

/// Returns the data block with the most points of curves that keep it within `budget` bytes, if those of 16 points without
/// densities of eigenvalues and numbers beside points allow that.
pub(super) fn data_block(analysis: &Analysis, budget: usize) -> DataBlock {
    largest(analysis, budget, true, FEW_POINTS)
        .or_else(|| largest(analysis, budget, false, FEWEST_POINTS))
        .unwrap_or_else(|| page_data(analysis, FEWEST_POINTS, false))
}

/// Returns the block with the most points, at least `fewest`, that is at most `budget` bytes long; `None` where none is.
fn largest(analysis: &Analysis, budget: usize, is_full: bool, fewest: usize) -> Option<DataBlock> {
    let fitting = |points| {
        let block = page_data(analysis, points, is_full);
        (block.json.len() <= budget).then_some(block)
    };
    if let Some(full) = fitting(MOST_POINTS) {
        return Some(full);
    }
    // The block grows with the number of points: bisect for the most that fit.
    let mut best = fitting(fewest)?;
    let mut too_many = MOST_POINTS;
    while too_many - best.points > 1 {
        let middle = best.points.midpoint(too_many);
        if let Some(block) = fitting(middle) {
            best = block;
        } else {
            too_many = middle;
        }
    }
    Some(best)
}

#[derive(Serialize)]
struct LayerData {
    name: String,
    status: Status,
    role: String,
    /// The file, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<VerdictKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    facts: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    figures: Vec<Value>,
}

fn page_data(analysis: &Analysis, points: usize, is_full: bool) -> DataBlock {
    let mut shared = SharedData::default();
    let several = analysis.files.len() > 1;
    let mut layer = |layer: &Layer| {
        let spectrum = layer.spectrum.as_ref();
        let figures = spectrum.map(|s| spectrum_figures(s, points, is_full));
        let figures = figures.iter().flatten().map(|figure| shared.part(figure));
        LayerData {
            name: shown_name(&layer.name),
            status: layer.status,
            role: shown_name(layer.role.key()),
            file: several.then(|| file_name(&layer.file)),
            kind: spectrum.map(|s| s.verdict.kind),
            verdict: spectrum.map(|s| shown_sentence(&s.verdict.text)),
            notes: notes(layer),
            figures: figures.collect(),
            facts: shared.part(&facts(analysis, layer)),
        }
    };
    let layers: Vec<LayerData> = analysis.rows.iter().map(&mut layer).collect();
    let overview: Vec<Value> = overview(analysis)
        .iter()
        .map(|figure| shared.part(figure))
        .collect();
    let json = shared.block(&json!({
        "points": points,
        "layers": layers,
        "figures": {"overview": overview},
    }));
    DataBlock {
        json,
        points,
        is_full,
    }
}
