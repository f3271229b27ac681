//! An axis of a figure: its words, its scale and its ends.

use serde::Serialize;

/// An axis.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Axis {
    /// What its numbers are.
    pub words: String,
    /// Their unit: `%`; empty without one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// Whether it is logarithmic.
    pub log: bool,
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// On a logarithmic axis, smaller numbers are drawn here; those that are not positive nowhere where there is no floor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor: Option<f64>,
    /// Whether it has numbers at whole places alone.
    pub whole: bool,
    /// Words that stand at 1, 2, 3 … in the place of numbers, nothing where one is empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

impl Axis {
    /// Returns a linear axis without ends.
    pub(super) fn linear(words: impl Into<String>) -> Axis {
        Axis {
            words: words.into(),
            ..Axis::default()
        }
    }

    /// Returns a logarithmic axis without ends.
    pub(super) fn logarithmic(words: impl Into<String>) -> Axis {
        Axis {
            log: true,
            ..Axis::linear(words)
        }
    }

    /// Returns the axis with these ends; of no length, it becomes one around them.
    pub(super) fn between(mut self, from: f64, to: f64) -> Axis {
        let pad = if to > from {
            0.0
        } else {
            0.5 * from.abs().max(f64::MIN_POSITIVE)
        };
        (self.from, self.to) = (from - pad, to + pad);
        self
    }

    /// Returns the part of the axis that lies before a place on it: 0 at its beginning, 1 at its end.
    pub(super) fn part(&self, place: f64) -> f64 {
        let [from, to, place] =
            [self.from, self.to, place].map(|x| if self.log { x.ln() } else { x });
        (place - from) / (to - from)
    }

    /// Returns where `x` is drawn; `None` where it cannot be.
    pub fn place(&self, x: f64) -> Option<f64> {
        if !drawable(x) {
            return None;
        }
        if self.log {
            Some(x.max(self.floor.unwrap_or(0.0))).filter(|x| *x > 0.0)
        } else {
            Some(x)
        }
    }

    /// Returns the axis with ends that hold all `numbers` that can be drawn. A logarithmic one with numbers that are not
    /// positive gets a floor at half the least positive number; without a positive number it becomes linear.
    pub fn holding(mut self, numbers: &[f64]) -> Axis {
        if !self.names.is_empty() {
            self.log = false;
            (self.from, self.to) = (0.5, self.names.len() as f64 + 0.5);
            return self;
        }
        let all = || numbers.iter().copied().filter(|x| drawable(*x));
        let least = all().filter(|x| *x > 0.0).fold(f64::INFINITY, f64::min);
        self.log &= least.is_finite();
        if self.log && self.floor.is_none() && all().any(|x| x <= 0.0) {
            self.floor = Some(0.5 * least);
        }
        let drawn: Vec<f64> = numbers.iter().filter_map(|x| self.place(*x)).collect();
        let (least, most) = ends(drawn.iter().copied());
        let from_zero = least < most / 3.0 || least == most;
        (self.from, self.to) = span(drawn.into_iter(), self.log, from_zero);
        self
    }
}

/// Whether a number can be drawn: plotters' search for ticks does not end for subnormal ones.
pub(in crate::report) fn drawable(x: f64) -> bool {
    x == 0.0 || (1e-100..1e100).contains(&x.abs())
}

/// The least and the most of `numbers`.
pub(in crate::report) fn ends(numbers: impl Iterator<Item = f64>) -> (f64, f64) {
    numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), x| {
        (least.min(x), most.max(x))
    })
}

/// Ends of an axis that holds `numbers`, which can be drawn, with some space around them; one that is not logarithmic
/// begins at zero where `from_zero` and nothing is negative.
pub(in crate::report) fn span(
    numbers: impl Iterator<Item = f64>,
    log: bool,
    from_zero: bool,
) -> (f64, f64) {
    let (least, most) = ends(numbers);
    let (from, to) = if least > most {
        (0.0, 1.0)
    } else if log {
        (least / 1.15, most * 1.15)
    } else if from_zero && least >= 0.0 {
        (0.0, 1.06 * most)
    } else {
        let pad = (0.06 * (most - least)).max(1e-3 * most.abs());
        (least - pad, most + pad)
    };
    (from, if from < to { to } else { from + 1.0 })
}

#[cfg(test)]
mod tests {
    use super::{Axis, span};

    /// Would catch an axis that cuts a number off, has no length, or takes the logarithm of zero.
    #[test]
    fn axes_hold_their_numbers() {
        for numbers in [
            &[90.0, 5.0, 0.0][..],
            &[3.0, 2.5, -2.0],
            &[1.0, 1.0],
            &[0.0],
            &[-2.0, -1.0],
            &[1e-9],
            &[1e99, 1e-99],
            &[f64::NAN, 4.0, f64::INFINITY, 1e-310],
            &[],
        ] {
            for log in [false, true] {
                let axis = Axis {
                    log,
                    ..Axis::default()
                }
                .holding(numbers);
                assert!(axis.from < axis.to, "{numbers:?}: {axis:?}");
                assert!(!axis.log || axis.from > 0.0, "{numbers:?}: {axis:?}");
                for place in numbers.iter().filter_map(|x| axis.place(*x)) {
                    assert!(
                        (axis.from..=axis.to).contains(&place),
                        "{numbers:?}: {axis:?}"
                    );
                }
            }
        }
    }

    /// Would catch a zero that is lost on a logarithmic axis, and NaN or a subnormal number drawn at its floor.
    #[test]
    fn zeros_are_drawn_at_the_floor() {
        let axis = Axis {
            log: true,
            ..Axis::default()
        }
        .holding(&[0.0, 8.0, 2.0]);
        assert_eq!(axis.floor, Some(1.0));
        assert_eq!(axis.place(0.0), Some(1.0));
        assert_eq!(axis.place(8.0), Some(8.0));
        for x in [f64::NAN, f64::INFINITY, 1e-310, 1e101] {
            assert_eq!(axis.place(x), None, "{x}");
        }
    }

    /// Would catch a range of small numbers far from zero that is squeezed to a line because its axis begins at zero.
    #[test]
    fn an_axis_begins_at_zero_only_near_it() {
        let of = |numbers: &[f64]| Axis::default().holding(numbers).from;
        assert_eq!(of(&[1.0, 10.0]), 0.0);
        assert!(of(&[98.0, 99.0]) > 97.0);
        assert_eq!(span([1.0, 1.0].into_iter(), false, true).0, 0.0);
    }
}
