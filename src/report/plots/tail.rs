//! Share of eigenvalues at or above λ, on logarithmic axes, with the power law and the law.

use plotters::prelude::*;
use statrs::distribution::ContinuousCDF;

use super::frame::{BULK, Canvas, DATA, Drawn, INK, LAW};
use crate::report::curves::bulk_share;
use crate::spectrum::{LawComparison, LayerSpectrum, SingularLaw};

/// Values this far below the largest eigenvalue are not part of its tail.
const DEPTH: f64 = 1e-6;

/// Columns n of the matrix whose eigenvalues s²/n are drawn: of a block where there are blocks.
fn columns(s: &LayerSpectrum) -> f64 {
    s.blocks.as_ref().map_or(s.columns, |b| b.columns) as f64
}

/// Eigenvalue and share of the values at or above it, from the largest down.
fn points(s: &LayerSpectrum) -> Vec<(f64, f64)> {
    let values = s.singular_values.as_deref().unwrap_or_default();
    let n = columns(s);
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

/// Shares of all values: those above the law, and those that follow it.
struct Shares {
    above: f64,
    inside: f64,
}

/// Share of the values at or above each λ = s²/n from `from` on, down to the share `least`.
fn curve(law: &LawComparison, shares: Shares, n: f64, from: f64, least: f64) -> Vec<(f64, f64)> {
    let Ok(singular) = SingularLaw::new(law.rows, law.columns, law.variance) else {
        return vec![];
    };
    let eigenvalue = |s: f64| s * s / n;
    let (low, high) = (
        eigenvalue(singular.lower_edge()).max(from),
        eigenvalue(singular.upper_edge()),
    );
    if low.is_nan() || low >= high {
        return vec![];
    }
    (0..=300)
        .map(|i| high * (low / high).powf(1.0 - f64::from(i) / 300.0))
        .map(|x| {
            (
                x,
                shares.above + shares.inside * singular.sf((x * n).sqrt()),
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
    let n = columns(s);
    let law = s.marchenko_pastur.as_ref().map_or(vec![], |law| {
        let all = Shares {
            above: 0.0,
            inside: 1.0,
        };
        curve(law, all, n, low, least)
    });
    let bulk = s.fitted_bulk.as_ref().map_or(vec![], |law| {
        let shares = Shares {
            above: law.spikes as f64 / values.len() as f64,
            inside: bulk_share(law, values.len()),
        };
        curve(law, shares, n, low, least)
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
