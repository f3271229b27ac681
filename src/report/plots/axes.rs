//! Axes of pictures that are no figures.

use plotters::coord::combinators::{BindKeyPoints, WithKeyPoints};
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::ticks::log_ticks;

/// A linear axis; a range of no length becomes one around it.
pub(super) fn linear(from: f64, to: f64) -> std::ops::Range<f64> {
    let pad = if to > from {
        0.0
    } else {
        0.5 * from.abs().max(f64::MIN_POSITIVE)
    };
    from - pad..to + pad
}

/// A logarithmic axis of positive numbers.
pub(super) fn logarithmic(from: f64, to: f64) -> WithKeyPoints<LogCoord<f64>> {
    (from..to).log_scale().with_key_points(log_ticks(from, to))
}

/// An axis of the places 1 to `count`, with ticks at whole numbers; it begins and ends half a place beyond
/// them.
pub(super) fn places(count: usize) -> Places {
    Places {
        axis: linear(0.5, count as f64 + 0.5).into(),
        count,
    }
}

/// See [`places`].
pub(super) struct Places {
    axis: RangedCoordf64,
    count: usize,
}

impl Ranged for Places {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        self.axis.map(value, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        let step = self.count.div_ceil(hint.max_num_points().max(1)).max(1);
        let ticks = (1..=self.count).step_by(step);
        ticks.map(|place| place as f64).collect()
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.axis.range()
    }
}
