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
/// Points of a curve however large the page.
const FEWEST_POINTS: usize = 16;

/// The data block, safe inside a `script` element and at most `budget` bytes long when curves of
/// 16 points allow that; and the points a curve has at most.
pub(super) fn data_block(analysis: &Analysis, budget: usize) -> (String, usize) {
    let block = |points| page_data(analysis, points);
    let full = block(MOST_POINTS);
    if full.len() <= budget {
        return (full, MOST_POINTS);
    }
    // The block grows with the number of points: bisect for the most that fit.
    let (mut fits, mut too_many) = (FEWEST_POINTS, MOST_POINTS);
    let mut best = block(fits);
    while too_many - fits > 1 {
        let middle = fits.midpoint(too_many);
        let candidate = block(middle);
        if candidate.len() <= budget {
            (fits, best) = (middle, candidate);
        } else {
            too_many = middle;
        }
    }
    (best, fits)
}

#[derive(Serialize)]
struct LayerData {
    name: String,
    status: Status,
    role: String,
    /// Its file, where there are several.
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

fn page_data(analysis: &Analysis, points: usize) -> String {
    let mut shared = SharedData::default();
    let several = analysis.files.len() > 1;
    let mut layer = |layer: &Layer| {
        let spectrum = layer.spectrum.as_ref();
        let figures = spectrum.map(|s| spectrum_figures(s, points));
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
    shared.block(&json!({
        "points": points,
        "layers": layers,
        "figures": {"overview": overview},
    }))
}
