//! Functions of one number, entry by entry.

use super::backward::Adjoints;
use super::rule::Rule;
use super::view::View;
use super::zip::{Combination, Zip};
use std::fmt;

/// A function of one number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Function {
    /// `a x`; the identity with `a = 1`.
    Scale(f64),
    /// `eˣ`.
    Exp,
    /// `tanh x`.
    Tanh,
    /// `1/(1 + e⁻ˣ)`.
    Sigmoid,
    /// `x²`.
    Square,
    /// `max(x, 0)`; its derivative at 0 is 0.
    Relu,
    /// `1/√(x + ε)`.
    InverseRoot(f64),
    /// `cos x`.
    Cosine,
    /// `sin x`.
    Sine,
    /// −1, 0 or 1; its derivative is 0 everywhere.
    Sign,
}

impl Function {
    /// `f(x)`, in software, so that no machine's own library changes a bit.
    pub fn value(self, x: f64) -> f64 {
        match self {
            Function::Scale(a) => a * x,
            Function::Exp => libm::exp(x),
            Function::Tanh => libm::tanh(x),
            Function::Sigmoid => 1.0 / (1.0 + libm::exp(-x)),
            Function::Square => x * x,
            Function::Relu if x < 0.0 => 0.0,
            Function::Relu => x,
            Function::InverseRoot(epsilon) => 1.0 / libm::sqrt(x + epsilon),
            Function::Cosine => libm::cos(x),
            Function::Sine => libm::sin(x),
            Function::Sign if x < 0.0 => -1.0,
            Function::Sign if x > 0.0 => 1.0,
            Function::Sign => x,
        }
    }

    /// `f′(x)`.
    pub fn derivative(self, x: f64) -> f64 {
        match self {
            Function::Scale(a) => a,
            Function::Exp => libm::exp(x),
            Function::Tanh => {
                let t = libm::tanh(x);
                (1.0 - t) * (1.0 + t)
            }
            Function::Sigmoid => self.value(x) * self.value(-x),
            Function::Square => 2.0 * x,
            Function::Relu => f64::from(x > 0.0),
            Function::InverseRoot(_) => {
                let y = self.value(x);
                -0.5 * y * y * y
            }
            Function::Cosine => -libm::sin(x),
            Function::Sine => libm::cos(x),
            Function::Sign => 0.0,
        }
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Function::Scale(a) => write!(f, "scale {a}"),
            Function::Exp => f.write_str("exp"),
            Function::Tanh => f.write_str("tanh"),
            Function::Sigmoid => f.write_str("sigmoid"),
            Function::Square => f.write_str("square"),
            Function::Relu => f.write_str("relu"),
            Function::InverseRoot(epsilon) => write!(f, "inverse root {epsilon}"),
            Function::Cosine => f.write_str("cosine"),
            Function::Sine => f.write_str("sine"),
            Function::Sign => f.write_str("sign"),
        }
    }
}

/// `y = f(x)`, entry by entry; both of one shape.
///
/// Derivative: `dx = dy ∘ f′(x)`, a [`Zip`]. Cost: one operation an entry.
#[derive(Debug, Clone, Copy)]
pub struct Map {
    /// f.
    pub function: Function,
    /// x.
    pub x: View,
}

impl Map {
    /// `f(x)`.
    ///
    /// # Panics
    /// If `x` is a batch.
    pub fn new(function: Function, x: View) -> Map {
        assert!(x.batch == 1, "map: {x} is a batch");
        Map { function, x }
    }

    /// `x` itself.
    ///
    /// # Panics
    /// If `x` is a batch.
    pub fn copy(x: View) -> Map {
        Map::new(Function::Scale(1.0), x)
    }
}

impl Rule for Map {
    fn shape(&self) -> [usize; 3] {
        self.x.shape()
    }

    fn operands(&self) -> Vec<View> {
        vec![self.x]
    }

    fn differentiate(&self, dy: View, adjoints: &mut Adjoints<'_>) {
        match self.function {
            Function::Scale(_) => adjoints.add(self.x, || Map::new(self.function, dy)),
            Function::Sign => {}
            function => adjoints.add(self.x, || {
                Zip::new(Combination::Chain(function), dy, self.x)
            }),
        }
    }

    fn flops(&self) -> u64 {
        match self.function {
            Function::Scale(1.0) => 0,
            _ => self.x.entries() as u64,
        }
    }

    fn roundings(&self) -> usize {
        match self.function {
            Function::Scale(1.0) | Function::Relu | Function::Sign => 0,
            Function::Scale(_) | Function::Square => 1,
            Function::Cosine | Function::Sine => 2,
            Function::InverseRoot(_) => 3,
            // two for the exponential, one for each operation after it
            Function::Exp | Function::Tanh | Function::Sigmoid => 4,
        }
    }
}

impl fmt::Display for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.function {
            Function::Scale(1.0) => write!(f, "copy {}", self.x),
            function => write!(f, "{function} {}", self.x),
        }
    }
}
