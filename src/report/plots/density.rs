//! Histogram of the singular values with the laws over it.

use plotters::prelude::*;
use statrs::distribution::Continuous;

use super::axes::linear;
use super::frame::{BULK, Canvas, DATA, Drawn, LAW, PALE};
use crate::report::curves::{Histogram, bulk_share};
use crate::spectrum::{LawComparison, LayerSpectrum, SingularLaw};

/// Points of a law's curve.
const POINTS: u32 = 200;

fn histogram(s: &LayerSpectrum) -> Option<Histogram> {
    let law = s.fitted_bulk.as_ref().or(s.marchenko_pastur.as_ref());
    Histogram::of(
        s.singular_values.as_deref()?,
        law.map(|law| law.upper_singular_value),
    )
}

pub(super) fn is_drawable(s: &LayerSpectrum) -> bool {
    histogram(s).is_some()
}

/// The law's density between the ends of its support, times `share`.
fn curve(law: &LawComparison, share: f64) -> Vec<(f64, f64)> {
    let Ok(singular) = SingularLaw::new(law.rows, law.columns, law.variance) else {
        return vec![];
    };
    let (low, high) = (singular.lower_edge(), singular.upper_edge());
    (0..=POINTS)
        .map(|i| {
            // Denser at the edges, where the curve is steep.
            let part = 0.5 - 0.5 * (std::f64::consts::PI * f64::from(i) / f64::from(POINTS)).cos();
            let x = low + part * (high - low);
            (x, share * singular.pdf(x))
        })
        .filter(|(_, y)| y.is_finite())
        .collect()
}

pub(super) fn draw<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    s: &LayerSpectrum,
    name: &str,
) -> Drawn<DB> {
    let (Some(bins), Some(values)) = (histogram(s), s.singular_values.as_deref()) else {
        return Ok(());
    };
    let law = s
        .marchenko_pastur
        .as_ref()
        .map_or(vec![], |law| curve(law, 1.0));
    let bulk = s
        .fitted_bulk
        .as_ref()
        .map_or(vec![], |law| curve(law, bulk_share(law, values.len())));
    let height = |count: usize| count as f64 / (values.len() as f64 * bins.width);
    let end = bins.from + bins.width * bins.counts.len() as f64;
    let reach = end + 0.3 * (end - bins.from);
    let right = law
        .iter()
        .chain(&bulk)
        .map(|p| p.0)
        .filter(|&x| x < reach)
        .fold(end, f64::max);
    let tallest = bins.counts.iter().map(|&c| height(c)).fold(0.0, f64::max);
    let top = law
        .iter()
        .chain(&bulk)
        .map(|p| p.1)
        .fold(tallest, |a, b| a.max(b.min(2.0 * tallest)))
        * 1.08;

    let mut key = vec![(PALE, "the layer")];
    if !law.is_empty() {
        key.push((LAW, "law, variance of the entries"));
    }
    if !bulk.is_empty() {
        key.push((BULK, "law, fitted bulk"));
    }
    let ticks = match bins.above {
        0 => "its values".to_owned(),
        above => format!("its values, {above} of them beyond"),
    };
    key.push((DATA, &ticks));
    let plot = canvas.heading(
        &format!("Density of singular values, layer {name}"),
        &key,
        "density",
    )?;
    let mut chart = plot.chart(
        linear(bins.from, right),
        linear(0.0, top),
        "singular value s",
        5,
    )?;
    chart.draw_series(bins.counts.iter().enumerate().map(|(i, &count)| {
        let left = bins.from + i as f64 * bins.width;
        Rectangle::new(
            [(left, 0.0), (left + bins.width, height(count))],
            PALE.filled(),
        )
    }))?;
    let rug = 0.03 * top;
    chart.draw_series(
        values
            .iter()
            .filter(|&&v| v <= right)
            .map(|&v| PathElement::new([(v, 0.0), (v, rug)], plot.stroke(DATA, 1))),
    )?;
    let inside = |points: Vec<(f64, f64)>| -> Vec<(f64, f64)> {
        points
            .into_iter()
            .filter(|&(x, y)| x <= right && y <= top)
            .collect()
    };
    chart.draw_series(LineSeries::new(inside(law), plot.stroke(LAW, 2)))?;
    chart.draw_series(plot.dashes(inside(bulk), BULK))?;
    Ok(())
}
