//! Derivatives of a product of sums by its coefficients, in single or double precision.

use super::{Chain, Point, before};
use crate::fit::product::Link;
use crate::linalg::algebra::multiply;
use crate::linalg::{Real, Triangle, singular_values};
use crate::operator::basis::Basis;
use faer::{Mat, MatMut, MatRef, Par};
use rayon::prelude::*;

/// Condition that single precision tells to three digits.
const MOST_SINGLE: f64 = 1e-3 / f32::EPSILON as f64;

/// A number type that derivatives are made in.
pub trait Precision: Real {
    /// The products Mₖ R side by side.
    fn products(basis: &dyn Basis, right: MatRef<'_, Self>) -> Mat<Self>;
}

impl Precision for f64 {
    fn products(basis: &dyn Basis, right: MatRef<'_, f64>) -> Mat<f64> {
        basis.products(right)
    }
}

impl Precision for f32 {
    fn products(basis: &dyn Basis, right: MatRef<'_, f32>) -> Mat<f32> {
        basis.products_single(right)
    }
}

impl Chain<'_> {
    /// The problem of all coefficients at once: derivatives and residual, reduced to a triangle.
    ///
    /// 2 m n P² operations for P coefficients, beside those of the derivatives.
    pub fn linearised<T: Precision>(&self, point: &Point) -> Triangle {
        triangle(&self.jacobian::<T>(point), self.terms().iter().sum())
    }

    /// [`linearised`](Chain::linearised) in single precision, or in double where that cannot tell what
    /// a step gains: at a target of another scale, or near the end, `last`, a large condition.
    pub fn linearised_enough(&self, point: &Point, last: bool) -> Triangle {
        if self.suits_single() {
            let single = self.linearised::<f32>(point);
            if !last || self.condition(&single) < MOST_SINGLE {
                return single;
            }
        }
        self.linearised::<f64>(point)
    }

    /// The condition of a linearised problem, the directions of traded scale left out.
    pub fn condition(&self, problem: &Triangle) -> f64 {
        let values = singular_values(problem.r.as_ref(), Par::rayon(0)).unwrap_or_default();
        let traded = if self.is_linear() { self.len() - 1 } else { 0 };
        let last = values.len().checked_sub(1 + traded);
        last.map_or(1.0, |last| values[0] / values[last])
    }

    /// The problem of the coefficients of factor `j` alone, between `left` and `right`.
    pub fn linearised_by<T: Precision>(
        &self,
        point: &Point,
        j: usize,
        left: Option<&Mat<T>>,
        right: Option<&Mat<f64>>,
    ) -> Triangle {
        let terms = point.a[j].len();
        let mut columns = vec![T::ZERO; self.height() * (terms + 1)];
        let (block, last) = columns.split_at_mut(self.height() * terms);
        self.derivatives(point, j, left, rounded(right).as_ref(), block);
        self.residual_into(point, last);
        triangle(&columns, terms)
    }

    /// Derivatives of the value by every coefficient, one column each, and the residual as a last
    /// column: m n × (Σ K + 1), column by column.
    pub fn jacobian<T: Precision>(&self, point: &Point) -> Vec<T> {
        let mut columns = vec![T::ZERO; self.jacobian_size()];
        let (lefts, rights) = (self.lefts(point), self.rights(point));
        let mut rest = columns.as_mut_slice();
        for (j, (left, right)) in lefts.iter().zip(&rights).enumerate() {
            let (block, after) = rest.split_at_mut(self.height() * point.a[j].len());
            rest = after;
            self.derivatives(point, j, left.as_ref(), right.as_ref(), block);
        }
        self.residual_into(point, rest);
        columns
    }

    /// What stands to the left of each factor; nothing is an identity.
    pub fn lefts<T: Precision>(&self, point: &Point) -> Vec<Option<Mat<T>>> {
        let mut lefts = vec![rounded(self.left.as_ref())];
        for factor in point.factors.iter().take(self.len() - 1) {
            let factor = rounded(Some(&**factor)).expect("a factor");
            let next = match lefts.last().and_then(Option::as_ref) {
                Some(left) => before(left, Some(&factor)),
                None => factor,
            };
            lefts.push(Some(next));
        }
        lefts
    }

    /// What stands to the right of each factor; nothing is an identity.
    fn rights<T: Precision>(&self, point: &Point) -> Vec<Option<Mat<T>>> {
        let mut right = self.right.clone();
        let mut rights = vec![rounded(right.as_ref())];
        for factor in point.factors.iter().skip(1).rev() {
            right = Some(before(factor, right.as_ref()));
            rights.push(rounded(right.as_ref()));
        }
        rights.reverse();
        rights
    }

    fn height(&self) -> usize {
        self.target.nrows() * self.target.ncols()
    }

    fn residual_into<T: Precision>(&self, point: &Point, out: &mut [T]) {
        let columns = out.chunks_exact_mut(self.target.nrows());
        for (out, column) in columns.zip(point.residual.col_iter()) {
            round(column.iter(), out.iter_mut());
        }
    }

    fn derivatives<T: Precision>(
        &self,
        point: &Point,
        j: usize,
        left: Option<&Mat<T>>,
        right: Option<&Mat<T>>,
        out: &mut [T],
    ) {
        let (m, n) = self.target.shape();
        let basis = self.bases[j].get();
        let products = products(basis, right);
        let mut block = MatMut::from_column_major_slice_mut(&mut *out, m, basis.terms() * n);
        match left {
            Some(left) => multiply(block, left.as_ref(), products.as_ref()),
            None => block.copy_from(&products),
        }
        let link = self.links[j];
        if link != Link::Identity {
            for (column, a) in out.chunks_exact_mut(m * n).zip(&point.a[j]) {
                let slope = T::from_f64(link.derivative(*a));
                column.iter_mut().for_each(|x| *x *= slope);
            }
        }
    }
}

/// The products Mₖ R, or the terms Mₖ themselves without R, side by side.
fn products<T: Precision>(basis: &dyn Basis, right: Option<&Mat<T>>) -> Mat<T> {
    if let Some(right) = right {
        return T::products(basis, right.as_ref());
    }
    let (m, n) = basis.shape();
    let mut out = Mat::zeros(m, basis.terms() * n);
    let blocks = out.as_mut().par_col_chunks_mut(n).enumerate();
    blocks.for_each_init(
        || vec![0.0; m * n],
        |term, (k, block)| {
            basis.tile(k, 0..m, 0..n, term);
            for (out, column) in block.col_iter_mut().zip(term.chunks_exact(m)) {
                round(column.iter(), out.iter_mut());
            }
        },
    );
    out
}

fn triangle<T: Precision>(columns: &[T], terms: usize) -> Triangle {
    let height = columns.len() / (terms + 1);
    Triangle::of(MatRef::from_column_major_slice(columns, height, terms + 1))
}

fn rounded<T: Precision>(matrix: Option<&Mat<f64>>) -> Option<Mat<T>> {
    matrix.map(|matrix| {
        let mut out = Mat::zeros(matrix.nrows(), matrix.ncols());
        for (out, column) in out.col_iter_mut().zip(matrix.col_iter()) {
            round(column.iter(), out.iter_mut());
        }
        out
    })
}

fn round<'a, T: Precision>(
    from: impl Iterator<Item = &'a f64>,
    to: impl Iterator<Item = &'a mut T>,
) {
    to.zip(from).for_each(|(to, &x)| *to = T::from_f64(x));
}
