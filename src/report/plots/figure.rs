//! Draws a figure, whatever it shows.

use plotters::chart::ChartContext;
use plotters::coord::cartesian::Cartesian2d;
use plotters::prelude::*;
use rayon::prelude::*;

use super::frame::{CHART_WIDTH, Canvas, Drawn, MUTED};
use super::joined::joined;
use super::key::{Entry, Sample, marker, pale, pen, stroke_color};
use super::palette::rgb;
use super::scale::Scale;
use super::ticks::tick;
use super::{Picture, PlotError, both, register_font};
use crate::report::axis::Axis;
use crate::report::figure::{Color, Figure, Mark, Point, Shape, Stretch, Stroke};

/// Draws each figure that has a point as SVG and PNG, named after its stem. The same figures give the same bytes.
///
/// # Errors
///
/// [`PlotError`] names the picture that could not be drawn.
pub fn figure_pictures(figures: &[Figure]) -> Result<Vec<(String, Vec<u8>)>, PlotError> {
    register_font()?;
    let drawn = figures.par_iter().filter(|figure| figure.is_drawable());
    let files = drawn.map(|figure| {
        let [png, (name, svg)] = both(&figure.stem, &figure.title, figure)?;
        let svg = joined(&String::from_utf8_lossy(&svg)).into_bytes();
        Ok([png, (name, svg)])
    });
    Ok(files.collect::<Result<Vec<_>, _>>()?.concat())
}

impl Picture for Figure {
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Drawn<DB> {
        let plot = canvas.heading_with(&self.title, &key(self), &label(&self.y))?;
        let across = match self.x.names.is_empty() {
            true => Scale::new(&self.x, 7).spaced(f64::from(CHART_WIDTH)),
            false => Scale::new(&self.x, 7),
        };
        let names = cut(&self.x.names);
        let name = |x: &f64| match names.get((x.round() as usize).wrapping_sub(1)) {
            Some(name) => name.clone(),
            None => tick(*x),
        };
        let chart = plot.chart_with(across, Scale::new(&self.y, 6), &label(&self.x), 6, &name)?;
        let mut sheet = Sheet {
            figure: self,
            canvas: &plot,
            chart,
        };
        let of = |wanted: fn(&Mark) -> bool| self.marks.iter().filter(move |mark| wanted(mark));
        for band in of(|mark| matches!(mark, Mark::Band { .. })) {
            sheet.draw(band)?;
        }
        for rule in of(|mark| matches!(mark, Mark::Level { .. } | Mark::Vertical { .. })) {
            sheet.draw(rule)?;
        }
        let lines: Vec<&Mark> = of(|mark| matches!(mark, Mark::Line { .. })).collect();
        for line in lines.into_iter().rev() {
            sheet.draw(line)?;
        }
        for points in of(|mark| matches!(mark, Mark::Points { .. })) {
            sheet.draw(points)?;
        }
        Ok(())
    }
}

/// Width of the horizontal axis, in characters of its words.
const ACROSS: usize = 92;

/// Returns names short enough to stand beside each other, with their middle left out where they are not.
fn cut(names: &[String]) -> Vec<String> {
    let longest = (ACROSS / names.len().max(1)).max(5);
    let short = |name: &String| {
        let letters: Vec<char> = name.chars().collect();
        let end = (longest - 1) / 2;
        match letters.len() > longest {
            true => letters[..longest - 1 - end]
                .iter()
                .chain(&['…'])
                .chain(&letters[letters.len() - end..])
                .collect(),
            false => name.clone(),
        }
    };
    names.iter().map(short).collect()
}

fn label(axis: &Axis) -> String {
    match axis.unit.as_str() {
        "" => axis.words.clone(),
        unit => format!("{} in {unit}", axis.words),
    }
}

/// Returns the entries of the key, those that are alike once.
fn key(figure: &Figure) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for mark in &figure.marks {
        let (color, words, sample) = match mark {
            Mark::Line {
                color,
                stroke,
                dots,
                words,
                ..
            } => (*color, words, Sample::Line(*stroke, *dots)),
            Mark::Band { color, words, .. } => (*color, words, Sample::Band),
            Mark::Points {
                color,
                shape,
                words,
                ..
            } => (*color, words, Sample::Point(*shape)),
            Mark::Vertical { words, .. } => (Color::Muted, words, Sample::ThinDashes),
            // Its words stand beside it.
            Mark::Level { .. } => continue,
        };
        let entry = Entry {
            color: rgb(color),
            words,
            sample,
        };
        if !words.is_empty() && !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    entries
}

/// A figure while it is drawn.
struct Sheet<'a, DB: DrawingBackend> {
    figure: &'a Figure,
    canvas: &'a Canvas<DB>,
    chart: ChartContext<'a, DB, Cartesian2d<Scale, Scale>>,
}

impl<DB: DrawingBackend> Sheet<'_, DB> {
    fn draw(&mut self, mark: &Mark) -> Drawn<DB> {
        let Axis { from, to, .. } = self.figure.x;
        let (bottom, top) = (self.figure.y.from, self.figure.y.to);
        match mark {
            Mark::Line {
                points,
                color,
                stroke,
                dots,
                ..
            } => self.line(points, rgb(*color), *stroke, *dots),
            Mark::Band {
                stretches, color, ..
            } => self.band(stretches, rgb(*color)),
            Mark::Points {
                points,
                color,
                shape,
                ..
            } => self.points(points, rgb(*color), *shape),
            Mark::Level { at, words } => {
                let Some(at) = self.figure.y.place(*at) else {
                    return Ok(());
                };
                let style = self.canvas.stroke(MUTED, 1);
                let ends = [(from, at), (to, at)];
                self.chart.draw_series(LineSeries::new(ends, style))?;
                self.canvas
                    .beside(self.chart.plotting_area(), words, (to, at))
            }
            Mark::Vertical { at, .. } if from < *at && *at < to => {
                let ends = vec![(*at, bottom), (*at, top)];
                let dashes = self.canvas.thin_dashes(ends, MUTED);
                self.chart.draw_series(dashes).map(|_| ())
            }
            Mark::Vertical { .. } => Ok(()),
        }
    }

    fn line(
        &mut self,
        points: &[Point],
        color: RGBColor,
        stroke: Stroke,
        dots: Option<Shape>,
    ) -> Drawn<DB> {
        let pen = pen(stroke);
        let px = |units| self.canvas.px(units);
        let style = self.canvas.stroke(stroke_color(stroke, color), pen.width);
        for run in runs(points, |point| self.place(point)) {
            let single = run.len() == 1;
            for at in run.iter().filter(|_| dots.is_some() || single) {
                let shape = dots.unwrap_or(Shape::Disc);
                marker(self.canvas, self.chart.plotting_area(), *at, shape, color)?;
            }
            if single {
                continue;
            }
            match pen.dashes {
                None => self.chart.draw_series(LineSeries::new(run, style))?,
                Some((dash, gap)) => {
                    let dashes = DashedLineSeries::new(run, px(dash), px(gap), style);
                    self.chart.draw_series(dashes)?
                }
            };
        }
        Ok(())
    }

    fn band(&mut self, stretches: &[Stretch], color: RGBColor) -> Drawn<DB> {
        let Figure { x, y, .. } = self.figure;
        let place = |stretch: &Stretch| {
            let [low, high] = [stretch.low, stretch.high].map(|end| y.place(end));
            Some((x.place(stretch.x)?, (low?, high?)))
        };
        for run in runs(stretches, place) {
            if let [(x, (low, high))] = run[..] {
                self.bar(x, [low, high], color)?;
                continue;
            }
            let upper = run.iter().map(|&(x, (_, high))| (x, high));
            let lower = run.iter().rev().map(|&(x, (low, _))| (x, low));
            let outline: Vec<(f64, f64)> = upper.chain(lower).collect();
            self.chart
                .draw_series([Polygon::new(outline, pale(color))])?;
        }
        Ok(())
    }

    /// Draws a vertical bar with ends.
    fn bar(&self, x: f64, ends: [f64; 2], color: RGBColor) -> Drawn<DB> {
        let area = self.chart.plotting_area();
        let (thin, half) = (self.canvas.stroke(color, 1), self.canvas.px(4) as i32);
        let [low, high] = ends;
        area.draw(&PathElement::new([(x, low), (x, high)], thin))?;
        for end in ends {
            let across = PathElement::new([(-half, 0), (half, 0)], thin);
            area.draw(&(EmptyElement::at((x, end)) + across))?;
        }
        Ok(())
    }

    fn points(&self, points: &[Point], color: RGBColor, shape: Shape) -> Drawn<DB> {
        for at in points.iter().filter_map(|point| self.place(point)) {
            marker(self.canvas, self.chart.plotting_area(), at, shape, color)?;
        }
        Ok(())
    }

    fn place(&self, point: &Point) -> Option<(f64, f64)> {
        Some((self.figure.x.place(point.x)?, self.figure.y.place(point.y)?))
    }
}

/// Returns the places of `all` in runs without a gap.
fn runs<T, P: Clone>(all: &[T], place: impl Fn(&T) -> Option<P>) -> Vec<Vec<P>> {
    let places: Vec<Option<P>> = all.iter().map(place).collect();
    let runs = places.split(Option::is_none);
    runs.map(|run| run.iter().flatten().cloned().collect())
        .filter(|run: &Vec<P>| !run.is_empty())
        .collect()
}
