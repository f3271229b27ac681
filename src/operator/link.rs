//! The functions g of a coefficient (Wu 2018, equation 4).

use crate::program::Function;
use serde::{Deserialize, Serialize};

/// What a trained coefficient a goes through before it multiplies its term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Link {
    /// a.
    #[default]
    Identity,
    /// eᵃ.
    Exp,
    /// tanh a.
    Tanh,
    /// 1 / (1 + e⁻ᵃ).
    Sigmoid,
    /// a².
    Square,
}

/// Value of a fresh term beside the largest.
const FRESH: f64 = 1e-2;
/// Nearest that a start comes to a value that its link never takes.
const MARGIN: f64 = 1e-6;

impl Link {
    /// All of them.
    pub const ALL: [Link; 5] = [
        Link::Identity,
        Link::Exp,
        Link::Tanh,
        Link::Sigmoid,
        Link::Square,
    ];

    /// The name on the command line, in recipes and in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Link::Identity => "identity",
            Link::Exp => "exp",
            Link::Tanh => "tanh",
            Link::Sigmoid => "sigmoid",
            Link::Square => "square",
        }
    }

    /// g.
    #[must_use]
    pub fn function(self) -> Function {
        match self {
            Link::Identity => Function::Scale(1.0),
            Link::Exp => Function::Exp,
            Link::Tanh => Function::Tanh,
            Link::Sigmoid => Function::Sigmoid,
            Link::Square => Function::Square,
        }
    }

    /// g(a).
    #[must_use]
    pub fn value(self, a: f64) -> f64 {
        self.function().value(a)
    }

    /// g′(a).
    #[must_use]
    pub fn derivative(self, a: f64) -> f64 {
        self.function().derivative(a)
    }

    /// A coefficient whose value is `x`, or as near to it as a start needs to be: the sign is lost
    /// where no value is negative, and 0 becomes a small number where the slope at 0 would vanish.
    #[must_use]
    pub fn near(self, x: f64) -> f64 {
        match self {
            Link::Identity => x,
            Link::Exp => libm::log(x.abs().max(MARGIN)),
            Link::Tanh => libm::atanh(x.clamp(MARGIN - 1.0, 1.0 - MARGIN)),
            Link::Sigmoid => {
                let x = x.abs().clamp(MARGIN, 1.0 - MARGIN);
                libm::log(x / (1.0 - x))
            }
            Link::Square => x.abs().max(MARGIN).sqrt(),
        }
    }

    /// Where the coefficient of a term that joins others of values up to `size` begins: at 0 where the
    /// link passes through it with a slope, else at a small value, from which it can grow.
    #[must_use]
    pub fn fresh(self, size: f64) -> f64 {
        match self {
            Link::Identity | Link::Tanh => 0.0,
            Link::Exp | Link::Sigmoid | Link::Square => self.near(FRESH * size),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Central differences: error h²/6 · |g‴| + ε |g| / h, g‴ at most e² here.
    #[test]
    fn derivatives() {
        let h = 1e-5;
        for link in Link::ALL {
            for a in [-2.0, -0.7, 0.0, 0.3, 2.0] {
                let difference = (link.value(a + h) - link.value(a - h)) / (2.0 * h);
                let bound = 8.0 * (h * h + f64::EPSILON / h);
                assert!(
                    (link.derivative(a) - difference).abs() < bound,
                    "{link:?} {a}"
                );
            }
        }
    }

    /// Catches a start on the wrong scale.
    #[test]
    fn starts_have_their_values() {
        for link in Link::ALL {
            for x in [0.01, 0.3, 0.9] {
                assert!((link.value(link.near(x)) - x).abs() < 1e-12, "{link:?} {x}");
            }
            assert!(link.near(-5.0).is_finite() && link.near(0.0).is_finite());
        }
    }
}
