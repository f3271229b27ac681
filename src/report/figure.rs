//! A picture as plain data: panels of two axes, what is drawn between them, and how to read it.

use super::axis::Axis;
use serde::Serialize;

/// A picture of numbers over numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// The name of its files, without extension.
    pub stem: String,
    /// The title.
    pub title: String,
    /// How its panels lie.
    pub layout: Layout,
    /// Its panels, at least one.
    pub panels: Vec<Panel>,
    /// What stands at points of the horizontal axis, for a reader who points at them; none where the axis says it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stops: Vec<Stop>,
    /// How to read it, in a sentence or two.
    pub reading: String,
}

/// How panels lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// One below the other, over the horizontal axis of the last one.
    Rows,
    /// Beside each other, each with axes of its own.
    Columns,
}

/// A chart: what is drawn between two axes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Panel {
    /// What stands in its upper left corner.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Its part of the width, beside those of other columns.
    pub share: u32,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// What is drawn. Bars and bands lie below lines and lines below points; of lines the first lies on top.
    pub marks: Vec<Mark>,
}

/// A point of a horizontal axis with words of its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stop {
    /// On the horizontal axis.
    pub x: f64,
    /// What it is.
    pub words: String,
    /// The anchor that it leads to on its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
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

/// A bar that stands on zero.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bar {
    /// Its left end on the horizontal axis.
    pub from: f64,
    /// Its right end; a bar without width is a stroke.
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
    /// Bars that stand on zero.
    Bars {
        /// The bars.
        bars: Vec<Bar>,
        /// Their colour, of which wide ones have a pale shade.
        color: Color,
        /// What they are.
        words: String,
    },
    /// Short strokes on the horizontal axis, one a number.
    Rug {
        /// The numbers.
        at: Vec<f64>,
        /// Their colour.
        color: Color,
        /// What they are.
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

impl Figure {
    /// Whether it has a point that can be drawn.
    pub fn is_drawable(&self) -> bool {
        self.panels.iter().any(Panel::is_drawable)
    }
}

impl Panel {
    /// Returns the panel of these marks on axes that hold them, as far as the axes have no ends yet.
    pub fn holding(x: Axis, y: Axis, marks: Vec<Mark>) -> Panel {
        let numbers =
            |of: fn(&Mark) -> Vec<f64>| -> Vec<f64> { marks.iter().flat_map(of).collect() };
        let ended = |axis: Axis, of: fn(&Mark) -> Vec<f64>| {
            if axis.from < axis.to {
                axis
            } else {
                axis.holding(&numbers(of))
            }
        };
        Panel {
            title: String::new(),
            share: 1,
            x: ended(x, Mark::across),
            y: ended(y, Mark::upward),
            marks,
        }
    }

    /// Returns a figure with nothing else.
    pub(super) fn alone(self, stem: String, title: String, reading: String) -> Figure {
        Figure {
            stem,
            title,
            layout: Layout::Columns,
            panels: vec![self],
            stops: Vec::new(),
            reading,
        }
    }

    fn is_drawable(&self) -> bool {
        let can = |x: f64, y: f64| self.x.place(x).is_some() && self.y.place(y).is_some();
        self.marks.iter().any(|mark| match mark {
            Mark::Line { points, .. } | Mark::Points { points, .. } => {
                points.iter().any(|point| can(point.x, point.y))
            }
            Mark::Band { stretches, .. } => stretches.iter().any(|s| can(s.x, s.low)),
            Mark::Bars { bars, .. } => bars.iter().any(|bar| can(bar.from, bar.height)),
            Mark::Rug { .. } | Mark::Level { .. } | Mark::Vertical { .. } => false,
        })
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
