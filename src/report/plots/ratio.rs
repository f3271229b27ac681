//! Each singular value over its mean in random matrices, with the band of chance.

use plotters::prelude::*;

use super::axes::linear;
use super::frame::{Canvas, DATA, Drawn, MUTED, PALE};
use crate::report::text::short_number;
use crate::spectrum::{LayerSpectrum, RandomBaseline};

/// Order, ratio and band, where all are finite.
fn rows(b: &RandomBaseline) -> Vec<(f64, f64, f64, f64)> {
    b.ratios
        .iter()
        .zip(&b.mean)
        .zip(b.lower.iter().zip(&b.upper))
        .enumerate()
        .map(|(i, ((&ratio, mean), (low, high)))| ((i + 1) as f64, ratio, low / mean, high / mean))
        .filter(|row| row.1.is_finite() && row.2.is_finite() && row.3.is_finite())
        .collect()
}

pub(super) fn is_drawable(s: &LayerSpectrum) -> bool {
    s.random_baseline
        .as_ref()
        .is_some_and(|b| rows(b).len() > 1)
}

pub(super) fn draw<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    s: &LayerSpectrum,
    name: &str,
) -> Drawn<DB> {
    let Some(baseline) = &s.random_baseline else {
        return Ok(());
    };
    let rows = rows(baseline);
    let [first, .., last] = rows.as_slice() else {
        return Ok(());
    };
    let band = format!(
        "{} % of {} draws",
        short_number(100.0 * baseline.level),
        baseline.draws
    );
    let distance = format!("mean distance {}", short_number(baseline.mean_distance));
    let key = [
        (DATA, "sᵢ over its mean in R"),
        (PALE, band.as_str()),
        (MUTED, distance.as_str()),
    ];
    let title = format!("Ratio to random matrices, layer {name}");
    let plot = canvas.heading(&title, &key, "ratio to R")?;
    let least = rows.iter().map(|r| r.1.min(r.2)).fold(1.0, f64::min);
    let most = rows.iter().map(|r| r.1.max(r.3)).fold(1.0, f64::max);
    let pad = 0.06 * (most - least);
    let y = linear(least - pad, most + pad);
    let mut chart = plot.chart(linear(first.0, last.0), y, "order i", 5)?;
    let outline: Vec<(f64, f64)> = rows
        .iter()
        .map(|r| (r.0, r.3))
        .chain(rows.iter().rev().map(|r| (r.0, r.2)))
        .collect();
    chart.draw_series([Polygon::new(outline, PALE.filled())])?;
    chart.draw_series(LineSeries::new(
        [(first.0, 1.0), (last.0, 1.0)],
        plot.stroke(MUTED, 1),
    ))?;
    chart.draw_series(LineSeries::new(
        rows.iter().map(|r| (r.0, r.1)),
        plot.stroke(DATA, 2),
    ))?;
    // The first orders stand alone, so that spikes can be counted.
    let alone = rows.iter().take(40);
    chart.draw_series(alone.map(|r| Circle::new((r.0, r.1), plot.px(3), DATA.filled())))?;
    Ok(())
}
