//! An axis of a figure as plotters asks for it: linear, logarithmic or of words.

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

use super::ticks::{linear_ticks, log_ticks};
use crate::report::figure::Axis;

/// Maps numbers to pixels and knows its ticks. One type for all axes, so that charts of every kind are one type too.
pub(super) struct Scale {
    from: f64,
    to: f64,
    log: bool,
    ticks: Vec<f64>,
}

impl Scale {
    /// Returns the scale of `axis`, with some `most` ticks where it is linear.
    pub(super) fn new(axis: &Axis, most: usize) -> Scale {
        let ticks = match (axis.names.len(), axis.log) {
            (0, true) => log_ticks(axis.from, axis.to),
            (0, false) => linear_ticks(axis.from, axis.to, most),
            (count, _) => (1..=count).map(|place| place as f64).collect(),
        };
        Scale {
            from: axis.from,
            to: axis.to,
            log: axis.log,
            ticks,
        }
    }
}

impl Ranged for Scale {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let [from, to, value] = [self.from, self.to, *value].map(|x| match self.log {
            true => x.ln(),
            false => x,
        });
        let part = (value - from) / (to - from);
        limit.0 + (part * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.from..self.to
    }
}
