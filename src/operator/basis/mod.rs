//! Fixed matrices M₁ … M_K, the terms of a sum Σₖ aₖ Mₖ (Wu 2018, equations 2 to 4).
//!
//! Every family is made from a seed. Term `k` of factor `j` of layer `l` draws its numbers from
//! [`Entries`](crate::random::Entries) or a [`Stream`](crate::random::Stream) of path
//! `(3, l, j, k)`, so coefficients and the seed rebuild a sum to the bit, and the first K terms of
//! a larger family are the family of K terms. No family keeps K m n numbers.

mod dense;
mod fastfood;
mod given;
mod image;
mod lanes;
mod place;
mod projection;
mod rank_one;
mod residual;
mod tiled;
mod transposed;

use faer::{Mat, MatRef};
use std::fmt::Debug;
use std::ops::Range;

pub use dense::Dense;
pub use fastfood::Fastfood;
pub use given::Given;
pub use image::{Image, zig_zag};
pub(super) use lanes::combine as combine_kept;
pub use place::Place;
pub use projection::Projection;
pub use rank_one::RankOne;
pub use residual::Residual;
pub use transposed::Transposed;

/// First word of the paths of a basis' random numbers.
const BASIS: u64 = 3;

/// The fixed matrices M₁ … M_K of one factor, each m × n.
///
/// A family owes its shape, its number of terms and any window of a term; what it can do faster than
/// window by window it overrides.
pub trait Basis: Debug + Send + Sync {
    /// Rows m and columns n of every term.
    fn shape(&self) -> (usize, usize);

    /// Number of terms K.
    fn terms(&self) -> usize;

    /// Writes the window `rows` × `columns` of term `term` to `out`, column by column.
    ///
    /// # Panics
    ///
    /// When the window leaves the matrix, `out` has another length or there is no such term.
    fn tile(&self, term: usize, rows: Range<usize>, columns: Range<usize>, out: &mut [f64]);

    /// The sum Σₖ aₖ Mₖ, m × n. The same bits on every machine: no product is contracted.
    fn combine(&self, a: &[f64]) -> Mat<f64> {
        tiled::combine(self, a)
    }

    /// The inner products ⟨Mₖ, G⟩ with an m × n matrix: the adjoint of [`combine`](Basis::combine).
    fn correlate(&self, g: MatRef<'_, f64>) -> Vec<f64> {
        tiled::correlate(self, g)
    }

    /// The products Mₖ R with an n × q matrix, side by side: m × K q.
    fn products(&self, right: MatRef<'_, f64>) -> Mat<f64> {
        tiled::products(self, right)
    }

    /// The products Mₖᵀ R with an m × q matrix, side by side: n × K q.
    fn adjoint_products(&self, right: MatRef<'_, f64>) -> Mat<f64> {
        tiled::adjoint_products(self, right)
    }

    /// [`products`](Basis::products) to single precision.
    fn products_single(&self, right: MatRef<'_, f32>) -> Mat<f32> {
        tiled::in_double(right, |right| self.products(right))
    }

    /// [`adjoint_products`](Basis::adjoint_products) to single precision.
    fn adjoint_products_single(&self, right: MatRef<'_, f32>) -> Mat<f32> {
        tiled::in_double(right, |right| self.adjoint_products(right))
    }

    /// Keeps the terms in memory, or what products in single precision need of them, if they cost much to
    /// make again and at most `budget` bytes, and says how many bytes they take. No number changes.
    fn keep(&mut self, _budget: usize) -> usize {
        0
    }

    /// What is known of the inner products ⟨Mₖ, Mₗ⟩.
    fn gram(&self) -> Gram {
        Gram::Unknown
    }
}

/// What a family knows of its Gram matrix ⟨Mₖ, Mₗ⟩.
#[derive(Debug, Clone)]
pub enum Gram {
    /// The identity: coefficients are correlations.
    Orthonormal,
    /// In closed form, K × K.
    Known(Mat<f64>),
    /// Terms eₒ qᵀ: the least squares of each row of W on the features, the rows of a matrix. Term `k` is
    /// feature `k / m` in row `k mod m`.
    RowWise {
        /// q × n.
        features: Mat<f64>,
        /// Whether the features are orthonormal, and so the terms.
        orthonormal: bool,
    },
    /// Only by forming it.
    Unknown,
}
