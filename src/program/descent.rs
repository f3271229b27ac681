//! Steps of optimizers.

use super::backward::Adjoints;
use super::rule::Rule;
use super::view::View;
use std::fmt;

/// `y = η (g + λ w)`, entry by entry: gradient descent with decaying weights. `g`, `w` and `y` are of one
/// shape, `η` is 1 × 1 and `λ` known.
///
/// With momentum, `v ← μ v + y` and then `w ← w − v` are two [`updates`](super::Record::update). It has no
/// derivative. Cost: three operations an entry.
#[derive(Debug, Clone, Copy)]
pub struct Descent {
    /// g.
    pub gradient: View,
    /// w.
    pub weight: View,
    /// η.
    pub rate: View,
    /// λ.
    pub decay: f64,
}

/// `y = η m / (√v + ε)`, entry by entry: what Adam takes off the weights, from the running means `m` of
/// gradients and `v` of their squares (Kingma, Ba 2015). `settings` is 2 × 1, `η` above `ε`.
///
/// The corrections of both means for their beginning at zero are factors of `η` and `ε`. It has no derivative.
/// Cost: four operations an entry.
#[derive(Debug, Clone, Copy)]
pub struct AdamStep {
    /// m.
    pub m: View,
    /// v.
    pub v: View,
    /// η and ε.
    pub settings: View,
}

impl Descent {
    /// `rate · (gradient + decay · weight)`.
    ///
    /// # Panics
    /// If the shapes differ or are batches, or `rate` is not one number.
    pub fn new(gradient: View, weight: View, rate: View, decay: f64) -> Descent {
        let same = gradient.shape() == weight.shape() && gradient.batch == 1;
        let fits = same && rate.shape() == [1, 1, 1];
        assert!(fits, "descent: {gradient} from {weight} at rate {rate}");
        Descent {
            gradient,
            weight,
            rate,
            decay,
        }
    }
}

impl AdamStep {
    /// `rate · m / (√v + ε)` with `settings` rate and ε.
    ///
    /// # Panics
    /// If the shapes differ or are batches, or `settings` is not two numbers, one above the other.
    pub fn new(m: View, v: View, settings: View) -> AdamStep {
        let same = m.shape() == v.shape() && m.batch == 1;
        let fits = same && settings.shape() == [2, 1, 1];
        assert!(fits, "adam: {m} and {v} with settings {settings}");
        AdamStep { m, v, settings }
    }
}

impl Rule for Descent {
    fn shape(&self) -> [usize; 3] {
        self.gradient.shape()
    }

    fn operands(&self) -> Vec<View> {
        vec![self.gradient, self.weight, self.rate]
    }

    fn differentiate(&self, _: View, adjoints: &mut Adjoints<'_>) {
        for operand in self.operands() {
            adjoints.refuse(operand, "descent: no derivative at");
        }
    }

    fn flops(&self) -> u64 {
        3 * self.gradient.entries() as u64
    }

    fn roundings(&self) -> usize {
        3
    }
}

impl Rule for AdamStep {
    fn shape(&self) -> [usize; 3] {
        self.m.shape()
    }

    fn operands(&self) -> Vec<View> {
        vec![self.m, self.v, self.settings]
    }

    fn differentiate(&self, _: View, adjoints: &mut Adjoints<'_>) {
        for operand in self.operands() {
            adjoints.refuse(operand, "adam: no derivative at");
        }
    }

    fn flops(&self) -> u64 {
        4 * self.m.entries() as u64
    }

    fn roundings(&self) -> usize {
        4
    }
}

impl fmt::Display for Descent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Descent {
            gradient,
            weight,
            rate,
            decay,
        } = self;
        write!(f, "descent {rate} ({gradient} + {decay} {weight})")
    }
}

impl fmt::Display for AdamStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AdamStep { m, v, settings } = self;
        write!(f, "adam {settings} of {m} and {v}")
    }
}
