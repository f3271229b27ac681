//! Sketches of tensors of any order along any mode.

use super::{Ensemble, Sketch};
use faer::{Mat, MatRef};

/// `T ×ₙ U`: every fibre of the tensor `data`, of `shape` row by row, along dimension `mode` (from 0)
/// sketched. The result has k in the place of that dimension.
///
/// # Panics
///
/// When there is no such mode, `data` does not fill `shape`, or the sketch has another width.
#[must_use]
pub fn mode_sketch(data: &[f64], shape: &[usize], mode: usize, sketch: &Sketch) -> Vec<f64> {
    along(data, shape, mode, sketch.shape().0, |x| sketch.apply(x))
}

/// `T ×ₙ UᵀU`, the estimate of the tensor.
///
/// # Panics
///
/// As [`mode_sketch`].
#[must_use]
pub fn mode_estimate(data: &[f64], shape: &[usize], mode: usize, sketch: &Sketch) -> Vec<f64> {
    along(data, shape, mode, sketch.shape().1, |x| sketch.estimate(x))
}

/// `E‖T ×ₙ UᵀU - T‖²` for a tensor of squared norm `energy` and a dimension `d`:
/// `(γ (d - 1) + δ) ‖T‖²` with the ensemble's moments.
///
/// # Panics
///
/// When the ensemble has no sketch of `k` rows.
#[must_use]
pub fn mode_variance(ensemble: Ensemble, k: usize, d: usize, energy: f64) -> f64 {
    let moments = ensemble.moments(k, d);
    (moments.off_diagonal * (d as f64 - 1.0) + moments.diagonal) * energy
}

/// The tensor with each slice of dimensions from `mode` on, as (rest) × d, replaced.
fn along(
    data: &[f64],
    shape: &[usize],
    mode: usize,
    after: usize,
    replaced: impl Fn(MatRef<'_, f64>) -> Mat<f64>,
) -> Vec<f64> {
    assert!(
        mode < shape.len() && data.len() == shape.iter().product::<usize>(),
        "mode {mode} of {} numbers of shape {shape:?}",
        data.len()
    );
    let d = shape[mode];
    let rest: usize = shape[mode + 1..].iter().product();
    let mut out = Vec::with_capacity(data.len() / d.max(1) * after);
    for slice in data.chunks_exact((d * rest).max(1)) {
        let slice = MatRef::from_column_major_slice(slice, rest, d);
        for column in replaced(slice).col_iter() {
            out.extend(column.iter());
        }
    }
    out
}
