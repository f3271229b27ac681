//! Seeded samples for the tests of this folder.

use faer::{Mat, Par};

/// A small generator (SplitMix64) with what tests draw.
pub struct Sample(u64);

impl Sample {
    pub fn new(seed: u64) -> Self {
        Sample(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// Uniform on (0, 1).
    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (((z ^ (z >> 31)) >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// Standard normal (Box, Muller).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (2.0 * std::f64::consts::PI * self.uniform()).cos()
    }

    /// Independent standard normal entries.
    pub fn gaussian(&mut self, m: usize, n: usize) -> Mat<f64> {
        Mat::from_fn(m, n, |_, _| self.normal())
    }

    /// Gaussian noise of variance one plus the planted singular values between random directions,
    /// made orthonormal by Gram and Schmidt.
    pub fn spiked(&mut self, m: usize, n: usize, planted: &[f64]) -> Mat<f64> {
        let mut matrix = self.gaussian(m, n);
        let left = self.directions(m, planted.len());
        let right = self.directions(n, planted.len());
        for ((u, v), theta) in left.iter().zip(&right).zip(planted) {
            for j in 0..n {
                for i in 0..m {
                    matrix[(i, j)] += theta * u[i] * v[j];
                }
            }
        }
        matrix
    }

    fn directions(&mut self, length: usize, count: usize) -> Vec<Vec<f64>> {
        let mut found: Vec<Vec<f64>> = Vec::new();
        for _ in 0..count {
            let mut v: Vec<f64> = (0..length).map(|_| self.normal()).collect();
            for u in &found {
                let overlap: f64 = u.iter().zip(&v).map(|(a, b)| a * b).sum();
                v.iter_mut().zip(u).for_each(|(x, y)| *x -= overlap * y);
            }
            let norm = v.iter().map(|x| x * x).sum::<f64>().sqrt();
            v.iter_mut().for_each(|x| *x /= norm);
            found.push(v);
        }
        found
    }
}

/// All singular values, descending.
pub fn spectrum_of(matrix: &Mat<f64>) -> Vec<f64> {
    crate::linalg::singular_values(matrix.as_ref(), Par::Seq).expect("finite entries")
}
