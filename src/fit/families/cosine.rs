//! The orthonormal cosine transform of one length, by Fourier transforms (Makhoul 1980, "A fast
//! cosine transform in one and two dimensions").

use faer::c64;
use std::f64::consts::PI;

/// `cₖ = √(2/n) Σᵢ xᵢ cos(π k (2i + 1) / 2n)`, c₀ over √2: the DCT-II, an orthogonal matrix.
///
/// n times the sum of the prime factors of n in operations.
pub(super) struct Cosine {
    /// `exp(-2πi q / n)`.
    roots: Vec<c64>,
    /// `exp(-πi k / 2n)`, scaled as coefficient k is.
    quarters: Vec<c64>,
}

impl Cosine {
    pub fn new(n: usize) -> Cosine {
        let turn = |angle: f64| {
            let (sine, cosine) = libm::sincos(angle);
            c64::new(cosine, -sine)
        };
        let scale = |k: usize| (if k == 0 { 1.0 } else { 2.0 } / n as f64).sqrt();
        let length = n as f64;
        Cosine {
            roots: (0..n).map(|q| turn(2.0 * PI * q as f64 / length)).collect(),
            quarters: (0..n)
                .map(|k| turn(PI * k as f64 / (2.0 * length)) * scale(k))
                .collect(),
        }
    }

    /// The coefficients of `x`.
    pub fn forward(&self, x: &[f64]) -> Vec<f64> {
        let n = x.len();
        let mut folded = vec![c64::new(0.0, 0.0); n];
        for (i, &value) in x.iter().enumerate() {
            folded[place(i, n)].re = value;
        }
        let spectrum = self.fourier(&folded);
        let turned = spectrum.iter().zip(&self.quarters).map(|(v, q)| v * q);
        turned.map(|z| z.re).collect()
    }

    /// What has the coefficients `c`.
    pub fn back(&self, c: &[f64]) -> Vec<f64> {
        let n = c.len();
        // Coefficient k over the square of its scale, which the quarter turn holds once already.
        let raw = |k: usize| c[k] / self.quarters[k].norm_sqr();
        let conjugate: Vec<c64> = (0..n)
            .map(|k| {
                let turn = self.quarters[k];
                match k {
                    0 => c64::new(raw(0) * turn.re, 0.0),
                    // The scales of k and n - k are the same.
                    _ => c64::new(raw(k), raw(n - k)) * turn,
                }
            })
            .collect();
        let folded = self.fourier(&conjugate);
        (0..n).map(|i| folded[place(i, n)].re / n as f64).collect()
    }

    fn fourier(&self, x: &[c64]) -> Vec<c64> {
        let mut out = vec![c64::new(0.0, 0.0); x.len()];
        self.transform(x, 1, &mut out);
        out
    }

    /// The Fourier transform of every `stride`-th of `x`, by its smallest prime factor.
    fn transform(&self, x: &[c64], stride: usize, out: &mut [c64]) {
        let n = out.len();
        if n == 1 {
            out[0] = x[0];
            return;
        }
        let prime = (2..)
            .take_while(|p| p * p <= n)
            .find(|p| n.is_multiple_of(*p));
        let prime = prime.unwrap_or(n);
        let part = n / prime;
        for (offset, out) in out.chunks_exact_mut(part).enumerate() {
            self.transform(&x[offset * stride..], stride * prime, out);
        }
        let root = |power: usize| self.roots[power % n * stride];
        let mut terms = vec![c64::new(0.0, 0.0); prime];
        for k in 0..part {
            for (r, term) in terms.iter_mut().enumerate() {
                *term = out[r * part + k] * root(r * k);
            }
            if prime == 2 {
                (out[k], out[part + k]) = (terms[0] + terms[1], terms[0] - terms[1]);
                continue;
            }
            for q in 0..prime {
                let turned = terms.iter().enumerate();
                out[q * part + k] = turned.map(|(r, term)| term * root(r * q * part)).sum();
            }
        }
    }
}

/// Even positions from the front, odd ones from the back.
fn place(i: usize, n: usize) -> usize {
    match i % 2 {
        0 => i / 2,
        _ => n - 1 - i / 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

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
