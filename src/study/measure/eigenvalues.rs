//! The density of the eigenvalues of (1/n) W Wᵀ of a watched layer, and the law beside it.

use super::record::{numbers, watched};
use super::subject::{Subject, as_settings, recipe, watches};
use crate::spectrum::MarchenkoPastur;
use crate::study::plan::Run;
use crate::study::result::Curve;
use serde::Deserialize;
use statrs::distribution::Continuous;

/// Bins of the histogram.
const BINS: usize = 40;

/// Points of the law.
const POINTS: usize = 120;

/// What a study's file says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct EigenvalueSettings {
    /// The layer.
    layer: String,
    /// What is drawn.
    draw: Draw,
}

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Draw {
    /// The share of eigenvalues in each of 40 bins, over the bin's width.
    Histogram,
    /// The density of Marchenko and Pastur's law with the entries' variance.
    Law,
}

pub(super) fn check(settings: toml::Value, run: &Run) -> Result<(), String> {
    let settings: EigenvalueSettings = as_settings(settings)?;
    watches(recipe(run)?, &settings.layer)
}

pub(super) fn take(settings: toml::Value, subject: &Subject<'_>) -> Result<Curve, String> {
    let settings: EigenvalueSettings = as_settings(settings)?;
    let record = subject.record.ok_or("there is no record")?;
    if record["ended"]["how"] == "diverged" {
        return Err("the run diverged: it has no end".into());
    }
    let row = record["rows"].as_array().and_then(|rows| rows.last());
    let watched = watched(row.ok_or("the record has no rows")?, &settings.layer)?;
    let layers = record["layers"].as_array().into_iter().flatten();
    let summary = layers
        .clone()
        .find(|l| l["name"] == settings.layer.as_str());
    let summary = summary.ok_or_else(|| format!("the record has no layer {}", settings.layer))?;
    let size = |key: &str| summary[key].as_f64().unwrap_or(f64::NAN);
    let rows = summary["output"]
        .as_str()
        .and_then(|rows| rows.parse::<f64>().ok());
    let rows = rows.ok_or("the density is that of a linear layer")?;
    if size("dense") != size("parameters") {
        return Err("the density is that of one matrix, and the layer has blocks".into());
    }
    let columns = size("dense") / rows;
    let variance = watched["variance"].as_f64().unwrap_or(f64::NAN);
    match settings.draw {
        Draw::Histogram => {
            let values = numbers(&watched["singular_values"]).into_iter();
            histogram(&values.map(|s| s * s / columns).collect::<Vec<f64>>())
        }
        Draw::Law => law(rows as usize, columns as usize, variance),
    }
}

fn histogram(values: &[f64]) -> Result<Curve, String> {
    let most = values.iter().copied().fold(0.0, f64::max);
    if !(most > 0.0 && most.is_finite()) || values.iter().any(|x| !x.is_finite()) {
        return Err("the eigenvalues are no finite numbers".into());
    }
    let width = most / BINS as f64;
    let mut counts = [0usize; BINS];
    for x in values {
        counts[((x / width) as usize).min(BINS - 1)] += 1;
    }
    let density = |count: &usize| *count as f64 / values.len() as f64 / width;
    Ok(Curve {
        over: Some("value"),
        at: (0..BINS).map(|bin| (bin as f64 + 0.5) * width).collect(),
        values: counts.iter().map(density).collect(),
    })
}

/// Where m ≥ n, n / m of the values are not zero, as the layer's singular values are.
fn law(rows: usize, columns: usize, variance: f64) -> Result<Curve, String> {
    let (m, n) = (rows.min(columns), rows.max(columns));
    let law =
        MarchenkoPastur::new(m as f64 / n as f64, variance).map_err(|error| error.to_string())?;
    // Eigenvalues of the law are s²/max(m, n), those here s²/columns.
    let scale = n as f64 / columns as f64;
    let (low, high) = (law.lower_edge(), law.upper_edge());
    let at = |i: usize| low + (high - low) * i as f64 / (POINTS - 1) as f64;
    Ok(Curve {
        over: Some("value"),
        at: (0..POINTS).map(|i| at(i) * scale).collect(),
        values: (0..POINTS).map(|i| law.pdf(at(i)) / scale).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::{histogram, law};
    use std::f64::consts::PI;

    /// Catches a density that is not one: a histogram whose bars do not sum to 1, a law without the right scale.
    #[test]
    fn densities_integrate_to_one() {
        let values: Vec<f64> = (1..=1000).map(|i| f64::from(i) / 7.0).collect();
        let bars = histogram(&values).unwrap();
        let width = bars.at[1] - bars.at[0];
        let sum: f64 = bars.values.iter().map(|y| y * width).sum();
        assert!((sum - 1.0).abs() < 1e-12, "{sum}");
        for (rows, columns, scale) in [(500, 800, 1.0), (800, 500, 1.6)] {
            let law = law(rows, columns, 2.0).unwrap();
            let step = law.at[1] - law.at[0];
            let sum: f64 = law.values.iter().map(|y| y * step).sum();
            // The trapezoidal rule misses 0.2079 A h^(3/2) where a density is A √x, as at both edges a and b:
            // A = √(b - a) / (2π y σ² a), with a and b in the units of the curve.
            let (a, b) = (law.at[0], law.at[law.at.len() - 1]);
            let edges = (b - a).sqrt() / (2.0 * PI * 0.625 * 2.0 * scale) * (1.0 / a + 1.0 / b);
            let missed = 0.2079 * edges * step.powf(1.5);
            assert!((1.0 - sum - missed).abs() < 0.1 * missed, "{sum}, {missed}");
        }
    }
}
