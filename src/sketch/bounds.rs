//! The published bounds on the variances of sign sketches.

use super::{Energies, Widths};
use serde::Serialize;

/// Bounds of Kasiviswanathan, Narodytska, Jin 2018.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bounds {
    /// Proposition 2.1: `2 d₁ ‖W M‖² / k`.
    pub mode1: f64,
    /// Proposition 2.1: `2 ‖W‖² ‖M‖² / k`, with `k h w` for a kernel.
    pub mode2: f64,
    /// Theorem 3.2, `(d₁ ‖W M‖² / k + ‖W‖² ‖M‖² / k) / l`; of a convolution theorem 3.1 with `k h w`
    /// in the second term and M the patches.
    pub averaged: f64,
    /// Theorem 3.1 as printed, with the norm of the images in the place of that of their patches, which is
    /// up to h w times larger: no bound once h w > 4.
    pub averaged_printed: Option<f64>,
}

/// The bounds for sign sketches of these sizes and `l` pairs.
#[must_use]
pub fn bounds(energies: &Energies, widths: &Widths, l: usize) -> Bounds {
    let (k, rows, pairs) = (widths.first as f64, widths.second as f64, l as f64);
    let first = widths.outputs as f64 * energies.outputs / k;
    let second = |inputs: f64| energies.weights * inputs / rows;
    Bounds {
        mode1: 2.0 * first,
        mode2: 2.0 * second(energies.inputs),
        averaged: (first + second(energies.inputs)) / pairs,
        averaged_printed: energies
            .images
            .map(|images| (first + second(images)) / pairs),
    }
}
