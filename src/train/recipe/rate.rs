//! Learning rates over time.

use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// The learning rate of iteration t, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "schedule",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case",
    deny_unknown_fields
)]
pub enum Rate {
    /// `base`.
    Fixed {
        /// The rate.
        base: f64,
    },
    /// `base · factor^⌊t / every⌋`.
    Step {
        /// The first rate.
        base: f64,
        /// The factor.
        factor: f64,
        /// Iterations between two steps.
        every: u64,
    },
    /// `base · (1 + gamma t)^−power` (Caffe's "inv").
    Inv {
        /// The first rate.
        base: f64,
        /// How fast it falls.
        gamma: f64,
        /// In which power.
        power: f64,
    },
    /// From `base` to `end` along half a cosine.
    Cosine {
        /// The first rate.
        base: f64,
        /// The last rate.
        #[serde(default)]
        end: f64,
    },
    /// From `base` to `end` along a line.
    Linear {
        /// The first rate.
        base: f64,
        /// The last rate.
        #[serde(default)]
        end: f64,
    },
}

impl Default for Rate {
    fn default() -> Rate {
        Rate::Fixed { base: 0.01 }
    }
}

impl Rate {
    /// The rate of iteration `t` of `iterations`. Functions are computed in software, so that the bits
    /// are the same on every machine.
    pub fn at(&self, t: u64, iterations: u64) -> f64 {
        let part = t as f64 / iterations.max(1) as f64;
        match *self {
            Rate::Fixed { base } => base,
            Rate::Step {
                base,
                factor,
                every,
            } => base * libm::pow(factor, (t / every) as f64),
            Rate::Inv { base, gamma, power } => base * libm::pow(1.0 + gamma * t as f64, -power),
            Rate::Cosine { base, end } => end + (base - end) * 0.5 * (1.0 + libm::cos(PI * part)),
            Rate::Linear { base, end } => base + (end - base) * part,
        }
    }

    /// The same course in so many times fewer iterations, as near as whole numbers allow.
    pub fn shortened(self, times: u64) -> Rate {
        match self {
            Rate::Step {
                base,
                factor,
                every,
            } => Rate::Step {
                base,
                factor,
                every: every.div_ceil(times),
            },
            Rate::Inv { base, gamma, power } => Rate::Inv {
                base,
                gamma: gamma * times as f64,
                power,
            },
            other => other,
        }
    }

    /// The largest and smallest number of the setting, to be checked.
    pub(super) fn is_sound(&self) -> bool {
        let numbers = match *self {
            Rate::Fixed { base } => vec![base],
            Rate::Step { base, factor, .. } => vec![base, factor],
            Rate::Inv { base, gamma, power } => vec![base, gamma, power],
            Rate::Cosine { base, end } | Rate::Linear { base, end } => vec![base, end],
        };
        let steps = !matches!(*self, Rate::Step { every: 0, .. });
        steps && numbers.iter().all(|x| x.is_finite() && *x >= 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Rate;

    /// Catches a schedule that starts late, ends elsewhere or has another exponent: against values by hand.
    #[test]
    fn rates_are_their_formulas() {
        let inv = Rate::Inv {
            base: 0.01,
            gamma: 1e-4,
            power: 0.75,
        };
        // 2^(-3/4)
        assert_eq!(inv.at(0, 1), 0.01);
        assert!((inv.at(10_000, 1) - 0.005_946_035_575_013_605).abs() < 1e-17);
        let step = Rate::Step {
            base: 8.0,
            factor: 0.5,
            every: 10,
        };
        let steps: Vec<f64> = [0, 9, 10, 29, 30].map(|t| step.at(t, 99)).into();
        assert_eq!(steps, [8.0, 8.0, 4.0, 2.0, 1.0]);
        let line = Rate::Linear {
            base: 1.0,
            end: 0.5,
        };
        assert_eq!([0, 50, 100].map(|t| line.at(t, 100)), [1.0, 0.75, 0.5]);
        let cosine = Rate::Cosine {
            base: 1.0,
            end: 0.0,
        };
        assert_eq!(cosine.at(0, 100), 1.0);
        assert!((cosine.at(50, 100) - 0.5).abs() < 1e-16 && cosine.at(100, 100) < 1e-16);
    }
}
