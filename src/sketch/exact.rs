//! The variances of the estimates, exactly.

use super::{Ensemble, Widths};
use serde::Serialize;

/// The norms that variances and bounds are made of, `wᵢ` the columns of W and `mᵢ` the rows of M.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Energies {
    /// ‖W‖².
    pub weights: f64,
    /// ‖M‖²; of a convolution that of the patches.
    pub inputs: f64,
    /// ‖W M‖².
    pub outputs: f64,
    /// Σ ‖wᵢ‖² ‖mᵢ‖².
    pub matched: f64,
    /// `Σ_{i≠j} (‖wᵢ‖² ‖mⱼ‖² + ⟨wᵢ, wⱼ⟩ ⟨mᵢ, mⱼ⟩)`, that is ‖W‖² ‖M‖² + ‖W M‖² - 2 Σ ‖wᵢ‖² ‖mᵢ‖².
    pub crossed: f64,
    /// Of a convolution the squared norm of the images themselves.
    pub images: Option<f64>,
}

/// `E‖estimate - W M‖²` of the three estimates.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Variances {
    /// Of `U₁ᵀ U₁ W M`.
    pub mode1: f64,
    /// Of `W U₂ᵀ U₂ M`.
    pub mode2: f64,
    /// Of the mean of l independent pairs.
    pub averaged: f64,
}

/// The variances for sketches of these sizes and `l` pairs.
///
/// With γ the variance of an entry of `UᵀU` outside the diagonal and δ on it ([`Ensemble::moments`]), and
/// different entries uncorrelated,
///
/// - mode 1: `(γ (d₁ - 1) + δ) ‖W M‖²`,
/// - mode 2: `γ (‖W‖² ‖M‖² + ‖W M‖² - 2 Σ ‖wᵢ‖² ‖mᵢ‖²) + δ Σ ‖wᵢ‖² ‖mᵢ‖²`,
/// - averaged: their sum over 4 l.
///
/// # Panics
///
/// When `l` is 0 or the ensemble has no such sketch.
#[must_use]
pub fn variances(energies: &Energies, ensemble: Ensemble, widths: &Widths, l: usize) -> Variances {
    assert!(l > 0, "the mean of no pair");
    let first = ensemble.moments(widths.first, widths.outputs);
    let second = ensemble.moments(widths.second, widths.inputs);
    let others = (widths.outputs - 1) as f64;
    let mode1 = (first.off_diagonal * others + first.diagonal) * energies.outputs;
    // Rounding alone can take the sum, half that of ‖wᵢ mⱼᵀ + wⱼ mᵢᵀ‖², below 0.
    let crossed = energies.crossed.max(0.0);
    let mode2 = second.off_diagonal * crossed + second.diagonal * energies.matched;
    Variances {
        mode1,
        mode2,
        averaged: (mode1 + mode2) / (4.0 * l as f64),
    }
}

/// Relative difference below which two variances are equal.
const EQUAL: f64 = 1e-12;

/// Returns the mode of smaller variance, 1 or 2.
pub(super) fn smaller(mode1: f64, mode2: f64) -> Option<u8> {
    let apart = (mode1 - mode2).abs() > EQUAL * mode1.max(mode2);
    apart.then_some(if mode1 < mode2 { 1 } else { 2 })
}
