//! Two-dimensional cosines, the lowest frequencies first.

use faer::Mat;
use std::f64::consts::PI;

/// Returns the `count` lowest frequencies of a grid (channels, height, width), a row each: orthonormal.
pub(super) fn basis([channels, height, width]: [usize; 3], count: usize) -> Mat<f64> {
    let mut all: Vec<(usize, usize, usize)> = (0..channels)
        .flat_map(|c| (0..height).flat_map(move |u| (0..width).map(move |v| (c, u, v))))
        .collect();
    let frequency = |u: usize, size: usize| u as f64 / size as f64;
    let square = |&(_, u, v): &(usize, usize, usize)| {
        frequency(u, height).powi(2) + frequency(v, width).powi(2)
    };
    all.sort_by(|a, b| square(a).total_cmp(&square(b)));
    let cosine = |u: usize, x: usize, size: usize| {
        let scale = if u == 0 { 1.0 } else { 2.0 } / size as f64;
        let angle = PI * u as f64 * (2 * x + 1) as f64 / (2 * size) as f64;
        scale.sqrt() * libm::cos(angle)
    };
    Mat::from_fn(count, channels * height * width, |k, j| {
        let (c, u, v) = all[k];
        let (channel, y, x) = (j / (height * width), j / width % height, j % width);
        if channel == c {
            cosine(u, y, height) * cosine(v, x, width)
        } else {
            0.0
        }
    })
}

#[cfg(test)]
mod tests {
    use super::basis;
    use crate::linalg::algebra::product;
    use faer::Mat;

    /// Would catch cosines that are not orthonormal, or of another channel.
    #[test]
    fn the_basis_is_orthonormal() {
        let b = basis([2, 3, 4], 24);
        let square = product(b.as_ref(), b.as_ref().transpose());
        let far = Mat::from_fn(24, 24, |i, j| square[(i, j)] - f64::from(i == j)).norm_max();
        assert!(far < 1e-14, "{far}");
        // the first two are the means of the channels
        assert!((0..12).all(|j| b[(0, j)] > 0.0 && b[(0, 12 + j)] == 0.0));
    }
}
