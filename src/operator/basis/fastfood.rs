//! Fastfood terms: Gaussian-like matrices that are applied in n log n operations.

use super::{Basis, Place};
use crate::linalg::hadamard::hadamard;
use crate::random::Stream;
use faer::prelude::ReborrowMut;
use faer::{Mat, MatRef};
use rand::seq::SliceRandom;
use rayon::prelude::*;
use std::ops::Range;

/// Terms H G Π H B / √N, the first m rows and n columns of it (Le, Sarlós, Smola 2013).
///
/// N is the next power of two from max(m, n), H the Hadamard matrix of ±1, B signs (numbers 0 … N - 1
/// of the term), G standard normal numbers (N … 2N - 1) and Π a permutation by the term's stream:
/// (Π x)ᵢ is x at place i of the shuffled 0 … N - 1. Entries have variance 1;
/// 3 N numbers a term in memory.
#[derive(Debug, Clone)]
pub struct Fastfood {
    rows: usize,
    columns: usize,
    terms: Vec<Term>,
}

#[derive(Debug, Clone)]
struct Term {
    signs: Vec<f64>,
    gains: Vec<f64>,
    order: Vec<u32>,
}

impl Fastfood {
    /// `terms` terms of `rows` × `columns`.
    #[must_use]
    pub fn new(rows: usize, columns: usize, terms: usize, place: Place) -> Fastfood {
        let size = rows.max(columns).next_power_of_two();
        let term = |term| {
            let entries = place.entries(term);
            let (mut signs, mut gains) = (vec![0.0; size], vec![0.0; size]);
            entries.signs(0, &mut signs);
            entries.normals(size as u64, &mut gains);
            let scale = 1.0 / (size as f64).sqrt();
            gains.iter_mut().for_each(|g| *g *= scale);
            let mut order: Vec<u32> = (0..size as u32).collect();
            order.shuffle(&mut Stream::new(place.seed, &place.path(term)));
            Term {
                signs,
                gains,
                order,
            }
        };
        Fastfood {
            rows,
            columns,
            terms: (0..terms).map(term).collect(),
        }
    }

    fn each(
        &self,
        height: usize,
        right: MatRef<'_, f64>,
        apply: impl Fn(&Term, &mut [f64], &mut [f64]) + Sync,
    ) -> Mat<f64> {
        let (q, size) = (right.ncols(), self.size());
        let mut out = Mat::zeros(height, self.terms.len() * q);
        let blocks = out.as_mut().par_col_chunks_mut(q.max(1));
        blocks
            .zip(self.terms.par_iter())
            .for_each(|(mut block, term)| {
                let (mut x, mut work) = (vec![0.0; size], vec![0.0; size]);
                for (column, right) in right.col_iter().enumerate() {
                    x.fill(0.0);
                    x.iter_mut().zip(right.iter()).for_each(|(x, r)| *x = *r);
                    apply(term, &mut x, &mut work);
                    block
                        .rb_mut()
                        .col_mut(column)
                        .iter_mut()
                        .zip(&x)
                        .for_each(|(y, x)| *y = *x);
                }
            });
        out
    }

    fn size(&self) -> usize {
        self.rows.max(self.columns).next_power_of_two()
    }
}

impl Term {
    fn apply(&self, x: &mut [f64], work: &mut [f64]) {
        x.iter_mut().zip(&self.signs).for_each(|(x, s)| *x *= s);
        hadamard(x);
        work.copy_from_slice(x);
        for ((x, &from), gain) in x.iter_mut().zip(&self.order).zip(&self.gains) {
            *x = gain * work[from as usize];
        }
        hadamard(x);
    }

    fn apply_adjoint(&self, x: &mut [f64], work: &mut [f64]) {
        hadamard(x);
        for ((x, &to), gain) in x.iter().zip(&self.order).zip(&self.gains) {
            work[to as usize] = gain * x;
        }
        x.copy_from_slice(work);
        hadamard(x);
        x.iter_mut().zip(&self.signs).for_each(|(x, s)| *x *= s);
    }
}

impl Basis for Fastfood {
    fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    fn terms(&self) -> usize {
        self.terms.len()
    }

    fn tile(&self, term: usize, rows: Range<usize>, columns: Range<usize>, out: &mut [f64]) {
        let (mut x, mut work) = (vec![0.0; self.size()], vec![0.0; self.size()]);
        for (column, out) in columns.zip(out.chunks_exact_mut(rows.len().max(1))) {
            x.fill(0.0);
            x[column] = 1.0;
            self.terms[term].apply(&mut x, &mut work);
            out.copy_from_slice(&x[rows.clone()]);
        }
    }

    fn products(&self, right: MatRef<'_, f64>) -> Mat<f64> {
        self.each(self.rows, right, Term::apply)
    }

    fn adjoint_products(&self, right: MatRef<'_, f64>) -> Mat<f64> {
        self.each(self.columns, right, Term::apply_adjoint)
    }
}
