//! The data block of the page: what the script draws, rounded and thinned.

use serde::Serialize;
use serde_json::Value;

use super::facts::{Facts, terms, texts};
use super::spectrum_data::{SpectrumData, spectrum_data};
use crate::report::curves::rounded;
use crate::report::text::{file_name, shown_name, shown_sentence};
use crate::spectrum::{Analysis, Layer};
use crate::weights::Status;

/// Significant digits of every number of the page; `report.json` has them all.
const DIGITS: usize = 4;
/// Points of a curve when the page is small.
const MOST_POINTS: usize = 300;
/// Points of a curve however large the page.
const FEWEST_POINTS: usize = 16;

/// The data block, safe inside a `script` element and at most `budget` bytes long when curves of
/// 16 points allow that; and the points a curve has at most.
pub(super) fn data_block(analysis: &Analysis, budget: usize) -> (String, usize) {
    let block = |points| json_for_script(&page_data(analysis, points));
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

/// JSON in which `<`, `>`, `&` are escaped, so that no name can end the element or open a comment.
pub(super) fn json_for_script<T: Serialize>(data: &T) -> String {
    let mut value = serde_json::to_value(data).expect("plain data has a JSON form");
    round_numbers(&mut value);
    value
        .to_string()
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}

fn round_numbers(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(round_numbers),
        Value::Object(fields) => fields.values_mut().for_each(round_numbers),
        Value::Number(number) if number.is_f64() => {
            let near = rounded(number.as_f64().unwrap_or_default(), DIGITS);
            *value = if near.fract() == 0.0 && near.abs() < 1e9 {
                Value::from(near as i64)
            } else {
                Value::from(near)
            };
        }
        _ => {}
    }
}

#[derive(Serialize)]
struct PageData {
    points: usize,
    /// Random matrices drawn, which no p-value among them can be below the inverse of.
    draws: usize,
    files: Vec<String>,
    /// Headings and terms of the facts about a layer.
    facts: Vec<Facts>,
    layers: Vec<LayerData>,
}

#[derive(Serialize)]
struct LayerData {
    name: String,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    file: usize,
    /// The texts of its facts, in the order of the terms.
    facts: Vec<Option<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    role: String,
    /// The stack's name and the layer's number in it.
    depth: Option<(String, usize)>,
    #[serde(flatten)]
    spectrum: Option<SpectrumData>,
}

fn page_data(analysis: &Analysis, points: usize) -> PageData {
    let file_index = |layer: &Layer| {
        analysis
            .files
            .iter()
            .position(|file| file.path == layer.file)
            .unwrap_or(0)
    };
    PageData {
        points,
        draws: analysis.settings.draws,
        files: analysis
            .files
            .iter()
            .map(|file| file_name(&file.path))
            .collect(),
        facts: terms(),
        layers: analysis
            .rows
            .iter()
            .map(|layer| LayerData {
                name: shown_name(&layer.name),
                status: layer.status,
                reason: layer.reason.as_deref().map(shown_sentence),
                file: file_index(layer),
                facts: texts(analysis, layer),
                notes: layer
                    .notes
                    .iter()
                    .map(|note| shown_sentence(note))
                    .collect(),
                role: shown_name(layer.role.key()),
                depth: layer
                    .depth
                    .as_ref()
                    .map(|depth| (shown_name(&depth.stack), depth.layer)),
                spectrum: layer.spectrum.as_ref().map(|s| spectrum_data(s, points)),
            })
            .collect(),
    }
}
