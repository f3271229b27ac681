//! Low rank against what reaches a layer: the nearest matrix of each rank, as the layer's inputs see it.
//!
//! With `C` the second moment of the inputs, tr((W − Ŵ) C (W − Ŵ)ᵀ) is the mean squared change of the outputs. The best `Ŵ`
//! of rank r is `U_r U_rᵀ W`, `U` the eigenvectors of `W C Wᵀ`: it needs no factor and no inverse of `C`, which may be
//! singular, and as a projection it amplifies nothing.

use super::Moment;
use crate::linalg::algebra::{eigen, multiply, thin_svd};
use faer::{Mat, MatRef};

/// A weight seen through the second moment of its inputs.
#[derive(Debug, Clone)]
pub struct Whitened {
    /// Directions of the outputs, m × k with orthonormal columns, the one with the most energy first; k = min(m, n).
    pub directions: Mat<f64>,
    /// Mean squared outputs along each direction, descending.
    pub energies: Vec<f64>,
}

impl Whitened {
    /// Decomposes `w`, m × n, with the n × n `moment` of its inputs.
    ///
    /// Operations: 2 m n (m + n) and an eigendecomposition of m × m where m ≤ n; else 2 m n², one of n × n and a
    /// decomposition of m × n.
    ///
    /// # Panics
    ///
    /// When an entry is not finite, or the shapes do not fit.
    pub fn new(w: MatRef<'_, f64>, moment: &Moment) -> Whitened {
        let (m, n) = w.shape();
        assert_eq!(moment.size(), n, "a moment of another size than the inputs");
        if m <= n {
            let (vectors, values) = eigen(moment.energy(w).as_ref());
            return Whitened {
                directions: Mat::from_fn(m, m, |i, j| vectors[(i, m - 1 - j)]),
                energies: values.into_iter().rev().map(|x| x.max(0.0)).collect(),
            };
        }
        let (u, s, _) = thin_svd(moment.rooted(w).as_ref());
        Whitened {
            directions: u,
            energies: s.into_iter().map(|s| s * s).collect(),
        }
    }

    /// Returns the share of the outputs' energy that each rank from 0 to k loses on the inputs whose moment made the
    /// directions; nothing but zeros where there is no energy.
    #[must_use]
    pub fn errors(&self) -> Vec<f64> {
        left_after(&self.energies, self.energies.iter().sum())
    }

    /// Returns the share that each rank loses on other inputs, with the second moment `held_out`. Operations: 2 k n (m + n),
    /// and 2 m n² where m > n.
    #[must_use]
    pub fn errors_on(&self, w: MatRef<'_, f64>, held_out: &Moment) -> Vec<f64> {
        let energies = held_out.energies(self.turned(w).as_ref());
        let total = if self.directions.ncols() == w.nrows() {
            energies.iter().sum()
        } else {
            held_out.energies(w).iter().sum()
        };
        left_after(&energies, total)
    }

    /// Returns factors `A`, m × rank, and `B`, rank × n, of the nearest matrix of this rank.
    #[must_use]
    pub fn factors(&self, w: MatRef<'_, f64>, rank: usize) -> (Mat<f64>, Mat<f64>) {
        let a = self.directions.as_ref().subcols(0, rank).to_owned();
        let mut b = Mat::zeros(rank, w.ncols());
        multiply(b.as_mut(), a.as_ref().transpose(), w);
        (a, b)
    }

    /// Returns `Uᵀ W`, k × n.
    pub(super) fn turned(&self, w: MatRef<'_, f64>) -> Mat<f64> {
        let mut turned = Mat::zeros(self.directions.ncols(), w.ncols());
        multiply(turned.as_mut(), self.directions.as_ref().transpose(), w);
        turned
    }
}

/// Returns 1 − Σ_{i≤r} energy / total for each r from 0.
fn left_after(energies: &[f64], total: f64) -> Vec<f64> {
    if total <= 0.0 {
        return vec![0.0; energies.len() + 1];
    }
    // Summed from the end, so that small errors are not differences of large numbers.
    let kept: f64 = energies.iter().sum();
    let beyond = (total - kept).max(0.0);
    let mut left = vec![beyond / total; energies.len() + 1];
    let mut sum = beyond;
    for (rank, energy) in energies.iter().enumerate().rev() {
        sum += energy;
        left[rank] = (sum / total).max(0.0);
    }
    // What rounding leaves is no error.
    let rounding = energies.len() as f64 * f64::EPSILON;
    left.iter_mut()
        .filter(|x| **x < rounding)
        .for_each(|x| *x = 0.0);
    left
}

#[cfg(test)]
mod tests {
    use super::super::Moment;
    use super::Whitened;
    use crate::linalg::algebra::{eigen, product, thin_svd};
    use crate::random::Stream;
    use faer::Mat;

    fn normal(stream: &mut Stream, rows: usize, columns: usize) -> Mat<f64> {
        Mat::from_fn(rows, columns, |_, _| stream.normal())
    }

    /// Returns the mean of x xᵀ over samples of unequal scale.
    fn moment(stream: &mut Stream, n: usize, samples: usize) -> Mat<f64> {
        let x = normal(stream, n, samples);
        let x = Mat::from_fn(n, samples, |i, j| x[(i, j)] / (1 + i) as f64);
        let c = product(x.as_ref(), x.as_ref().transpose());
        Mat::from_fn(n, n, |i, j| c[(i, j)] / samples as f64)
    }

    fn loss(w: &Mat<f64>, fit: &Mat<f64>, c: &Mat<f64>) -> f64 {
        let d = Mat::from_fn(w.nrows(), w.ncols(), |i, j| w[(i, j)] - fit[(i, j)]);
        let seen = product(
            product(d.as_ref(), c.as_ref()).as_ref(),
            d.as_ref().transpose(),
        );
        (0..w.nrows()).map(|i| seen[(i, i)]).sum()
    }

    /// Would catch another matrix than the best one: against truncating W L and dividing by L, C = L Lᵀ, for wide and tall
    /// weights; a curve that is not the loss of the factors, on the inputs of the fit and on others.
    #[test]
    fn the_fit_is_that_of_a_truncated_product_with_a_root() {
        let mut stream = Stream::new(3, &[1]);
        for (m, n) in [(8, 12), (12, 8), (9, 9)] {
            let w = normal(&mut stream, m, n);
            let (c, held) = (moment(&mut stream, n, 40), moment(&mut stream, n, 30));
            let whitened = Whitened::new(w.as_ref(), &Moment::Full(c.clone()));
            let (errors, others) = (
                whitened.errors(),
                whitened.errors_on(w.as_ref(), &Moment::Full(held.clone())),
            );
            let zero = Mat::zeros(m, n);
            let (total, total_held) = (loss(&w, &zero, &c), loss(&w, &zero, &held));
            let (v, values) = eigen(c.as_ref());
            let root = Mat::from_fn(n, n, |i, j| v[(i, j)] * values[j].sqrt());
            let inverse = Mat::from_fn(n, n, |i, j| v[(j, i)] / values[i].sqrt());
            let (u, s, vt) = thin_svd(product(w.as_ref(), root.as_ref()).as_ref());
            for rank in 0..=m.min(n) {
                let (a, b) = whitened.factors(w.as_ref(), rank);
                let fit = product(a.as_ref(), b.as_ref());
                let cut = Mat::from_fn(m, n, |i, j| {
                    (0..rank).map(|k| u[(i, k)] * s[k] * vt[(j, k)]).sum()
                });
                let theirs = product(cut.as_ref(), inverse.as_ref());
                let far = Mat::from_fn(m, n, |i, j| fit[(i, j)] - theirs[(i, j)]).norm_max();
                assert!(far < 1e-10, "{m} x {n}, rank {rank}: {far}");
                assert!((loss(&w, &fit, &c) / total - errors[rank]).abs() < 1e-12);
                assert!((loss(&w, &fit, &held) / total_held - others[rank]).abs() < 1e-12);
            }
        }
    }

    /// Would catch a division by the zero eigenvalues of inputs that span few directions.
    #[test]
    fn singular_moments_do_no_harm() {
        let mut stream = Stream::new(3, &[2]);
        for (m, n) in [(6, 10), (10, 6)] {
            let w = normal(&mut stream, m, n);
            let c = moment(&mut stream, n, 3);
            let errors = Whitened::new(w.as_ref(), &Moment::Full(c.clone())).errors();
            assert!(errors[2] > 1e-6 && errors[3] < 1e-12, "{errors:?}");
            let none = Whitened::new(w.as_ref(), &Moment::Full(Mat::zeros(n, n)));
            assert!(none.errors().iter().all(|error| *error == 0.0));
        }
    }
}
