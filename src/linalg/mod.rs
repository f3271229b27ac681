//! Singular values.

mod singular_values;

pub use singular_values::{NotConverged, singular_values};

/// stub
pub fn bidiagonal_singular_values(d: &[f64], e: &[f64]) -> Vec<f64> {
    let n = d.len();
    let m = faer::Mat::from_fn(n, n, |i, j| {
        if i == j {
            d[i]
        } else if j == i + 1 {
            e[i]
        } else {
            0.0
        }
    });
    singular_values(m.as_ref(), faer::Par::Seq).unwrap()
}
/// stub
pub fn error_bound(m: usize, n: usize, s1: f64, eps: f64) -> f64 {
    (m.max(n) as f64) * s1 * eps
}
