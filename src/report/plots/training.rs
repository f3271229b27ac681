//! The pictures of a training: error, loss and rate, and the watched layers, over the iterations.

use plotters::coord::ranged1d::{AsRangedCoord, Ranged, ValueFormatter};
use plotters::prelude::*;
use rayon::prelude::*;

use super::frame::{BULK, Canvas, DATA, Drawn, LAW, MUTED, PALE, linear, logarithmic};
use super::{Picture, PlotError, both, register_font};
use crate::report::text::shown_name;
use crate::report::training::{Curve, Figure, Role, figures, iterations};
use crate::train::TrainingRecord;

/// Rows up to here are shown as dots too.
const DOTTED: usize = 60;

/// As SVG and PNG: `training-error`, `training-loss`, `training-rate`, and for the watched layer number
/// 3 of the network `layer-003-values` and `layer-003-growth`, those of them that have numbers. The same
/// record gives the same bytes, whatever its timing.
///
/// # Errors
///
/// [`PlotError`] names the picture that could not be drawn.
pub fn training_pictures(record: &TrainingRecord) -> Result<Vec<(String, Vec<u8>)>, PlotError> {
    register_font()?;
    let iterations: Vec<f64> = iterations(record).iter().map(|&i| i as f64).collect();
    let starts = record.phases.iter().skip(1);
    let starts: Vec<f64> = starts.map(|phase| phase.start as f64).collect();
    let name = shown_name(&record.recipe.name);
    let files = figures(record).into_par_iter().map(|figure| {
        let title = format!("{name}: {}", figure.title);
        let course = Course {
            figure: &figure,
            title: &title,
            iterations: &iterations,
            starts: &starts,
        };
        both(&figure.stem, &title, &course)
    });
    Ok(files.collect::<Result<Vec<_>, _>>()?.concat())
}

struct Course<'a> {
    figure: &'a Figure,
    title: &'a str,
    iterations: &'a [f64],
    /// Where phases begin, but for the first.
    starts: &'a [f64],
}

impl Picture for Course<'_> {
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Drawn<DB> {
        let figure = self.figure;
        let values = || figure.curves.iter().filter(|c| c.role == Role::Value);
        let between = match (values().next(), values().next_back()) {
            (Some(first), Some(last)) if first.words != last.words => {
                format!("{} to {}", first.words, last.words)
            }
            (first, _) => first.map_or(String::new(), |first| first.words.clone()),
        };
        let others = figure.curves.iter().filter(|c| c.role != Role::Value);
        let mut key: Vec<(RGBColor, &str)> = others
            .map(|curve| (color(curve.role), curve.words.as_str()))
            .collect();
        if !between.is_empty() {
            key.push((color(Role::Value), &between));
        }
        if figure.band.is_some() {
            key.push((PALE, figure.band_words));
        }
        if !self.starts.is_empty() {
            key.push((MUTED, "dashes: a phase begins"));
        }
        let plot = canvas.heading(self.title, &key, figure.axis)?;
        match figure.log {
            true => self.lines(&plot, logarithmic(figure.from, figure.to), 9),
            false => self.lines(&plot, linear(figure.from, figure.to), 6),
        }
    }
}

impl Course<'_> {
    fn lines<DB, Y>(&self, plot: &Canvas<DB>, y: Y, ticks: usize) -> Drawn<DB>
    where
        DB: DrawingBackend,
        Y: AsRangedCoord<Value = f64>,
        Y::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
    {
        let figure = self.figure;
        let first = self.iterations.first().copied().unwrap_or(0.0);
        let last = self.iterations.last().copied().unwrap_or(0.0);
        let last = last.max(first + 1.0);
        let mut chart = plot.chart(linear(first, last), y, "iteration", ticks)?;
        if let Some([low, high]) = &figure.band {
            for (low, high) in self.runs(low).into_iter().zip(self.runs(high)) {
                let outline: Vec<_> = high.into_iter().chain(low.into_iter().rev()).collect();
                chart.draw_series([Polygon::new(outline, PALE.filled())])?;
            }
        }
        let inside = |start: &&f64| (first..last).contains(*start);
        for &start in self.starts.iter().filter(inside) {
            let ends = vec![(start, figure.from), (start, figure.to)];
            chart.draw_series(plot.thin_dashes(ends, MUTED))?;
        }
        if let Some(level) = figure.level {
            let ends = [(first, level), (last, level)];
            chart.draw_series(LineSeries::new(ends, plot.stroke(MUTED, 1)))?;
        }
        for curve in figure.curves.iter().rev() {
            let (color, width) = (color(curve.role), width(curve));
            for run in self.runs(&curve.values) {
                let dots = run.clone();
                chart.draw_series(LineSeries::new(run, plot.stroke(color, width)))?;
                if self.iterations.len() <= DOTTED {
                    let dots = dots.into_iter();
                    let dot = |point| Circle::new(point, plot.px(width), color.filled());
                    chart.draw_series(dots.map(dot))?;
                }
            }
        }
        Ok(())
    }

    /// Iteration and number, in runs without a gap.
    fn runs(&self, values: &[Option<f64>]) -> Vec<Vec<(f64, f64)>> {
        let floor = match self.figure.log {
            true => self.figure.floor.unwrap_or(0.0),
            false => f64::NEG_INFINITY,
        };
        let points: Vec<Option<(f64, f64)>> = self
            .iterations
            .iter()
            .zip(values)
            .map(|(&iteration, value)| Some((iteration, value.as_ref()?.max(floor))))
            .collect();
        points
            .split(Option::is_none)
            .map(|run| run.iter().copied().flatten().collect())
            .filter(|run: &Vec<_>| !run.is_empty())
            .collect()
    }
}

fn color(role: Role) -> RGBColor {
    match role {
        Role::Test => DATA,
        Role::Training => LAW,
        Role::Value => RGBColor(0x5a, 0x9b, 0xc8),
        Role::Median => BULK,
    }
}

fn width(curve: &Curve) -> u32 {
    match curve.role {
        Role::Value => 1,
        _ => 2,
    }
}
