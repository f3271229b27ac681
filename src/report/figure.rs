//! A picture as plain data: panels of two axes, what is drawn between them, and how to read it.

use super::axis::Axis;
use super::mark::Mark;
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
    /// The panels, at least one.
    pub panels: Vec<Panel>,
    /// Labels of points of the horizontal axis, shown to a reader who points at them; empty where the axis says it.
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
    /// The text in the upper left corner; empty without one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The part of the width, beside those of other columns.
    pub share: u32,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// The marks. Bars and bands lie below lines and lines below points; of lines the first lies on top.
    pub marks: Vec<Mark>,
    /// Numbers that are not drawn, for a reader who points at the panel.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub asides: Vec<Aside>,
}

/// Numbers beside the points of the first mark of a panel, one each.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Aside {
    /// The label.
    pub words: String,
    /// The numbers.
    pub values: Vec<f64>,
}

/// A point of a horizontal axis with words of its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stop {
    /// On the horizontal axis.
    pub x: f64,
    /// The label.
    pub words: String,
    /// The anchor that it leads to on its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
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
            asides: Vec::new(),
        }
    }

    /// Returns the panel with these numbers beside the points of its first mark.
    pub(super) fn aside(mut self, words: &str, values: impl IntoIterator<Item = f64>) -> Panel {
        self.asides.push(Aside {
            words: words.to_owned(),
            values: values.into_iter().collect(),
        });
        self
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
