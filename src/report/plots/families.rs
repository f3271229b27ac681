//! Error against parameters: the families on a matrix, on its entries shuffled, and rotated.

use plotters::coord::combinators::{BindKeyPoints, WithKeyPoints};
use plotters::prelude::*;
use rayon::prelude::*;

use super::frame::{ALARM, AMBER, BULK, Canvas, DATA, Drawn, INK, LAW, MUTED, PURPLE};
use super::{Picture, PlotError, both, register_font};
use crate::fit::families::{FamilyComparison, FamilyFit, FamilyKind, FamilyLayer};
use crate::report::text::shown_name;

/// Residuals below are drawn on the lower edge: members that are exact but for rounding.
const LEAST: f64 = 1e-3;

/// A matrix's words and residual in a panel.
type Panel = (&'static str, fn(&FamilyFit) -> Option<f64>);

const PANELS: [Panel; 3] = [
    ("W", |fit| fit.relative_residual),
    ("entries shuffled", |fit| fit.shuffled_residual),
    ("rotated", |fit| fit.rotated_residual),
];

/// The colours of the families in their order; those of more families begin again.
const COLORS: [RGBColor; 16] = [
    LAW,
    RGBColor(0x56, 0xa8, 0xd8),
    DATA,
    PURPLE,
    RGBColor(0xd4, 0x92, 0xbd),
    BULK,
    ALARM,
    RGBColor(0xe0, 0xa0, 0x30),
    RGBColor(0x2f, 0x6f, 0x8f),
    AMBER,
    RGBColor(0x6a, 0xb0, 0x4a),
    RGBColor(0x8c, 0x56, 0x4b),
    RGBColor(0x17, 0xbe, 0xcf),
    RGBColor(0xbc, 0xbd, 0x22),
    RGBColor(0x7a, 0x5c, 0xd6),
    RGBColor(0xe3, 0x77, 0xc2),
];

fn color(kind: FamilyKind) -> RGBColor {
    let mut colored = FamilyKind::all().iter().filter(|kind| !kind.is_null_line());
    let position = colored.position(|other| *other == kind);
    position.map_or(MUTED, |position| COLORS[position % COLORS.len()])
}

/// As SVG and PNG, one for each of the first `most` matrices that were fitted:
/// `layer-003-families.svg`, numbered as in the comparison. The same comparison gives the same bytes.
///
/// # Errors
///
/// [`PlotError`] names the picture that could not be drawn.
pub fn family_pictures(
    comparison: &FamilyComparison,
    most: usize,
) -> Result<Vec<(String, Vec<u8>)>, PlotError> {
    register_font()?;
    let digits = comparison.rows.len().to_string().len().max(3);
    let layers = comparison.rows.iter().enumerate();
    let drawable =
        layers.filter(|(_, layer)| layer.families.iter().any(|f| f.parameters.is_some()));
    let chosen: Vec<(usize, &FamilyLayer)> = drawable.take(most).collect();
    let files = chosen.par_iter().map(|&(i, layer)| {
        let stem = format!("layer-{:0digits$}-families", i + 1);
        let name = format!("{} {}", i + 1, shown_name(&layer.name));
        let title = format!("Matrix {name}: residuals of structured families against parameters");
        both(&stem, &title, &Families(layer, &name))
    });
    Ok(files.collect::<Result<Vec<_>, _>>()?.concat())
}

struct Families<'a>(&'a FamilyLayer, &'a str);

impl Picture for Families<'_> {
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Drawn<DB> {
        draw(canvas, self.0, self.1)
    }
}

fn draw<DB: DrawingBackend>(canvas: &Canvas<DB>, layer: &FamilyLayer, name: &str) -> Drawn<DB> {
    let (m, n) = (layer.rows.unwrap_or(0), layer.columns.unwrap_or(0));
    let kinds = layer.families.chunk_by(|a, b| a.family == b.family);
    let shown: Vec<&[FamilyFit]> = kinds
        .filter(|fits| !fits[0].family.is_null_line())
        .collect();
    let mut key: Vec<(RGBColor, &str)> = shown
        .iter()
        .map(|fits| (color(fits[0].family), fits[0].family.name()))
        .collect();
    key.push((INK, "dashes: as many random terms"));
    let title = format!("Structured families, matrix {name}, {m} x {n}");
    let below = canvas.heading(&title, &key, "relative residual")?;
    let points = |fits: &[FamilyFit], residual: fn(&FamilyFit) -> Option<f64>| -> Vec<(f64, f64)> {
        let mut points: Vec<(f64, f64)> = fits
            .iter()
            .filter_map(|fit| Some((fit.compression_rate?, residual(fit)?.max(LEAST))))
            .collect();
        points.dedup();
        points
    };
    let all: Vec<(f64, f64)> = PANELS
        .iter()
        .flat_map(|(_, residual)| shown.iter().flat_map(move |fits| points(fits, *residual)))
        .collect();
    let least = all.iter().map(|p| p.1).fold(0.9, f64::min);
    let (first, last) = all.iter().fold((1.0f64, 0.0f64), |(low, high), p| {
        (low.min(p.0), high.max(p.0))
    });
    let (first, last) = (first / 1.2, (last * 1.2).min(1.0));
    // Room for the panel's name above the curves.
    let top = least.powf(-0.12);
    for ((words, residual), panel) in PANELS.into_iter().zip(below.columns(PANELS.len())) {
        let mut chart = panel.chart(
            axis(first, last),
            axis(least / 1.05, top),
            "parameters / entries",
            9,
        )?;
        let null = (0..=100).map(|i| first * (last / first).powf(f64::from(i) / 100.0));
        let null = null.map(|x| (x, (1.0 - x).max(0.0).sqrt()));
        let null: Vec<(f64, f64)> = null.filter(|p| p.1 >= least).collect();
        panel.label(words)?;
        chart.draw_series(panel.thin_dashes(null, INK))?;
        for fits in &shown {
            let color = color(fits[0].family);
            let points = points(fits, residual);
            chart.draw_series(LineSeries::new(points.clone(), panel.stroke(color, 2)))?;
            let dots = points.into_iter();
            chart.draw_series(dots.map(|p| Circle::new(p, panel.px(2), color.filled())))?;
        }
    }
    Ok(())
}

/// A logarithmic axis with ticks at 1, 2, 5 in each decade; at every tenth where it is short.
fn axis(from: f64, to: f64) -> WithKeyPoints<LogCoord<f64>> {
    let digits: &[f64] = match to / from > 12.0 {
        true => &[1.0, 2.0, 5.0],
        false => &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0],
    };
    let decades = [1e-3, 1e-2, 1e-1, 1.0].into_iter();
    let ticks = decades.flat_map(|unit| digits.iter().map(move |digit| digit * unit));
    let ticks = ticks.filter(|&x| (from..=to).contains(&x) && x <= 1.0);
    (from..to).log_scale().with_key_points(ticks.collect())
}
