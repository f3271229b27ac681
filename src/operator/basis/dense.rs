//! Dense random terms.

use super::lanes::{self, widen};
use super::{Basis, Place, tiled};
use crate::random::{Distribution, Entries};
use faer::{Mat, MatRef};
use rayon::prelude::*;
use std::collections::TryReserveError;
use std::ops::Range;

/// Entries that are made together before they are kept: 16 KiB.
const CHUNK: usize = 2048;

/// Terms of independent entries of mean 0 and variance 1: standard normal, or signs ±1.
///
/// Entry (i, j) is number `i + j m` of its term.
#[derive(Debug, Clone)]
pub struct Dense {
    rows: usize,
    columns: usize,
    law: Distribution,
    entries: Vec<Entries>,
    /// The terms, when they are kept, each column by column; their numbers are exact in `f32`.
    kept: Vec<Vec<f32>>,
}

impl Dense {
    /// Standard normal entries.
    #[must_use]
    pub fn gaussian(rows: usize, columns: usize, terms: usize, place: Place) -> Dense {
        Dense::of(Distribution::Normal, rows, columns, terms, place)
    }

    /// Entries ±1.
    #[must_use]
    pub fn rademacher(rows: usize, columns: usize, terms: usize, place: Place) -> Dense {
        Dense::of(Distribution::Sign, rows, columns, terms, place)
    }

    fn of(law: Distribution, rows: usize, columns: usize, terms: usize, place: Place) -> Dense {
        Dense {
            rows,
            columns,
            law,
            entries: (0..terms).map(|term| place.entries(term)).collect(),
            kept: Vec::new(),
        }
    }
}

impl Dense {
    /// Numbers `start`, `start + 1`, … of a term.
    fn numbers(&self, term: usize, start: usize, out: &mut [f64]) {
        self.law.fill(&self.entries[term], start as u64, out);
    }

    /// A term that is kept.
    fn matrix(&self, term: usize) -> MatRef<'_, f32> {
        MatRef::from_column_major_slice(&self.kept[term], self.rows, self.columns)
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
        if rows.is_empty() {
            return;
        }
        if let Some(kept) = self.kept.get(term) {
            let kept = kept[columns.start * self.rows..].chunks_exact(self.rows);
            for (kept, out) in kept.zip(out.chunks_exact_mut(rows.len())) {
                widen(&kept[rows.clone()], out);
            }
            return;
        }
        for (column, out) in columns.zip(out.chunks_exact_mut(rows.len())) {
            self.numbers(term, column * self.rows + rows.start, out);
        }
    }

    fn combine(&self, a: &[f64]) -> Mat<f64> {
        if self.kept.is_empty() {
            return tiled::combine(self, a);
        }
        let term = |term: usize| self.kept[term].as_slice();
        let sum = lanes::combine(a, self.terms(), self.rows * self.columns, term);
        MatRef::from_column_major_slice(&sum, self.rows, self.columns).to_owned()
    }

    fn products_single(&self, right: MatRef<'_, f32>) -> Mat<f32> {
        if self.kept.is_empty() {
            return tiled::in_double(right, |right| self.products(right));
        }
        let term = |term| self.matrix(term);
        tiled::whole_products(self.terms(), self.shape(), term, right)
    }

    fn adjoint_products_single(&self, right: MatRef<'_, f32>) -> Mat<f32> {
        if self.kept.is_empty() {
            return tiled::in_double(right, |right| self.adjoint_products(right));
        }
        let term = |term| self.matrix(term).transpose();
        tiled::whole_products(self.terms(), (self.columns, self.rows), term, right)
    }

    fn keep(&mut self, budget: usize) -> usize {
        let size = self.rows * self.columns;
        let count = size.saturating_mul(self.terms());
        let bytes = count.saturating_mul(size_of::<f32>());
        if bytes == 0 || bytes > budget {
            return 0;
        }
        let made = |term| -> Result<Vec<f32>, TryReserveError> {
            let (mut kept, mut numbers) = (Vec::new(), [0.0; CHUNK]);
            kept.try_reserve_exact(size)?;
            for start in (0..size).step_by(CHUNK) {
                let numbers = &mut numbers[..CHUNK.min(size - start)];
                self.numbers(term, start, numbers);
                kept.extend(numbers.iter().map(|x| *x as f32));
            }
            Ok(kept)
        };
        let all: Result<_, _> = (0..self.terms()).into_par_iter().map(made).collect();
        let Ok(kept) = all else { return 0 };
        self.kept = kept;
        bytes
    }
}
