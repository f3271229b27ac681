//! Functions of two numbers, entry by entry.

use super::backward::Adjoints;
use super::map::{Function, Map};
use super::rule::Rule;
use super::view::View;
use std::fmt;

/// A function of two numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Combination {
    /// `x + z`.
    Add,
    /// `x − z`.
    Subtract,
    /// `x z`.
    Multiply,
    /// `x f′(z)`: the chain rule of a [`Map`]. It has no derivative in `z` of its own.
    Chain(Function),
}

/// `y = f(x, z)`, entry by entry; all of one shape. A column or row that belongs to every column or
/// row is a view with a stride of zero ([`View::across_columns`], [`View::across_rows`]).
///
/// Derivatives: `dx = dy`, `dz = ±dy`; `dx = dy ∘ z`, `dz = dy ∘ x`; `dx = dy ∘ f′(z)`. Cost: one
/// operation an entry, two for a chain rule.
#[derive(Debug, Clone, Copy)]
pub struct Zip {
    /// f.
    pub combination: Combination,
    /// x.
    pub x: View,
    /// z.
    pub z: View,
}

impl Zip {
    /// `f(x, z)`.
    ///
    /// # Panics
    /// If the shapes differ or are batches.
    pub fn new(combination: Combination, x: View, z: View) -> Zip {
        let same = x.shape() == z.shape() && x.batch == 1;
        assert!(same, "zip: {combination} of {x} and {z}");
        Zip { combination, x, z }
    }
}

impl Rule for Zip {
    fn shape(&self) -> [usize; 3] {
        self.x.shape()
    }

    fn operands(&self) -> Vec<View> {
        vec![self.x, self.z]
    }

    fn differentiate(&self, dy: View, adjoints: &mut Adjoints<'_>) {
        let Zip { combination, x, z } = *self;
        match combination {
            Combination::Add => {
                adjoints.add(x, || Map::copy(dy));
                adjoints.add(z, || Map::copy(dy));
            }
            Combination::Subtract => {
                adjoints.add(x, || Map::copy(dy));
                adjoints.add(z, || Map::new(Function::Scale(-1.0), dy));
            }
            Combination::Multiply => {
                adjoints.add(x, || Zip::new(Combination::Multiply, dy, z));
                adjoints.add(z, || Zip::new(Combination::Multiply, dy, x));
            }
            Combination::Chain(function) => {
                adjoints.add(x, || Zip::new(combination, dy, z));
                adjoints.add(z, || -> Zip {
                    panic!("zip: no second derivative of {function} at {z}")
                });
            }
        }
    }

    fn flops(&self) -> u64 {
        let each = match self.combination {
            Combination::Chain(_) => 2,
            _ => 1,
        };
        each * self.x.entries() as u64
    }

    fn roundings(&self) -> usize {
        match self.combination {
            Combination::Chain(_) => 8,
            _ => 1,
        }
    }
}

impl fmt::Display for Combination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Combination::Add => f.write_str("add"),
            Combination::Subtract => f.write_str("subtract"),
            Combination::Multiply => f.write_str("multiply"),
            Combination::Chain(function) => write!(f, "chain rule of {function}"),
        }
    }
}

impl fmt::Display for Zip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.combination, self.x, self.z)
    }
}
