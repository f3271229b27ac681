//! Samples in a picture's key, and the markers that points have there and in the picture.

use std::borrow::Cow;

use plotters::coord::{CoordTranslate, Shift};
use plotters::prelude::*;

use super::canvas::{Canvas, Drawn};
use super::palette::{lighter, pale};
use crate::report::mark::{Shape, Stroke};

/// What a sample looks like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Sample {
    /// A piece of a bar.
    Bar,
    /// An upright stroke.
    Stroke,
    /// A line, with points on it or without.
    Line(Stroke, Option<Shape>),
    /// A piece of a band.
    Band,
    /// A point.
    Point(Shape),
    /// A thin dashed line.
    ThinDashes,
}

/// An entry of a key.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry<'a> {
    /// The colour of its sample.
    pub color: RGBColor,
    /// What it is.
    pub words: Cow<'a, str>,
    /// The sample.
    pub sample: Sample,
}

impl Sample {
    /// Returns its width.
    pub(super) fn width(self) -> u32 {
        match self {
            Sample::Point(_) | Sample::Stroke => 12,
            Sample::Bar | Sample::Band => 18,
            Sample::Line(..) | Sample::ThinDashes => 28,
        }
    }
}

impl Entry<'_> {
    /// Draws the sample, its left end in the middle of its height at `left`.
    pub(super) fn draw<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        area: &DrawingArea<DB, Shift>,
        left: (i32, i32),
    ) -> Drawn<DB> {
        let [width, half, high] = [self.sample.width(), self.sample.width() / 2, 5];
        let [width, half, high] = [width, half, high].map(|units| canvas.px(units) as i32);
        let right = (left.0 + width, left.1);
        let middle = (left.0 + half, left.1);
        match self.sample {
            Sample::Bar => {
                let style = lighter(self.color, 0.725).filled();
                area.draw(&Rectangle::new(
                    [(left.0, left.1 - high), (right.0, right.1 + high)],
                    style,
                ))
            }
            Sample::Stroke => {
                let ends = [(middle.0, middle.1 - high), (middle.0, middle.1 + high)];
                area.draw(&PathElement::new(ends, canvas.stroke(self.color, 2)))
            }
            Sample::Band => {
                let corners = [(left.0, left.1 - high), (right.0, right.1 + high)];
                area.draw(&Rectangle::new(corners, pale(self.color)))
            }
            Sample::Point(shape) => marker(canvas, area, middle, shape, self.color),
            Sample::ThinDashes => level(canvas, area, [left, right], self.color, THIN_DASHES),
            Sample::Line(stroke, dots) => {
                let color = stroke_color(stroke, self.color);
                level(canvas, area, [left, right], color, pen(stroke))?;
                dots.map_or(Ok(()), |shape| {
                    marker(canvas, area, middle, shape, self.color)
                })
            }
        }
    }
}

/// Returns the colour of a line.
pub(super) fn stroke_color(stroke: Stroke, color: RGBColor) -> RGBColor {
    match stroke {
        Stroke::Thin => lighter(color, 0.35),
        Stroke::Solid | Stroke::Dashed | Stroke::Dotted | Stroke::ThinDashed => color,
    }
}

/// How a line is drawn, in units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pen {
    /// The width.
    pub width: u32,
    /// Lengths of a dash and of the gap after it; `None` of a solid line.
    pub dashes: Option<(u32, u32)>,
}

/// The pen of vertical lines and of what is expected.
pub(super) const THIN_DASHES: Pen = Pen {
    width: 1,
    dashes: Some((5, 5)),
};

/// Returns the pen of a line.
pub(super) fn pen(stroke: Stroke) -> Pen {
    let (width, dashes) = match stroke {
        Stroke::ThinDashed => return THIN_DASHES,
        Stroke::Solid => (2, None),
        Stroke::Thin => (1, None),
        Stroke::Dashed => (2, Some((9, 5))),
        Stroke::Dotted => (2, Some((2, 3))),
    };
    Pen { width, dashes }
}

/// Draws a level line of the key between two ends.
fn level<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    area: &DrawingArea<DB, Shift>,
    ends: [(i32, i32); 2],
    color: RGBColor,
    pen: Pen,
) -> Drawn<DB> {
    let style = canvas.stroke(color, pen.width);
    let Some((dash, gap)) = pen.dashes else {
        return area.draw(&PathElement::new(ends, style));
    };
    let [left, right] = ends;
    for from in (left.0..right.0).step_by(canvas.px(dash + gap) as usize) {
        let to = (from + canvas.px(dash) as i32).min(right.0);
        area.draw(&PathElement::new([(from, left.1), (to, left.1)], style))?;
    }
    Ok(())
}

/// Draws a point's marker.
pub(super) fn marker<DB: DrawingBackend, CT: CoordTranslate>(
    canvas: &Canvas<DB>,
    area: &DrawingArea<DB, CT>,
    at: CT::From,
    shape: Shape,
    color: RGBColor,
) -> Drawn<DB>
where
    CT::From: Clone,
{
    let px = |units: u32| canvas.px(units) as i32;
    let stroke = canvas.stroke(color, 2);
    let fill = |outline: Vec<(i32, i32)>, color: RGBColor| {
        let shape = Polygon::new(outline, color.filled());
        area.draw(&(EmptyElement::at(at.clone()) + shape))
    };
    let path = |points: Vec<(i32, i32)>| {
        let shape = PathElement::new(points, stroke);
        area.draw(&(EmptyElement::at(at.clone()) + shape))
    };
    match shape {
        Shape::Dot => area.draw(&Circle::new(at.clone(), px(2), color.filled())),
        Shape::Ring => {
            area.draw(&Circle::new(at.clone(), px(4), WHITE.filled()))?;
            area.draw(&Circle::new(at.clone(), px(4), stroke))
        }
        Shape::Disc => area.draw(&Circle::new(at.clone(), px(3), color.filled())),
        Shape::Square => {
            let r = px(3);
            fill(vec![(-r, -r), (r, -r), (r, r), (-r, r)], color)
        }
        Shape::Triangle => fill(vec![(0, -px(4)), (px(4), px(3)), (-px(4), px(3))], color),
        Shape::Diamond => {
            let corners = |r: i32| vec![(0, -r), (r, 0), (0, r), (-r, 0)];
            fill(corners(px(6)), color)?;
            fill(corners(px(7) / 2), WHITE)
        }
        Shape::Cross => {
            let r = px(3);
            path(vec![(-r, -r), (r, r)])?;
            path(vec![(-r, r), (r, -r)])
        }
    }
}
