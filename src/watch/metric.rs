//! The numbers that are followed from checkpoint to checkpoint.

use crate::spectrum::LayerSpectrum;

/// A number of a layer that is followed.
#[derive(Debug)]
pub struct Metric {
    /// The key in the log and in the names of curves.
    pub key: &'static str,
    /// The name at the head of a column.
    pub heading: &'static str,
    /// The name in full.
    pub words: &'static str,
    /// How its curve is read.
    pub reading: &'static str,
    of: fn(&LayerSpectrum) -> Option<f64>,
}

impl Metric {
    /// Returns the finite number that a layer has.
    pub fn of(&self, spectrum: &LayerSpectrum) -> Option<f64> {
        (self.of)(spectrum).filter(|x| x.is_finite())
    }
}

/// All of them, in the order in which they are shown.
pub const METRICS: [Metric; 7] = [
    Metric {
        key: "spectral_norm",
        heading: "s₁",
        words: "largest singular value",
        reading: "The largest singular value of each weight.",
        of: |s| Some(s.spectral_norm),
    },
    Metric {
        key: "frobenius_norm",
        heading: "‖W‖",
        words: "Frobenius norm",
        reading: "The root of the sum of all squared entries.",
        of: |s| Some(s.frobenius_norm),
    },
    Metric {
        key: "effective_rank",
        heading: "Eff. rank",
        words: "effective rank",
        reading: "How many directions a weight uses: exp of the entropy of s/Σs.",
        of: |s| s.effective_rank,
    },
    Metric {
        key: "stable_rank",
        heading: "Stable rank",
        words: "stable rank",
        reading: "Σs² / s₁²: how many directions as strong as the first would carry the energy.",
        of: |s| s.stable_rank,
    },
    Metric {
        key: "spikes",
        heading: "Spikes",
        words: "spikes",
        reading: "Values above the random bulk; none where no bulk was accepted.",
        of: |s| s.spikes().map(|spikes| spikes as f64),
    },
    Metric {
        key: "distance",
        heading: "Distance",
        words: "distance from random",
        reading: "The mean over orders of |1 − sᵢ / its mean in random matrices of the same shape and variance|.",
        of: |s| Some(s.random_baseline.as_ref()?.mean_distance),
    },
    Metric {
        key: "alpha",
        heading: "Alpha",
        words: "alpha",
        reading: "The exponent of the power law fitted to the largest eigenvalues. A random matrix has one as well: it is a finding only where the verdict is a heavy tail.",
        of: |s| Some(s.power_law.as_ref()?.alpha),
    },
];
