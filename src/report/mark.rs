//! Marks in a panel of a figure, as plain data.

use serde::Serialize;

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
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// A bar that stands on zero.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bar {
    /// The left end on the horizontal axis.
    pub from: f64,
    /// The right end; a bar without width is a stroke.
    pub to: f64,
    /// Where it ends on the vertical axis.
    pub height: f64,
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
        /// The shape at each point; `None` for a line alone.
        #[serde(skip_serializing_if = "Option::is_none")]
        dots: Option<Shape>,
        /// The label.
        words: String,
    },
    /// The area between two lines; a stretch that stands alone is a bar with ends.
    Band {
        /// The stretches.
        stretches: Vec<Stretch>,
        /// The colour, of which it has a pale shade.
        color: Color,
        /// The label.
        words: String,
    },
    /// Bars that stand on zero.
    Bars {
        /// The bars.
        bars: Vec<Bar>,
        /// Their colour, of which wide ones have a pale shade.
        color: Color,
        /// The label.
        words: String,
    },
    /// Short strokes on the horizontal axis, one a number.
    Rug {
        /// The numbers.
        at: Vec<f64>,
        /// Their colour.
        color: Color,
        /// The label.
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
        /// The label.
        words: String,
    },
    /// A horizontal line from end to end. Its words stand beside it.
    Level {
        /// Where, on the vertical axis.
        at: f64,
        /// The label.
        words: String,
    },
    /// A vertical line from end to end, where it is inside of the figure.
    Vertical {
        /// Where, on the horizontal axis.
        at: f64,
        /// The label.
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
    /// In thin dashes: what is expected.
    ThinDashed,
}

/// The shape of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// A filled circle.
    Disc,
    /// A small one, of many.
    Dot,
    /// A hollow circle.
    Ring,
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

impl Mark {
    /// Returns points joined in their order.
    pub(super) fn line(
        points: impl IntoIterator<Item = (f64, f64)>,
        color: Color,
        stroke: Stroke,
        words: impl Into<String>,
    ) -> Mark {
        Mark::Line {
            points: places(points),
            color,
            stroke,
            dots: None,
            words: words.into(),
        }
    }

    /// Returns points that are not joined.
    pub(super) fn points(
        points: impl IntoIterator<Item = (f64, f64)>,
        color: Color,
        shape: Shape,
        words: impl Into<String>,
    ) -> Mark {
        Mark::Points {
            points: places(points),
            color,
            shape,
            words: words.into(),
        }
    }

    /// Returns a line with a shape at each point.
    pub(super) fn dotted(mut self, shape: Shape) -> Mark {
        if let Mark::Line { dots, .. } = &mut self {
            *dots = Some(shape);
        }
        self
    }

    /// The numbers that it has on the horizontal axis; not those of vertical lines, which stretch no axis.
    pub fn across(&self) -> Vec<f64> {
        match self {
            Mark::Line { points, .. } | Mark::Points { points, .. } => {
                points.iter().map(|point| point.x).collect()
            }
            Mark::Band { stretches, .. } => stretches.iter().map(|s| s.x).collect(),
            Mark::Bars { bars, .. } => bars.iter().flat_map(|bar| [bar.from, bar.to]).collect(),
            Mark::Rug { at, .. } => at.clone(),
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
            Mark::Bars { bars, .. } => bars.iter().map(|bar| bar.height).collect(),
            Mark::Level { at, .. } => vec![*at],
            Mark::Rug { .. } | Mark::Vertical { .. } => Vec::new(),
        }
    }
}

fn places(points: impl IntoIterator<Item = (f64, f64)>) -> Vec<Point> {
    points.into_iter().map(|(x, y)| Point { x, y }).collect()
}
