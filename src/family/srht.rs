//! Subsampled randomised Hadamard transforms.

use super::ensemble::{Ensemble, HadamardSketch, Moments, Sketching};
use super::terms::{BasisFamily, Terms};
use super::{Entry, Family};
use crate::linalg::hadamard::hadamard;
use crate::operator::basis::{Basis, Gram, Place};
use crate::random::Stream;
use faer::{Mat, MatRef};
use rand::seq::SliceRandom;
use std::ops::Range;
use std::sync::Arc;

/// The family.
pub const FAMILY: Family = Family {
    terms: Some(BasisFamily::SRHT),
    sketching: Some(Ensemble::HADAMARD),
    ..Family::NONE
};

impl BasisFamily {
    /// Rows of a random orthonormal Hadamard transform of the entries.
    pub const SRHT: BasisFamily = Entry(&Terms {
        name: "srht",
        about: "rows of a random orthonormal Hadamard transform of the entries",
        basis: |set| {
            Ok(Box::new(SrhtTerms::new(
                set.rows,
                set.columns,
                set.count,
                set.place,
            )))
        },
        mean_square_norm: |_, _| 1.0,
        most_terms: |rows, columns| rows * columns,
        is_isotropic: true,
        entries: None,
        sum: |_, _| None,
    });
}

impl Ensemble {
    /// Subsampled randomised Hadamard transform: k different rows of `H D / √k`, H the matrix of ±1 of the order N, the power
    /// of two from d on, D random signs; the first d columns. At most N rows.
    pub const HADAMARD: Ensemble = Entry(&Sketching {
        name: "hadamard",
        about: "Different rows of a randomised Hadamard transform",
        // k rows out of N, drawn without replacement, add up ±1 that are balanced over all N: variance (N - k) / (N - 1) that
        // of k independent ones.
        moments: |k, d| {
            let order = d.next_power_of_two();
            let left = (order - k) as f64 / (order - 1).max(1) as f64;
            Moments {
                off_diagonal: 1.0 / k as f64 * left,
                diagonal: 0.0,
            }
        },
        operations: |_, d| {
            let order = d.next_power_of_two();
            order * order.ilog2() as usize + d
        },
        draw: |[k, d], entries, rows| Arc::new(HadamardSketch::new(k, d, entries, rows)),
        most_rows: |d| d.next_power_of_two(),
        entries: None,
        has_bounds: false,
        is_sparse: false,
    });
}

/// Terms that are rows of an orthonormal random transform of vec W: all coefficients cost one
/// transform.
///
/// The m n entries, column by column, get random signs and places; the places are cut into blocks
/// of the powers of two that add up to m n, largest first, and each block is transformed by its
/// Hadamard matrix over √size. So the transform is orthonormal whatever m n is. Terms are its
/// rows in random order. Signs are the numbers of term 0; places and order are shuffled by the streams
/// of terms 1 and 2. 2 m n whole numbers in memory, whatever K.
#[derive(Debug, Clone)]
pub struct SrhtTerms {
    rows: usize,
    columns: usize,
    terms: usize,
    signs: Vec<f64>,
    /// Entry to place.
    places: Vec<u32>,
    /// Term to place.
    order: Vec<u32>,
    /// First places and sizes of the blocks.
    blocks: Vec<(usize, usize)>,
}

impl SrhtTerms {
    /// `terms` of the `rows · columns` terms.
    ///
    /// # Panics
    ///
    /// When more are asked for, or the entries are more than 2³².
    #[must_use]
    pub fn new(rows: usize, columns: usize, terms: usize, place: Place) -> SrhtTerms {
        let length = rows * columns;
        assert!(terms <= length, "srht: {terms} terms of {length}");
        let count = u32::try_from(length).expect("srht: at most 2³² entries");
        let permutation = |which| {
            let mut order: Vec<u32> = (0..count).collect();
            order.shuffle(&mut Stream::new(place.seed, &place.path(which)));
            order
        };
        let mut signs = vec![0.0; length];
        place.entries(0).signs(0, &mut signs);
        let mut blocks = Vec::new();
        let mut start = 0;
        while start < length {
            let size = 1 << (length - start).ilog2();
            blocks.push((start, size));
            start += size;
        }
        SrhtTerms {
            rows,
            columns,
            terms,
            signs,
            places: permutation(1),
            order: permutation(2),
            blocks,
        }
    }

    /// The orthonormal transform of the places, its own inverse.
    fn transform(&self, x: &mut [f64]) {
        for &(start, size) in &self.blocks {
            let block = &mut x[start..start + size];
            hadamard(block);
            let scale = 1.0 / (size as f64).sqrt();
            block.iter_mut().for_each(|x| *x *= scale);
        }
    }

    fn block_of(&self, place: usize) -> (usize, usize) {
        let after = self.blocks.partition_point(|&(start, _)| start <= place);
        self.blocks[after - 1]
    }
}

impl Basis for SrhtTerms {
    fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    fn terms(&self) -> usize {
        self.terms
    }

    fn tile(&self, term: usize, rows: Range<usize>, columns: Range<usize>, out: &mut [f64]) {
        let row = self.order[term] as usize;
        let (start, size) = self.block_of(row);
        let scale = 1.0 / (size as f64).sqrt();
        for (column, out) in columns.zip(out.chunks_exact_mut(rows.len().max(1))) {
            for (i, x) in rows.clone().zip(out) {
                let entry = column * self.rows + i;
                let place = self.places[entry] as usize;
                let inside = (start..start + size).contains(&place);
                let odd = ((place.wrapping_sub(start)) & (row - start)).count_ones() % 2;
                let value = self.signs[entry] * scale * (1.0 - 2.0 * f64::from(odd));
                *x = if inside { value } else { 0.0 };
            }
        }
    }

    fn combine(&self, a: &[f64]) -> Mat<f64> {
        assert_eq!(a.len(), self.terms, "combine: one coefficient a term");
        let mut x = vec![0.0; self.places.len()];
        for (a, &place) in a.iter().zip(&self.order) {
            x[place as usize] = *a;
        }
        self.transform(&mut x);
        Mat::from_fn(self.rows, self.columns, |i, j| {
            let entry = j * self.rows + i;
            self.signs[entry] * x[self.places[entry] as usize]
        })
    }

    fn correlate(&self, g: MatRef<'_, f64>) -> Vec<f64> {
        let mut x = vec![0.0; self.places.len()];
        for (j, column) in g.col_iter().enumerate() {
            for (i, value) in column.iter().enumerate() {
                let entry = j * self.rows + i;
                x[self.places[entry] as usize] = self.signs[entry] * value;
            }
        }
        self.transform(&mut x);
        let of = |&place: &u32| x[place as usize];
        self.order[..self.terms].iter().map(of).collect()
    }

    fn gram(&self) -> Gram {
        Gram::Orthonormal
    }
}
