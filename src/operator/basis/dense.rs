//! Dense random terms.

use super::lanes::{add, widen};
use super::{Basis, Place, tiled};
use crate::random::Entries;
use faer::{Mat, MatRef};
use rayon::prelude::*;
use std::ops::Range;

/// Entries of a sum that are made together: 16 KiB.
const CHUNK: usize = 2048;

/// Terms of independent entries of mean 0 and variance 1: standard normal, or signs ±1.
///
/// Entry (i, j) is number `i + j m` of its term.
#[derive(Debug, Clone)]
pub struct Dense {
    rows: usize,
    columns: usize,
    law: Law,
    entries: Vec<Entries>,
    /// The terms, one after the other, when they are kept; their numbers are exact in `f32`.
    kept: Vec<f32>,
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
            kept: Vec::new(),
        }
    }
}

impl Dense {
    /// A term that is kept.
    fn matrix(&self, term: usize) -> MatRef<'_, f32> {
        let size = self.rows * self.columns;
        let kept = &self.kept[term * size..(term + 1) * size];
        MatRef::from_column_major_slice(kept, self.rows, self.columns)
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
        if !self.kept.is_empty() {
            let start = (term * self.columns + columns.start) * self.rows;
            let kept = self.kept[start..].chunks_exact(self.rows);
            for (kept, out) in kept.zip(out.chunks_exact_mut(rows.len())) {
                widen(&kept[rows.clone()], out);
            }
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

    fn combine(&self, a: &[f64]) -> Mat<f64> {
        if self.kept.is_empty() {
            return tiled::combine(self, a);
        }
        assert_eq!(a.len(), self.terms(), "combine: one coefficient a term");
        let size = self.rows * self.columns;
        let mut sum = vec![0.0; size];
        sum.par_chunks_mut(CHUNK)
            .enumerate()
            .for_each(|(chunk, sum)| {
                for (&a, term) in a.iter().zip(self.kept.chunks_exact(size)) {
                    let start = chunk * CHUNK;
                    add(sum, a, &term[start..start + sum.len()]);
                }
            });
        MatRef::from_column_major_slice(&sum, self.rows, self.columns).to_owned()
    }

    fn products_single(&self, right: MatRef<'_, f32>) -> Mat<f32> {
        if self.kept.is_empty() {
            return tiled::narrow(&self.products(tiled::widen(right).as_ref()));
        }
        let term = |term| self.matrix(term);
        tiled::whole_products(self.terms(), self.shape(), term, right)
    }

    fn adjoint_products_single(&self, right: MatRef<'_, f32>) -> Mat<f32> {
        if self.kept.is_empty() {
            return tiled::narrow(&self.adjoint_products(tiled::widen(right).as_ref()));
        }
        let term = |term| self.matrix(term).transpose();
        tiled::whole_products(self.terms(), (self.columns, self.rows), term, right)
    }

    fn keep(&mut self, budget: usize) -> usize {
        let size = self.rows * self.columns;
        let count = size.saturating_mul(self.terms());
        let bytes = count.saturating_mul(size_of::<f32>());
        let mut kept: Vec<f32> = Vec::new();
        if bytes == 0 || bytes > budget || kept.try_reserve_exact(count).is_err() {
            return 0;
        }
        kept.resize(count, 0.0);
        let terms = kept.par_chunks_exact_mut(size).enumerate();
        terms.for_each_init(
            || vec![0.0; size],
            |numbers, (term, kept)| {
                self.tile(term, 0..self.rows, 0..self.columns, numbers);
                kept.iter_mut()
                    .zip(numbers)
                    .for_each(|(kept, x)| *kept = *x as f32);
            },
        );
        self.kept = kept;
        bytes
    }
}
