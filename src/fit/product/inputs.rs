//! Activations that reach a layer, as the norm of a fit.

use super::FitError;
use crate::random::Stream;
use faer::{Mat, MatRef};
use rand::seq::SliceRandom;

/// First word of the path of the split.
const SPLIT: u64 = 203;

/// Inputs of a layer, N samples of n numbers, half of them held out.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// Z with Z Zᵀ = Xᵀ X over the fitted half, n × min(n, N/2): ‖(W - Ŵ) Z‖ = ‖X (W - Ŵ)ᵀ‖.
    pub(super) fitted: Mat<f64>,
    /// The same for the other half.
    pub(super) held_out: Mat<f64>,
    pub(super) samples: usize,
}

impl Inputs {
    /// The rows of `x` are samples; a random half of them, by `seed`, is held out.
    ///
    /// # Errors
    ///
    /// [`FitError::Samples`] when there are fewer than two.
    pub fn new(x: MatRef<'_, f64>, seed: u64) -> Result<Inputs, FitError> {
        let samples = x.nrows();
        if samples < 2 {
            return Err(FitError::Samples { samples });
        }
        let mut order: Vec<usize> = (0..samples).collect();
        order.shuffle(&mut Stream::new(seed, &[SPLIT]));
        let (fitted, held_out) = order.split_at(samples.div_ceil(2));
        Ok(Inputs {
            fitted: factor(x, fitted),
            held_out: factor(x, held_out),
            samples,
        })
    }

    /// Columns of the matrices that they are inputs of.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.fitted.nrows()
    }
}

/// Rᵀ of the triangle R of the chosen rows.
fn factor(x: MatRef<'_, f64>, rows: &[usize]) -> Mat<f64> {
    let chosen = Mat::from_fn(rows.len(), x.ncols(), |i, j| x[(rows[i], j)]);
    let factors = chosen.qr();
    let r = factors.thin_R();
    Mat::from_fn(
        r.ncols(),
        r.nrows(),
        |i, j| if j <= i { r[(j, i)] } else { 0.0 },
    )
}
