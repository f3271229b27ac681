//! Low rank against the expected rise of a loss: what enters a layer and how much the loss minds a change of each output.
//!
//! With `G = E[g gᵀ]`, `g` the gradient of the loss at the outputs, ½ tr(G (W − Ŵ) C (W − Ŵ)ᵀ) is the second-order rise of
//! the loss when inputs and gradients are independent. The best `Ŵ` of rank r is that of `G^½ W` against `C`, multiplied by
//! `G^−½`.
//!
//! Source: Martens, Grosse 2015 (K-FAC).

use super::{Moment, Whitened};
use crate::linalg::algebra::{eigen, multiply, product};
use faer::{Mat, MatRef};

/// Share of the mean of its diagonal that is added to `G`, which is divided by.
const RIDGE: f64 = 1e-3;

/// A weight seen through the second moments of its inputs and of the gradients at its outputs.
#[derive(Debug, Clone)]
pub struct KFac {
    /// `G^½ W` decomposed.
    whitened: Whitened,
    /// `G^½ W`, m × n.
    weighted: Mat<f64>,
    /// `G^−½ U`, m × k.
    unweighted: Mat<f64>,
}

impl KFac {
    /// Decomposes `w`, m × n, with the `moment` of its inputs and `gradients`, the m × m moment at its outputs.
    ///
    /// # Panics
    ///
    /// When an entry is not finite, or the shapes do not fit.
    pub fn new(w: MatRef<'_, f64>, moment: &Moment, gradients: MatRef<'_, f64>) -> KFac {
        let (m, n) = w.shape();
        assert_eq!(
            gradients.shape(),
            (m, m),
            "a moment of another size than the outputs"
        );
        let (vectors, values) = eigen(gradients);
        let mean = values.iter().sum::<f64>() / m as f64;
        // Without gradients all outputs count alike.
        let ridge = if mean > 0.0 { RIDGE * mean } else { 1.0 };
        let roots: Vec<f64> = values.iter().map(|x| (x.max(0.0) + ridge).sqrt()).collect();
        let mut turned = Mat::zeros(m, n);
        multiply(turned.as_mut(), vectors.as_ref().transpose(), w);
        let scaled = Mat::from_fn(m, n, |i, j| roots[i] * turned[(i, j)]);
        let mut weighted = Mat::zeros(m, n);
        multiply(weighted.as_mut(), vectors.as_ref(), scaled.as_ref());
        let whitened = Whitened::new(weighted.as_ref(), moment);
        let k = whitened.directions.ncols();
        let mut turned = Mat::zeros(m, k);
        let transposed = vectors.as_ref().transpose();
        multiply(turned.as_mut(), transposed, whitened.directions.as_ref());
        let scaled = Mat::from_fn(m, k, |i, j| turned[(i, j)] / roots[i]);
        let mut unweighted = Mat::zeros(m, k);
        multiply(unweighted.as_mut(), vectors.as_ref(), scaled.as_ref());
        KFac {
            whitened,
            weighted,
            unweighted,
        }
    }

    /// Returns ½ tr(G (W − Ŵ) C (W − Ŵ)ᵀ) of each rank from 0 to k, for any moments.
    ///
    /// Directions enter in pairs, Σ_{i,j>r} (AᵀGA)ᵢⱼ (B C Bᵀ)ᵢⱼ / 2 with Ŵ = A B, so that all ranks are one cumulative sum.
    #[must_use]
    pub fn errors(&self, moment: &Moment, gradients: MatRef<'_, f64>) -> Vec<f64> {
        let inputs = moment.energy(self.whitened.turned(self.weighted.as_ref()).as_ref());
        let k = inputs.ncols();
        let mut seen = Mat::zeros(self.unweighted.nrows(), k);
        multiply(seen.as_mut(), gradients, self.unweighted.as_ref());
        let mut outputs = Mat::zeros(k, k);
        multiply(
            outputs.as_mut(),
            self.unweighted.as_ref().transpose(),
            seen.as_ref(),
        );
        let mut errors = vec![0.0; k + 1];
        for r in (0..k).rev() {
            let pair = |i: usize| outputs[(i, r)] * inputs[(i, r)];
            let beside: f64 = (r + 1..k).map(pair).sum();
            errors[r] = errors[r + 1] + 0.5 * pair(r) + beside;
        }
        // What rounding leaves is no error.
        let rounding = k as f64 * f64::EPSILON * errors[0];
        let known = |error: &f64| if *error < rounding { 0.0 } else { *error };
        errors.iter().map(known).collect()
    }

    /// Returns factors `A`, m × rank, and `B`, rank × n, of the best matrix of this rank.
    #[must_use]
    pub fn factors(&self, rank: usize) -> (Mat<f64>, Mat<f64>) {
        let a = self.unweighted.as_ref().subcols(0, rank).to_owned();
        let directions = self.whitened.directions.as_ref().subcols(0, rank);
        (a, product(directions.transpose(), self.weighted.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::{KFac, Moment};
    use crate::linalg::algebra::{eigen, product, thin_svd};
    use crate::random::Stream;
    use faer::{Mat, MatRef};

    fn moment(stream: &mut Stream, n: usize, samples: usize) -> Mat<f64> {
        let x = Mat::from_fn(n, samples, |i, _| stream.normal() / (1 + i) as f64);
        product(x.as_ref(), x.as_ref().transpose())
    }

    /// ½ tr(G D C Dᵀ), D = W − A B.
    fn loss(w: &Mat<f64>, fit: MatRef<'_, f64>, c: &Mat<f64>, g: &Mat<f64>) -> f64 {
        let d = Mat::from_fn(w.nrows(), w.ncols(), |i, j| w[(i, j)] - fit[(i, j)]);
        let seen = product(product(g.as_ref(), d.as_ref()).as_ref(), c.as_ref());
        let all = product(seen.as_ref(), d.as_ref().transpose());
        (0..w.nrows()).map(|i| 0.5 * all[(i, i)]).sum()
    }

    /// Would catch a curve that is not the loss of the factors, on the moments of the fit and on others, for wide and tall
    /// weights.
    #[test]
    fn the_curve_is_the_loss_of_the_factors() {
        let mut stream = Stream::new(5, &[1]);
        for (m, n) in [(6, 9), (9, 6), (7, 7)] {
            let w = Mat::from_fn(m, n, |_, _| stream.normal());
            let (c, g) = (moment(&mut stream, n, 20), moment(&mut stream, m, 20));
            let other = moment(&mut stream, n, 15);
            let fit = KFac::new(w.as_ref(), &Moment::Full(c.clone()), g.as_ref());
            for c in [&c, &other] {
                let errors = fit.errors(&Moment::Full(c.clone()), g.as_ref());
                for rank in 0..=m.min(n) {
                    let (a, b) = fit.factors(rank);
                    let expected = loss(&w, product(a.as_ref(), b.as_ref()).as_ref(), c, &g);
                    let far = (errors[rank] - expected).abs();
                    assert!(far < 1e-9 * errors[0], "{m} x {n}, {rank}: {far}");
                }
            }
        }
    }

    /// Would catch a fit that is not the best: with moments of full rank it is G^−½ trunc(G^½ W C^½) C^−½ up to the ridge.
    #[test]
    fn the_fit_is_that_of_a_truncated_product_with_both_roots() {
        let mut stream = Stream::new(5, &[2]);
        let (m, n) = (6, 8);
        let w = Mat::from_fn(m, n, |_, _| stream.normal());
        let (c, g) = (moment(&mut stream, n, 40), moment(&mut stream, m, 40));
        let ridge = 1e-3 * (0..m).map(|i| g[(i, i)]).sum::<f64>() / m as f64;
        let damped = Mat::from_fn(m, m, |i, j| g[(i, j)] + if i == j { ridge } else { 0.0 });
        let power = |a: &Mat<f64>, power: f64| {
            let (v, values) = eigen(a.as_ref());
            let n = a.ncols();
            let scaled = Mat::from_fn(n, n, |i, j| v[(i, j)] * values[j].powf(power));
            product(scaled.as_ref(), v.as_ref().transpose())
        };
        let whole = product(power(&damped, 0.5).as_ref(), w.as_ref());
        let (u, s, v) = thin_svd(product(whole.as_ref(), power(&c, 0.5).as_ref()).as_ref());
        let fit = KFac::new(w.as_ref(), &Moment::Full(c.clone()), g.as_ref());
        for rank in 1..=m {
            let cut = Mat::from_fn(m, n, |i, j| {
                (0..rank).map(|k| u[(i, k)] * s[k] * v[(j, k)]).sum()
            });
            let left = product(power(&damped, -0.5).as_ref(), cut.as_ref());
            let expected = product(left.as_ref(), power(&c, -0.5).as_ref());
            let (a, b) = fit.factors(rank);
            let found = product(a.as_ref(), b.as_ref());
            let far = Mat::from_fn(m, n, |i, j| found[(i, j)] - expected[(i, j)]).norm_max();
            assert!(far < 1e-8, "rank {rank}: {far}");
        }
    }

    /// Would catch a common shift of all outputs that is paid for although the loss does not see it: a head of softmax with
    /// 5 classes is exact at rank 4.
    #[test]
    fn what_the_loss_ignores_costs_nothing() {
        let mut stream = Stream::new(5, &[3]);
        let w = Mat::from_fn(5, 12, |_, _| stream.normal());
        let c = moment(&mut stream, 12, 40);
        let g = Mat::from_fn(5, 5, |i, j| if i == j { 0.8 } else { -0.2 });
        let fit = KFac::new(w.as_ref(), &Moment::Full(c.clone()), g.as_ref());
        let errors = fit.errors(&Moment::Full(c), g.as_ref());
        assert!(
            errors[4] < 1e-6 * errors[0] && errors[3] > 1e-4 * errors[0],
            "{errors:?}"
        );
    }
}
