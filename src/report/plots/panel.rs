//! Draws the marks of a panel on its chart.

use plotters::prelude::*;

use super::canvas::{Canvas, Chart, Drawn};
use super::clip::{Point as At, clipped, is_inside};
use super::key::{THIN_DASHES, marker, pen, stroke_color};
use super::palette::{MUTED, lighter, pale, rgb};
use crate::report::axis::Axis;
use crate::report::figure::Panel;
use crate::report::mark::{Bar, Mark, Point, Shape, Stretch, Stroke};

/// Height of a rug.
const RUG: f64 = 0.03;

/// A panel while it is drawn.
pub(super) struct Plane<'a, DB: DrawingBackend> {
    panel: &'a Panel,
    canvas: &'a Canvas<DB>,
    chart: Chart<'a, DB>,
}

impl<'a, DB: DrawingBackend> Plane<'a, DB> {
    pub(super) fn new(panel: &'a Panel, canvas: &'a Canvas<DB>, chart: Chart<'a, DB>) -> Self {
        Plane {
            panel,
            canvas,
            chart,
        }
    }

    /// Draws all marks, those that cover much first, and of lines the first one last.
    pub(super) fn draw(&mut self) -> Drawn<DB> {
        let marks = &self.panel.marks;
        let mut order: Vec<usize> = (0..marks.len()).collect();
        order.sort_by_key(|&place| match marks[place] {
            Mark::Bars { .. } => (0, place),
            Mark::Band { .. } => (1, place),
            Mark::Level { .. } | Mark::Vertical { .. } => (2, place),
            Mark::Rug { .. } => (3, place),
            Mark::Line { .. } => (4, marks.len() - place),
            Mark::Points { .. } => (5, place),
        });
        order
            .into_iter()
            .try_for_each(|place| self.mark(&marks[place]))
    }

    fn mark(&mut self, mark: &Mark) -> Drawn<DB> {
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
            Mark::Bars { bars, color, .. } => self.bars(bars, rgb(*color)),
            Mark::Rug { at, color, .. } => self.rug(at, rgb(*color)),
            Mark::Points {
                points,
                color,
                shape,
                ..
            } => self.points(points, rgb(*color), *shape),
            Mark::Level { at, words } => {
                let Some(y) = part(&self.panel.y, *at).filter(|y| is_inside(&(0.0, *y))) else {
                    return Ok(());
                };
                self.path(vec![(0.0, y), (1.0, y)], self.canvas.stroke(MUTED, 1))?;
                self.canvas
                    .beside(self.chart.plotting_area(), words, (1.0, y))
            }
            Mark::Vertical { at, .. } => match part(&self.panel.x, *at) {
                Some(x) if 0.0 < x && x < 1.0 => {
                    let ends = vec![(x, 0.0), (x, 1.0)];
                    self.dashes(ends, THIN_DASHES.dashes, self.canvas.stroke(MUTED, 1))
                }
                _ => Ok(()),
            },
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
        let style = self.canvas.stroke(stroke_color(stroke, color), pen.width);
        for run in runs(points, |point| self.at(point)) {
            let single = run.len() == 1;
            for at in run.iter().filter(|_| dots.is_some() || single) {
                self.marker(*at, dots.unwrap_or(Shape::Disc), color)?;
            }
            for part in clipped(run).into_iter().filter(|_| !single) {
                self.dashes(part, pen.dashes, style)?;
            }
        }
        Ok(())
    }

    fn band(&mut self, stretches: &[Stretch], color: RGBColor) -> Drawn<DB> {
        let Panel { x, y, .. } = self.panel;
        let place = |stretch: &Stretch| {
            let [low, high] = [stretch.low, stretch.high].map(|end| part(y, end));
            Some((
                part(x, stretch.x)?,
                (low?.clamp(0.0, 1.0), high?.clamp(0.0, 1.0)),
            ))
        };
        for run in runs(stretches, place) {
            if let [(x, (low, high))] = run[..] {
                self.whisker(x, [low, high], color)?;
                continue;
            }
            let upper = run.iter().map(|&(x, (_, high))| (x, high));
            let lower = run.iter().rev().map(|&(x, (low, _))| (x, low));
            let outline: Vec<At> = upper.chain(lower).collect();
            self.chart
                .draw_series([Polygon::new(outline, pale(color))])?;
        }
        Ok(())
    }

    /// Draws a vertical stroke with ends.
    fn whisker(&self, x: f64, ends: [f64; 2], color: RGBColor) -> Drawn<DB> {
        let (thin, half) = (self.canvas.stroke(color, 1), self.canvas.px(4) as i32);
        self.path(ends.map(|y| (x, y)).to_vec(), thin)?;
        for end in ends {
            let across = PathElement::new([(-half, 0), (half, 0)], thin);
            self.chart
                .plotting_area()
                .draw(&(EmptyElement::at((x, end)) + across))?;
        }
        Ok(())
    }

    fn bars(&self, bars: &[Bar], color: RGBColor) -> Drawn<DB> {
        let Panel { x, y, .. } = self.panel;
        for bar in bars {
            let ends = [part(x, bar.from), part(x, bar.to), part(y, bar.height)];
            let [Some(from), Some(to), Some(height)] = ends else {
                continue;
            };
            let [from, to, top] = [from, to, height].map(|end| end.clamp(0.0, 1.0));
            if from < to {
                let corners = [(from, 0.0), (to, top)];
                let style = lighter(color, 0.725).filled();
                self.chart
                    .plotting_area()
                    .draw(&Rectangle::new(corners, style))?;
            } else {
                self.path(vec![(from, 0.0), (from, top)], self.canvas.stroke(color, 1))?;
            }
        }
        Ok(())
    }

    fn rug(&self, at: &[f64], color: RGBColor) -> Drawn<DB> {
        let places = at.iter().filter_map(|x| part(&self.panel.x, *x));
        for x in places.filter(|x| is_inside(&(*x, 0.0))) {
            self.path(vec![(x, 0.0), (x, RUG)], self.canvas.stroke(color, 1))?;
        }
        Ok(())
    }

    fn points(&self, points: &[Point], color: RGBColor, shape: Shape) -> Drawn<DB> {
        let mut places = points.iter().filter_map(|point| self.at(point));
        places.try_for_each(|at| self.marker(at, shape, color))
    }

    fn marker(&self, at: At, shape: Shape, color: RGBColor) -> Drawn<DB> {
        if is_inside(&at) {
            marker(self.canvas, self.chart.plotting_area(), at, shape, color)?;
        }
        Ok(())
    }

    fn path(&self, points: Vec<At>, style: ShapeStyle) -> Drawn<DB> {
        self.chart
            .plotting_area()
            .draw(&PathElement::new(points, style))
    }

    /// Draws a line in one go, or in dashes and gaps of these lengths.
    fn dashes(
        &mut self,
        line: Vec<At>,
        dashes: Option<(u32, u32)>,
        style: ShapeStyle,
    ) -> Drawn<DB> {
        let Some((dash, gap)) = dashes else {
            return self.path(line, style);
        };
        let [dash, gap] = [dash, gap].map(|units| self.canvas.px(units));
        let series = DashedLineSeries::new(line, dash, gap, style);
        self.chart.draw_series(series).map(|_| ())
    }

    fn at(&self, point: &Point) -> Option<At> {
        Some((part(&self.panel.x, point.x)?, part(&self.panel.y, point.y)?))
    }
}

/// Returns where a number is drawn between the ends of an axis, 0 and 1; `None` where it cannot be drawn.
fn part(axis: &Axis, x: f64) -> Option<f64> {
    axis.place(x).map(|place| axis.part(place))
}

/// Returns the places of `all` in runs without a gap.
fn runs<T, P: Clone>(all: &[T], place: impl Fn(&T) -> Option<P>) -> Vec<Vec<P>> {
    let places: Vec<Option<P>> = all.iter().map(place).collect();
    let runs = places.split(Option::is_none);
    runs.map(|run| run.iter().flatten().cloned().collect())
        .filter(|run: &Vec<P>| !run.is_empty())
        .collect()
}
