//! A trained matrix of coefficients times a fixed matrix of features.

use super::{Basis, Gram, Image, Place, zig_zag};
use crate::linalg::algebra::product;
use crate::program::Waves;
use crate::random::Stream;
use faer::{Mat, MatRef};
use rand::seq::SliceRandom;
use std::ops::Range;

/// Terms eₒ qₜᵀ, so that the sum is B Q: trained coefficients B, m × T, times fixed features, the
/// rows of Q, T × n (Wu 2018, equation 3: `W' Eᵢⱼ`, there transposed).
///
/// Term `k` is feature `k / m` in row `k mod m`. ⌈K / m⌉ n numbers in memory.
#[derive(Debug, Clone)]
pub struct Projection {
    rows: usize,
    terms: usize,
    /// T × n.
    features: Mat<f64>,
    orthonormal: bool,
}

impl Projection {
    /// Standard normal features: feature `t` has the numbers of term `t`.
    #[must_use]
    pub fn gaussian(rows: usize, columns: usize, terms: usize, place: Place) -> Projection {
        let mut transposed = Mat::zeros(columns, terms.div_ceil(rows.max(1)));
        for feature in 0..transposed.ncols() {
            let numbers = transposed.col_as_slice_mut(feature);
            place.entries(feature).normals(0, numbers);
        }
        Projection {
            rows,
            terms,
            features: transposed.transpose().to_owned(),
            orthonormal: false,
        }
    }

    /// Single inputs, in random order: Q is the top of a random permutation matrix, made by the stream of
    /// term 0.
    #[must_use]
    pub fn pixels(rows: usize, columns: usize, terms: usize, place: Place) -> Projection {
        let mut order: Vec<usize> = (0..columns).collect();
        order.shuffle(&mut Stream::new(place.seed, &place.path(0)));
        let features = terms.div_ceil(rows.max(1));
        Projection {
            rows,
            terms,
            features: Mat::from_fn(features, columns, |t, j| f64::from(order[t] == j)),
            orthonormal: true,
        }
    }

    /// The two-dimensional DCT-II of each row as an image, orthonormal, lowest frequencies first in
    /// zig-zag order.
    ///
    /// # Panics
    ///
    /// When there are more features than pixels.
    #[must_use]
    pub fn dct(rows: usize, image: Image, terms: usize) -> Projection {
        let order = zig_zag(image);
        let features = terms.div_ceil(rows.max(1));
        let cosines = |n| Mat::from_fn(n, n, |f, x| Waves::Cosine.entry(n, f, x));
        let [vertical, horizontal] = [image.height, image.width].map(cosines);
        Projection {
            rows,
            terms,
            features: Mat::from_fn(features, image.height * image.width, |t, j| {
                let (y, x) = order[t];
                vertical[(y, j / image.width)] * horizontal[(x, j % image.width)]
            }),
            orthonormal: true,
        }
    }

    fn place(&self, term: usize) -> (usize, usize) {
        (term % self.rows, term / self.rows)
    }
}

impl Basis for Projection {
    fn shape(&self) -> (usize, usize) {
        (self.rows, self.features.ncols())
    }

    fn terms(&self) -> usize {
        self.terms
    }

    fn tile(&self, term: usize, rows: Range<usize>, columns: Range<usize>, out: &mut [f64]) {
        let (row, feature) = self.place(term);
        out.fill(0.0);
        if rows.contains(&row) {
            for (column, out) in columns.zip(out.chunks_exact_mut(rows.len())) {
                out[row - rows.start] = self.features[(feature, column)];
            }
        }
    }

    fn correlate(&self, g: MatRef<'_, f64>) -> Vec<f64> {
        let all = product(g, self.features.transpose());
        let of = |term| all[self.place(term)];
        (0..self.terms).map(of).collect()
    }

    fn products(&self, right: MatRef<'_, f64>) -> Mat<f64> {
        let (carried, q) = (product(self.features.as_ref(), right), right.ncols());
        let mut out = Mat::zeros(self.rows, self.terms * q);
        for term in 0..self.terms {
            let (row, feature) = self.place(term);
            for column in 0..q {
                out[(row, term * q + column)] = carried[(feature, column)];
            }
        }
        out
    }

    fn adjoint_products(&self, right: MatRef<'_, f64>) -> Mat<f64> {
        let q = right.ncols();
        Mat::from_fn(self.features.ncols(), self.terms * q, |j, column| {
            let (row, feature) = self.place(column / q);
            self.features[(feature, j)] * right[(row, column % q)]
        })
    }

    fn gram(&self) -> Gram {
        Gram::RowWise {
            features: self.features.clone(),
            orthonormal: self.orthonormal,
        }
    }
}
