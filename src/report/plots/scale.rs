//! An axis of a figure as plotters asks for it: linear, logarithmic or of words.

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

use super::ticks::{linear_ticks, log_ticks, tick};
use crate::report::axis::Axis;

/// Width of a letter at a tick, in units.
const LETTER: f64 = 7.5;

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

    /// Returns the scale without ticks whose words would touch those of the tick before, on an axis of so many units.
    pub(super) fn spaced(mut self, units: f64) -> Scale {
        let half = |x: &f64| 0.5 * LETTER * tick(*x).chars().count() as f64;
        let mut end = f64::NEG_INFINITY;
        let ticks = std::mem::take(&mut self.ticks);
        for x in ticks {
            let place = units * self.part(x);
            if place - half(&x) > end + LETTER {
                end = place + half(&x);
                self.ticks.push(x);
            }
        }
        self
    }

    /// Returns the share of the axis that lies before `x`.
    fn part(&self, x: f64) -> f64 {
        let [from, to, x] = [self.from, self.to, x].map(|x| match self.log {
            true => x.ln(),
            false => x,
        });
        (x - from) / (to - from)
    }
}

impl Ranged for Scale {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let part = self.part(*value);
        limit.0 + (part * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.from..self.to
    }
}

#[cfg(test)]
mod tests {
    use super::Scale;
    use crate::report::axis::Axis;

    /// Would catch numbers at ticks that lie on each other, and an axis that loses all of them.
    #[test]
    fn ticks_do_not_touch() {
        let axis = Axis {
            log: true,
            ..Axis::default()
        };
        let scale = Scale::new(&axis.holding(&[60_000.0, 430_000.0]), 7).spaced(600.0);
        assert_eq!(scale.ticks, [6e4, 8e4, 1e5, 2e5, 3e5, 4e5]);
    }
}
