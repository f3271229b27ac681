//! A drawn sketch and its products.

use super::Ensemble;
use crate::family::ensemble::SketchMatrix;
use crate::random::{Entries, Stream};
use faer::{Mat, MatRef};
use std::sync::Arc;

/// First word of the path of every sketch.
const SKETCH: u64 = 401;
/// Last words of the paths: entries, and rows.
const ENTRIES: u64 = 0;
const ROWS: u64 = 1;

/// One random matrix `U`, k × d, with `E[UᵀU] = I`.
///
/// ```
/// use faer::Mat;
/// use spectra::sketch::{Ensemble, Sketch};
///
/// let w = Mat::from_fn(4, 6, |i, j| (i + j) as f64);
/// let u = Sketch::draw(Ensemble::SIGN, 2, 6, 7, &[0]);
/// let sketched = u.apply(w.as_ref());
/// assert_eq!(sketched.shape(), (4, 2));
/// let dense = u.dense();
/// let expected = &w * dense.transpose();
/// assert!((&sketched - &expected).norm_l2() < 1e-13);
/// ```
#[derive(Debug, Clone)]
pub struct Sketch(pub(super) Arc<dyn SketchMatrix>);

impl Sketch {
    /// The sketch `path` of `seed`.
    ///
    /// # Panics
    ///
    /// When `k` is 0 or more than [`Ensemble::most_rows`], or `d` is 0.
    #[must_use]
    pub fn draw(ensemble: Ensemble, k: usize, d: usize, seed: u64, path: &[u64]) -> Sketch {
        assert!(
            d > 0 && (1..=ensemble.most_rows(d)).contains(&k),
            "{k} × {d} of a {} sketch",
            ensemble.name()
        );
        let path = |last: u64| [&[SKETCH], path, &[last]].concat();
        let entries = Entries::new(seed, &path(ENTRIES));
        let rows = Stream::new(seed, &path(ROWS));
        Sketch((ensemble.draw)([k, d], entries, rows))
    }

    /// The entries of the sketch that [`draw`](Sketch::draw) draws, times √k, row by row: in single precision they are
    /// the same. `out` holds k d of them.
    ///
    /// # Panics
    ///
    /// When the ensemble has no independent entries.
    pub(super) fn entries(ensemble: Ensemble, d: usize, seed: u64, path: &[u64], out: &mut [f32]) {
        let entries = Entries::new(seed, &[&[SKETCH], path, &[ENTRIES]].concat());
        let name = ensemble.name();
        let write = ensemble.entries;
        let write =
            write.unwrap_or_else(|| panic!("the entries of a {name} sketch depend on each other"));
        write(d, entries, out);
    }

    /// k and d.
    #[must_use]
    pub fn shape(&self) -> (usize, usize) {
        self.0.shape()
    }

    /// `X Uᵀ`, q × k, for a q × d matrix: each row sketched.
    ///
    /// # Panics
    ///
    /// When `x` has other than d columns.
    #[must_use]
    pub fn apply(&self, x: MatRef<'_, f64>) -> Mat<f64> {
        self.meets("apply", x, self.shape().1);
        self.0.apply(x)
    }

    /// `Y U`, q × d, for a q × k matrix.
    ///
    /// # Panics
    ///
    /// When `y` has other than k columns.
    #[must_use]
    pub fn adjoint(&self, y: MatRef<'_, f64>) -> Mat<f64> {
        self.meets("adjoint", y, self.shape().0);
        self.0.adjoint(y)
    }

    /// `X UᵀU`, q × d: the estimate of X.
    ///
    /// # Panics
    ///
    /// When `x` has other than d columns.
    #[must_use]
    pub fn estimate(&self, x: MatRef<'_, f64>) -> Mat<f64> {
        self.adjoint(self.apply(x).as_ref())
    }

    /// `U Vᵀ`, k × k′, for a sketch V of the same law and width. Of signs exact but for the scale.
    ///
    /// # Panics
    ///
    /// When the widths differ.
    #[must_use]
    pub fn gram(&self, other: &Sketch) -> Mat<f64> {
        assert_eq!(self.shape().1, other.shape().1, "gram: widths");
        let turned = || self.apply(other.dense().as_ref()).transpose().to_owned();
        self.0.gram(&*other.0).unwrap_or_else(turned)
    }

    /// U itself, k × d.
    #[must_use]
    pub fn dense(&self) -> Mat<f64> {
        let (k, d) = self.shape();
        if let Some(dense) = self.0.dense() {
            return dense;
        }
        if k < d {
            return self.adjoint(Mat::identity(k, k).as_ref());
        }
        let turned = self.apply(Mat::identity(d, d).as_ref());
        turned.transpose().to_owned()
    }

    fn meets(&self, what: &str, x: MatRef<'_, f64>, columns: usize) {
        assert!(
            x.ncols() == columns,
            "{what}: a sketch {:?} does not meet {:?}",
            self.shape(),
            x.shape()
        );
    }
}
