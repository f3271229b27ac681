//! Entries in a safe range, and results brought back to the units of the file.

use crate::weights::{Chosen, Gap, MatrixView, normalise};
use faer::MatRef;
use libm::ldexp;

/// A power of two that was divided out of entries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scale {
    exponent: i32,
}

impl Scale {
    /// Divides `data` by a power of two where its largest entry lies outside 2^±200.
    pub fn take_out(data: &mut [f64]) -> Scale {
        let exponent = normalise(data);
        Scale { exponent }
    }

    /// Returns whether nothing was divided out.
    #[must_use]
    pub fn is_one(self) -> bool {
        self.exponent == 0
    }

    /// Returns the scale of products of entries of two scales.
    #[must_use]
    pub fn times(self, other: Scale) -> Scale {
        Scale {
            exponent: self.exponent + other.exponent,
        }
    }

    /// Returns in the units of the file what has the dimension of an entry; infinite beyond the range of numbers.
    #[must_use]
    pub fn restore(self, x: f64) -> f64 {
        ldexp(x, self.exponent)
    }

    /// Returns in the units of the file what has the dimension of a squared entry.
    #[must_use]
    pub fn restore_square(self, x: f64) -> f64 {
        ldexp(ldexp(x, self.exponent), self.exponent)
    }

    /// Returns in the units of the divided entries what is a number of the file.
    #[must_use]
    pub fn divide(self, x: f64) -> f64 {
        ldexp(x, -self.exponent)
    }
}

/// The finite entries of a tensor, divided by a power of two where their fourth powers would leave the range of numbers.
#[derive(Debug)]
pub struct Normalised<'a> {
    data: Vec<f64>,
    /// How they are taken as a matrix.
    pub view: &'a MatrixView,
    /// What was divided out.
    pub scale: Scale,
}

impl<'a> Normalised<'a> {
    /// Reads the entries of `tensor`.
    ///
    /// # Errors
    ///
    /// The reason why it has none, and what becomes of it.
    pub fn read(tensor: &'a Chosen<'_>) -> Result<Normalised<'a>, Gap> {
        let (mut data, view) = tensor.read()?;
        let scale = Scale::take_out(&mut data);
        Ok(Normalised { data, view, scale })
    }

    /// Returns matrix `block` of the tensor; nothing is copied.
    ///
    /// # Panics
    ///
    /// When there is no such block.
    #[must_use]
    pub fn block(&self, block: usize) -> MatRef<'_, f64> {
        self.view.block(&self.data, block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Catches a scale restored in the wrong direction or dimension, and small entries that are changed.
    #[test]
    fn entries_and_squares_come_back() {
        for unit in [1.0, 2f64.powi(-300), 2f64.powi(500)] {
            let entries = [1.5, -0.25, 3.0];
            let mut data = entries.map(|x| x * unit);
            let scale = Scale::take_out(&mut data);
            assert_eq!(scale.is_one(), unit == 1.0);
            for (x, divided) in entries.iter().zip(data) {
                assert_eq!(scale.restore(divided), x * unit);
                assert_eq!(scale.divide(x * unit), divided);
                let square = (x * unit) * (x * unit);
                assert_eq!(scale.restore_square(divided * divided), square);
                assert_eq!(scale.times(scale).restore(divided * divided), square);
            }
        }
    }
}
