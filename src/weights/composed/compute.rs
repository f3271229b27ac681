//! Weights from the numbers of their parts.

use super::find::vector_axes;
use super::formula::Composed;
use crate::weights::tensor::Tensor;

impl Composed {
    /// Computes the weight of the tensors that `read` reads. Where v or the spectral norm is zero the weight is NaN, as in
    /// PyTorch.
    ///
    /// # Errors
    /// Those of `read`.
    pub(in crate::weights) fn compute<E>(
        &self,
        read: &impl Fn(usize) -> Result<Tensor, E>,
    ) -> Result<Tensor, E> {
        let (mut weight, others) = match self {
            Composed::Stored(index) => return read(*index),
            Composed::Norms { v, g, .. } => (v.compute(read)?, vec![g.compute(read)?]),
            Composed::Mask { w, mask } => (w.compute(read)?, vec![mask.compute(read)?]),
            Composed::Vectors { w, u, v } => {
                (w.compute(read)?, vec![u.compute(read)?, v.compute(read)?])
            }
        };
        let other = &others[0].data;
        match self {
            Composed::Stored(_) => {}
            Composed::Norms { axis, .. } => times_norms(&mut weight, other, *axis),
            Composed::Mask { .. } => {
                weight
                    .data
                    .iter_mut()
                    .zip(other)
                    .for_each(|(w, mask)| *w *= mask);
            }
            Composed::Vectors { .. } => over_norm(&mut weight, other, &others[1].data),
        }
        Ok(weight)
    }
}

/// Makes g · v / |v| of v.
pub(super) fn times_norms(weight: &mut Tensor, g: &[f64], axis: Option<usize>) {
    let Tensor { shape, data } = weight;
    // Neighbours along the axis are `inner` elements apart.
    let (inner, count) = match axis {
        Some(axis) => (shape[axis + 1..].iter().product(), shape[axis]),
        None => (data.len(), 1),
    };
    let mut squares = vec![0.0; count];
    for (run, v) in data.chunks(inner).enumerate() {
        squares[run % count] += v.iter().map(|x| x * x).sum::<f64>();
    }
    for (run, v) in data.chunks_mut(inner).enumerate() {
        let factor = g[run % count] / squares[run % count].sqrt();
        v.iter_mut().for_each(|x| *x *= factor);
    }
}

/// The cosine from which on u is taken for W v: at the start of a training it is any.
const NEAR: f64 = 0.9;

/// Divides a weight by uᵀ W v. The rows lie along its first dimension, but for those of transposed convolutions: where these
/// are square, u is W v but for its length along the second one.
pub(super) fn over_norm(weight: &mut Tensor, u: &[f64], v: &[f64]) {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let Tensor { shape, data } = weight;
    // The norm, and the cosine of the angle between u and W v.
    let along = |axis: usize| {
        let inner: usize = shape[axis + 1..].iter().product();
        let mut image = vec![0.0; u.len()];
        for (run, w) in data.chunks(inner).enumerate() {
            let (before, row) = (run / shape[axis], run % shape[axis]);
            image[row] += dot(w, &v[before * inner..][..inner]);
        }
        let norm = dot(u, &image);
        (norm, norm.abs() / (dot(&image, &image) * dot(u, u)).sqrt())
    };
    let norm = match vector_axes(shape, &[u.len()], &[v.len()])[..] {
        [0, 1] if shape.len() > 2 => {
            let (first, second) = (along(0), along(1));
            if second.1 > NEAR && second.1 > first.1 {
                second.0
            } else {
                first.0
            }
        }
        [axis, ..] => along(axis).0,
        [] => f64::NAN,
    };
    data.iter_mut().for_each(|w| *w /= norm);
}
