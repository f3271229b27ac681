//! Operators one below the other.

use super::LinearOperator;
use super::linear_operator::{split, split_values};
use crate::program::{Record, View};
use faer::Mat;
use std::fmt;

/// `[A; B; …]`: the outputs of A, then those of B, of the same inputs; parameters part by part.
///
/// Cost: those of the parts.
pub struct Stacked {
    parts: Vec<Box<dyn LinearOperator>>,
}

impl Stacked {
    /// `parts` from the top.
    ///
    /// # Panics
    /// If there is no part or their columns differ.
    pub fn new(parts: Vec<Box<dyn LinearOperator>>) -> Stacked {
        assert!(!parts.is_empty(), "stacked: no parts");
        for part in &parts {
            let (first, (m, n)) = (&parts[0], part.shape());
            let same = first.shape().1 == n;
            assert!(
                same,
                "stacked: {first} of {:?} and {part} of {m}×{n}",
                first.shape()
            );
        }
        Stacked { parts }
    }
}

impl LinearOperator for Stacked {
    fn shape(&self) -> (usize, usize) {
        let rows = self.parts.iter().map(|part| part.shape().0).sum();
        (rows, self.parts[0].shape().1)
    }

    fn parameters(&self) -> usize {
        self.parts.iter().map(|part| part.parameters()).sum()
    }

    fn emit(&self, record: &mut Record, parameters: View, x: View, y: View) {
        let mut start = 0;
        for (part, own) in self.parts.iter().zip(split(&self.parts, parameters)) {
            let end = start + part.shape().0;
            part.emit(record, own, x, y.row_range(start..end));
            start = end;
        }
    }

    fn dense(&self, parameters: &[f64]) -> Mat<f64> {
        let (m, n) = self.shape();
        let mut all = Mat::zeros(m, n);
        let mut start = 0;
        for (part, own) in self.parts.iter().zip(split_values(&self.parts, parameters)) {
            let rows = part.shape().0;
            all.subrows_mut(start, rows).copy_from(part.dense(own));
            start += rows;
        }
        all
    }
}

impl fmt::Display for Stacked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[")?;
        for (i, part) in self.parts.iter().enumerate() {
            let semicolon = if i > 0 { "; " } else { "" };
            write!(f, "{semicolon}{part}")?;
        }
        write!(f, "]")
    }
}
