//! The orthonormal cosine transform of one length.

use rustdct::{DctPlanner, TransformType2And3};
use std::sync::Arc;

/// `cₖ = √(2/n) Σᵢ xᵢ cos(π k (2i + 1) / 2n)`, c₀ over √2: the DCT-II, an orthogonal matrix. O(n log n) operations.
pub(in crate::family) struct Cosine {
    plan: Arc<dyn TransformType2And3<f64>>,
}

impl Cosine {
    pub fn new(n: usize) -> Cosine {
        Cosine {
            plan: DctPlanner::new().plan_dct2(n),
        }
    }

    /// Returns the coefficients of `x`.
    pub fn forward(&self, x: &[f64]) -> Vec<f64> {
        let mut c = x.to_vec();
        self.plan.process_dct2(&mut c);
        let scale = (2.0 / c.len() as f64).sqrt();
        c.iter_mut().for_each(|c| *c *= scale);
        c[0] *= 0.5f64.sqrt();
        c
    }

    /// Returns the numbers whose coefficients are `c`.
    pub fn back(&self, c: &[f64]) -> Vec<f64> {
        let scale = (2.0 / c.len() as f64).sqrt();
        let mut x: Vec<f64> = c.iter().map(|c| c * scale).collect();
        // The plan halves the first coefficient.
        x[0] *= 2f64.sqrt();
        self.plan.process_dct3(&mut x);
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use std::f64::consts::PI;

    /// Against the sums written out, at lengths with every kind of factor; and back.
    #[test]
    fn agrees_with_the_definition() {
        for n in [1, 2, 3, 4, 7, 12, 25, 60, 97, 128] {
            let mut stream = Stream::new(2, &[n as u64]);
            let x: Vec<f64> = (0..n).map(|_| stream.normal()).collect();
            let cosine = Cosine::new(n);
            let found = cosine.forward(&x);
            let norm = x.iter().map(|x| x * x).sum::<f64>().sqrt();
            let rounding = 10.0 * n as f64 * f64::EPSILON * norm;
            for (k, c) in found.iter().enumerate() {
                let scale = (if k == 0 { 1.0 } else { 2.0 } / n as f64).sqrt();
                let wave = |i: usize| (PI * (k * (2 * i + 1)) as f64 / (2 * n) as f64).cos();
                let sum: f64 = x.iter().enumerate().map(|(i, x)| x * wave(i)).sum();
                assert!((c - scale * sum).abs() <= rounding, "{n}: {k}");
            }
            for (a, b) in x.iter().zip(cosine.back(&found)) {
                assert!((a - b).abs() <= rounding, "{n}");
            }
        }
    }
}
