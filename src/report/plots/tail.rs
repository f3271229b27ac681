//! Share of eigenvalues at or above λ, on logarithmic axes, with the power law and the law.

use plotters::prelude::*;
use statrs::distribution::ContinuousCDF;

use super::frame::{BULK, Canvas, DATA, Drawn, INK, LAW};
use crate::spectrum::{LawComparison, LayerSpectrum, SingularLaw};

/// Values this far below the largest eigenvalue are not part of its tail.
const DEPTH: f64 = 1e-6;

/// Columns of the matrix whose eigenvalues are drawn: of a block where there are blocks.
fn shape(s: &LayerSpectrum) -> (usize, usize) {
    s.blocks
        .as_ref()
        .map_or((s.rows, s.columns), |b| (b.rows, b.columns))
}

/// Eigenvalue and share of the values at or above it, from the largest down.
fn points(s: &LayerSpectrum) -> Vec<(f64, f64)> {
    let values = s.singular_values.as_deref().unwrap_or_default();
    let n = shape(s).1 as f64;
    let eigenvalue = |v: f64| v * v / n;
    let least = values.first().map_or(0.0, |&v| eigenvalue(v) * DEPTH);
    values
        .iter()
        .enumerate()
        .map(|(i, &v)| (eigenvalue(v), (i + 1) as f64 / values.len() as f64))
        .filter(|&(x, _)| x > 0.0 && x >= least)
        .collect()
}

pub(super) fn is_drawable(s: &LayerSpectrum) -> bool {
    let points = points(s);
    points.len() > 1 && points[0].0 > points[points.len() - 1].0
}

/// Share of the values at or above λ when `above` of them are spikes and the rest follow the law.
fn curve(
    law: &LawComparison,
    s: &LayerSpectrum,
    from: f64,
    least: f64,
    above: f64,
) -> Vec<(f64, f64)> {
    let (m, n) = shape(s);
    let Ok(singular) = SingularLaw::new(m, n, law.variance) else {
        return vec![];
    };
    let (low, high) = (law.lower_edge.max(from), law.upper_edge);
    if low.is_nan() || low >= high {
        return vec![];
    }
    (0..=300)
        .map(|i| high * (low / high).powf(1.0 - f64::from(i) / 300.0))
        .map(|x| {
            (
                x,
                above + (1.0 - above) * singular.sf((x * n as f64).sqrt()),
            )
        })
        .filter(|&(_, y)| y >= least)
        .collect()
}

pub(super) fn draw<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    s: &LayerSpectrum,
    name: &str,
) -> Drawn<DB> {
    let points = points(s);
    let ([(high, _), ..], Some(values)) = (points.as_slice(), s.singular_values.as_deref()) else {
        return Ok(());
    };
    let (high, low) = (high * 1.15, points[points.len() - 1].0);
    let least = 0.7 / values.len() as f64;
    let law = s
        .marchenko_pastur
        .as_ref()
        .map_or(vec![], |law| curve(law, s, low, least, 0.0));
    let bulk = s.fitted_bulk.as_ref().map_or(vec![], |law| {
        curve(law, s, low, least, law.spikes as f64 / values.len() as f64)
    });
    let power = s
        .power_law
        .as_ref()
        .map(|p| format!("power law, α = {:.2} ± {:.2}", p.alpha, p.alpha_error));
    let mut key = vec![(DATA, "the layer")];
    if let Some(words) = &power {
        key.push((INK, words));
    }
    if !law.is_empty() {
        key.push((LAW, "law"));
    }
    if !bulk.is_empty() {
        key.push((BULK, "fitted bulk"));
    }
    let plot = canvas.heading(
        &format!("Tail of the eigenvalues, layer {name}"),
        &key,
        "share of values ≥ λ",
    )?;
    let mut chart = plot.chart(
        (low..high).log_scale(),
        (least..1.3).log_scale(),
        "eigenvalue λ = s²/n",
        5,
    )?;
    let inside = |points: Vec<(f64, f64)>| -> Vec<(f64, f64)> {
        points.into_iter().filter(|&(x, _)| x <= high).collect()
    };
    chart.draw_series(LineSeries::new(inside(law), plot.stroke(LAW, 2)))?;
    chart.draw_series(plot.dashes(inside(bulk), BULK))?;
    chart.draw_series(
        points
            .iter()
            .map(|&p| Circle::new(p, plot.px(2), DATA.filled())),
    )?;
    if let Some(p) = &s.power_law {
        let head = p.tail_size as f64 / values.len() as f64;
        // The line ends at the largest value or where it leaves the picture.
        let bottom = p.x_min * (least / head).powf(-1.0 / (p.alpha - 1.0));
        let line =
            [p.x_min, p.x_max.min(bottom)].map(|x| (x, head * (x / p.x_min).powf(1.0 - p.alpha)));
        chart.draw_series(LineSeries::new(line, plot.stroke(INK, 1)))?;
    }
    Ok(())
}
