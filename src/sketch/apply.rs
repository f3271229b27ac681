//! A drawn sketch and its products.

use super::Ensemble;
use super::ensemble::{CountSketch, GaussianSketch, HadamardSketch, SignSketch};
use crate::random::{Entries, Stream};
use faer::{Mat, MatRef};

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
/// let u = Sketch::draw(Ensemble::Sign, 2, 6, 7, &[0]);
/// let sketched = u.apply(w.as_ref());
/// assert_eq!(sketched.shape(), (4, 2));
/// let dense = u.dense();
/// let expected = &w * dense.transpose();
/// assert!((&sketched - &expected).norm_l2() < 1e-13);
/// ```
#[derive(Debug, Clone)]
pub struct Sketch(pub(super) Kind);

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Sign(SignSketch),
    Gaussian(GaussianSketch),
    Hadamard(HadamardSketch),
    Count(CountSketch),
}

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
        let stream = || Stream::new(seed, &path(ROWS));
        Sketch(match ensemble {
            Ensemble::Sign => Kind::Sign(SignSketch::new(k, d, entries)),
            Ensemble::Gaussian => Kind::Gaussian(GaussianSketch::new(k, d, entries)),
            Ensemble::Hadamard => Kind::Hadamard(HadamardSketch::new(k, d, entries, stream())),
            Ensemble::Count => Kind::Count(CountSketch::new(k, d, entries, stream())),
        })
    }

    /// The entries of the sketch that [`draw`](Sketch::draw) draws, times √k, row by row: in single precision they are
    /// the same. `out` holds k d of them.
    ///
    /// # Panics
    ///
    /// When the ensemble has no independent entries.
    pub(super) fn entries(ensemble: Ensemble, d: usize, seed: u64, path: &[u64], out: &mut [f32]) {
        let entries = Entries::new(seed, &[&[SKETCH], path, &[ENTRIES]].concat());
        match ensemble {
            Ensemble::Sign => SignSketch::signs(d, entries, out),
            Ensemble::Gaussian => GaussianSketch::normals(d, entries, out),
            Ensemble::Hadamard | Ensemble::Count => {
                panic!(
                    "the entries of a {} sketch depend on each other",
                    ensemble.name()
                )
            }
        }
    }

    /// k and d.
    #[must_use]
    pub fn shape(&self) -> (usize, usize) {
        match &self.0 {
            Kind::Sign(sketch) => sketch.shape(),
            Kind::Gaussian(sketch) => sketch.shape(),
            Kind::Hadamard(sketch) => sketch.shape(),
            Kind::Count(sketch) => sketch.shape(),
        }
    }

    /// `X Uᵀ`, q × k, for a q × d matrix: each row sketched.
    ///
    /// # Panics
    ///
    /// When `x` has other than d columns.
    #[must_use]
    pub fn apply(&self, x: MatRef<'_, f64>) -> Mat<f64> {
        self.meets("apply", x, self.shape().1);
        match &self.0 {
            Kind::Sign(sketch) => sketch.apply(x),
            Kind::Gaussian(sketch) => sketch.apply(x),
            Kind::Hadamard(sketch) => sketch.apply(x),
            Kind::Count(sketch) => sketch.apply(x),
        }
    }

    /// `Y U`, q × d, for a q × k matrix.
    ///
    /// # Panics
    ///
    /// When `y` has other than k columns.
    #[must_use]
    pub fn adjoint(&self, y: MatRef<'_, f64>) -> Mat<f64> {
        self.meets("adjoint", y, self.shape().0);
        match &self.0 {
            Kind::Sign(sketch) => sketch.adjoint(y),
            Kind::Gaussian(sketch) => sketch.adjoint(y),
            Kind::Hadamard(sketch) => sketch.adjoint(y),
            Kind::Count(sketch) => sketch.adjoint(y),
        }
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
        match (&self.0, &other.0) {
            (Kind::Sign(sketch), Kind::Sign(other)) => sketch.gram(other),
            _ => self.apply(other.dense().as_ref()).transpose().to_owned(),
        }
    }

    /// U itself, k × d.
    #[must_use]
    pub fn dense(&self) -> Mat<f64> {
        let (k, d) = self.shape();
        match &self.0 {
            Kind::Sign(sketch) => sketch.dense(),
            _ if k < d => self.adjoint(Mat::identity(k, k).as_ref()),
            _ => {
                let turned = self.apply(Mat::identity(d, d).as_ref());
                turned.transpose().to_owned()
            }
        }
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
