//! The second moment of what enters a layer.

use crate::linalg::algebra::{dot, eigen, multiply};
use faer::{Mat, MatRef};

/// The mean of `x xᵀ` over inputs `x` of a layer, n × n.
#[derive(Debug, Clone)]
pub enum Moment {
    /// Any symmetric matrix without negative eigenvalues.
    Full(Mat<f64>),
    /// The diagonal of one that is zero elsewhere: inputs of which one at a time is not zero, as of a table of words.
    Diagonal(Vec<f64>),
}

impl Moment {
    /// Returns that of independent inputs of variance 1, as which inputs count that nobody has seen.
    #[must_use]
    pub fn identity(n: usize) -> Moment {
        Moment::Diagonal(vec![1.0; n])
    }

    /// Returns the number of inputs, n.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Moment::Full(c) => c.ncols(),
            Moment::Diagonal(c) => c.len(),
        }
    }

    /// Returns the mean of the diagonal: the mean square of an input.
    #[must_use]
    pub fn mean(&self) -> f64 {
        let n = self.size().max(1) as f64;
        match self {
            Moment::Full(c) => (0..c.ncols()).map(|i| c[(i, i)]).sum::<f64>() / n,
            Moment::Diagonal(c) => c.iter().sum::<f64>() / n,
        }
    }

    /// Multiplies by `factor`, then adds `ridge` to the diagonal.
    pub fn change(&mut self, factor: f64, ridge: f64) {
        match self {
            Moment::Full(c) => {
                for column in c.col_iter_mut() {
                    column.iter_mut().for_each(|x| *x *= factor);
                }
                (0..c.ncols()).for_each(|i| c[(i, i)] += ridge);
            }
            Moment::Diagonal(c) => c.iter_mut().for_each(|x| *x = *x * factor + ridge),
        }
    }

    /// Returns `W C`.
    #[must_use]
    pub fn seen(&self, w: MatRef<'_, f64>) -> Mat<f64> {
        match self {
            Moment::Full(c) => {
                let mut seen = Mat::zeros(w.nrows(), w.ncols());
                multiply(seen.as_mut(), w, c.as_ref());
                seen
            }
            Moment::Diagonal(c) => scaled(w, c),
        }
    }

    /// Returns `W C Wᵀ`, exactly symmetric.
    #[must_use]
    pub fn energy(&self, w: MatRef<'_, f64>) -> Mat<f64> {
        let m = w.nrows();
        let seen = self.seen(w);
        let mut energy = Mat::zeros(m, m);
        multiply(energy.as_mut(), seen.as_ref(), w.transpose());
        Mat::from_fn(m, m, |i, j| 0.5 * (energy[(i, j)] + energy[(j, i)]))
    }

    /// Returns the diagonal of `W C Wᵀ`: the mean square of each output.
    #[must_use]
    pub fn energies(&self, w: MatRef<'_, f64>) -> Vec<f64> {
        let seen = self.seen(w);
        let rows = w.row_iter().zip(seen.row_iter());
        rows.map(|(w, seen)| {
            let [w, seen] = [w, seen].map(|row| row.iter().copied().collect::<Vec<f64>>());
            dot(&w, &seen)
        })
        .collect()
    }

    /// Returns a matrix `S` with `S Sᵀ = W C Wᵀ`, as large as `W`.
    #[must_use]
    pub fn rooted(&self, w: MatRef<'_, f64>) -> Mat<f64> {
        let roots = |values: &[f64]| -> Vec<f64> {
            values.iter().map(|value| value.max(0.0).sqrt()).collect()
        };
        match self {
            Moment::Full(c) => {
                let (vectors, values) = eigen(c.as_ref());
                let mut turned = Mat::zeros(w.nrows(), w.ncols());
                multiply(turned.as_mut(), w, vectors.as_ref());
                scaled(turned.as_ref(), &roots(&values))
            }
            Moment::Diagonal(c) => scaled(w, &roots(c)),
        }
    }
}

/// Returns `W` with each column times a factor.
fn scaled(w: MatRef<'_, f64>, factors: &[f64]) -> Mat<f64> {
    Mat::from_fn(w.nrows(), w.ncols(), |i, j| w[(i, j)] * factors[j])
}
