//! Dense random terms.

use super::{Basis, Place};
use crate::random::Entries;
use std::ops::Range;

/// Terms of independent entries of mean 0 and variance 1: standard normal, or signs ±1.
///
/// Entry (i, j) is number `i + j m` of its term.
#[derive(Debug, Clone)]
pub struct Dense {
    rows: usize,
    columns: usize,
    law: Law,
    entries: Vec<Entries>,
}

/// The law of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Law {
    Normal,
    Sign,
}

impl Dense {
    /// Standard normal entries.
    #[must_use]
    pub fn gaussian(rows: usize, columns: usize, terms: usize, place: Place) -> Dense {
        Dense::of(Law::Normal, rows, columns, terms, place)
    }

    /// Entries ±1.
    #[must_use]
    pub fn rademacher(rows: usize, columns: usize, terms: usize, place: Place) -> Dense {
        Dense::of(Law::Sign, rows, columns, terms, place)
    }

    fn of(law: Law, rows: usize, columns: usize, terms: usize, place: Place) -> Dense {
        Dense {
            rows,
            columns,
            law,
            entries: (0..terms).map(|term| place.entries(term)).collect(),
        }
    }
}

impl Basis for Dense {
    fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    fn terms(&self) -> usize {
        self.entries.len()
    }

    fn tile(&self, term: usize, rows: Range<usize>, columns: Range<usize>, out: &mut [f64]) {
        let entries = self.entries[term];
        if rows.is_empty() {
            return;
        }
        for (column, out) in columns.zip(out.chunks_exact_mut(rows.len())) {
            let start = (column * self.rows + rows.start) as u64;
            match self.law {
                Law::Normal => entries.normals(start, out),
                Law::Sign => entries.signs(start, out),
            }
        }
    }
}
