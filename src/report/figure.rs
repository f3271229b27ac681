//! A picture as plain data: two axes, what is drawn between them, and how to read it.

use super::axis::Axis;
use serde::Serialize;

/// A picture of numbers over numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// The name of its files, without extension.
    pub stem: String,
    /// The title.
    pub title: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// What is drawn. Bands lie below lines and lines below points; of lines the first lies on top.
    pub marks: Vec<Mark>,
    /// How to read it, in a sentence or two.
    pub reading: String,
}

/// A place in a figure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// On the horizontal axis.
    pub x: f64,
    /// On the vertical axis.
    pub y: f64,
}

/// A vertical stretch of a band.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Stretch {
    /// On the horizontal axis.
    pub x: f64,
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// Something drawn. Points that cannot be drawn, because they are not finite or beyond 10^±100, split lines and bands. Its
/// words stand in the key, once where marks that look alike share them; without words it is not in the key, and
/// without points it is in the key alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Mark {
    /// Points joined in their order; a point that stands alone is a dot.
    Line {
        /// The points.
        points: Vec<Point>,
        /// The colour.
        color: Color,
        /// How it is drawn.
        stroke: Stroke,
        /// What is drawn at each point.
        dots: Option<Shape>,
        /// What it is.
        words: String,
    },
    /// What lies between two lines; a stretch that stands alone is a bar with ends.
    Band {
        /// Its stretches.
        stretches: Vec<Stretch>,
        /// Its colour, of which it has a pale shade.
        color: Color,
        /// What it is.
        words: String,
    },
    /// Points that are not joined.
    Points {
        /// The points.
        points: Vec<Point>,
        /// Their colour.
        color: Color,
        /// Their shape.
        shape: Shape,
        /// What they are.
        words: String,
    },
    /// A horizontal line from end to end. Its words stand beside it.
    Level {
        /// Where, on the vertical axis.
        at: f64,
        /// What it is.
        words: String,
    },
    /// A vertical line from end to end, where it is inside of the figure.
    Vertical {
        /// Where, on the horizontal axis.
        at: f64,
        /// What it is.
        words: String,
    },
}

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Color {
    /// The colour of this number, for things without an order. After the tenth they begin anew.
    Number(usize),
    /// A place between 0, light, and 1, dark, for things with an order.
    Ramp(f64),
    /// Grey.
    Muted,
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stroke {
    /// In one go.
    Solid,
    /// Thin, in a light shade of its colour.
    Thin,
    /// In dashes.
    Dashed,
    /// In dots.
    Dotted,
}

/// The shape of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// A filled circle.
    Disc,
    /// A filled square.
    Square,
    /// A filled triangle.
    Triangle,
    /// A hollow square that stands on a corner.
    Diamond,
    /// Two strokes that cross.
    Cross,
}

impl Shape {
    /// A shape for the line of this number, so that lines differ in more than their colours.
    pub fn of(number: usize) -> Shape {
        [Shape::Disc, Shape::Square, Shape::Triangle][number % 3]
    }
}

impl Figure {
    /// Whether it has a point that can be drawn.
    pub fn is_drawable(&self) -> bool {
        let can = |x: f64, y: f64| self.x.place(x).is_some() && self.y.place(y).is_some();
        self.marks.iter().any(|mark| match mark {
            Mark::Line { points, .. } | Mark::Points { points, .. } => {
                points.iter().any(|point| can(point.x, point.y))
            }
            Mark::Band { stretches, .. } => stretches.iter().any(|s| can(s.x, s.low)),
            Mark::Level { .. } | Mark::Vertical { .. } => false,
        })
    }
}

impl Mark {
    /// The numbers that it has on the horizontal axis; not those of vertical lines, which stretch no axis.
    pub fn across(&self) -> Vec<f64> {
        match self {
            Mark::Line { points, .. } | Mark::Points { points, .. } => {
                points.iter().map(|point| point.x).collect()
            }
            Mark::Band { stretches, .. } => stretches.iter().map(|s| s.x).collect(),
            Mark::Level { .. } | Mark::Vertical { .. } => Vec::new(),
        }
    }

    /// The numbers that it has on the vertical axis.
    pub fn upward(&self) -> Vec<f64> {
        match self {
            Mark::Line { points, .. } | Mark::Points { points, .. } => {
                points.iter().map(|point| point.y).collect()
            }
            Mark::Band { stretches, .. } => {
                stretches.iter().flat_map(|s| [s.low, s.high]).collect()
            }
            Mark::Level { at, .. } => vec![*at],
            Mark::Vertical { .. } => Vec::new(),
        }
    }
}
