//! A layer with the inputs that reach it.

use super::{Activations, Energies, Ensemble, SketchError};
use crate::linalg::algebra::energy;
use faer::{Mat, MatRef};

/// A weight matrix, its inputs and what it makes of them.
#[derive(Debug, Clone)]
pub struct SketchedLayer {
    pub(super) weights: Mat<f64>,
    pub(super) activations: Activations,
    /// `W M`, d₁ × the root's columns.
    pub(super) outputs: Mat<f64>,
    energies: Energies,
    area: usize,
}

/// Rows of the two sketches of a layer, and what they sketch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Widths {
    /// Rows of `U₁`: k.
    pub first: usize,
    /// Rows of `U₂`: k h w for a kernel of h × w, k for a plain layer.
    pub second: usize,
    /// d₁, columns of `U₁`.
    pub outputs: usize,
    /// d₂, columns of `U₂`; c h w for a kernel.
    pub inputs: usize,
}

impl SketchedLayer {
    /// `weights` d₁ × d₂; `area` is h w for a convolution, 1 for a plain layer.
    ///
    /// # Errors
    ///
    /// [`SketchError::Width`] when the inputs have another width than d₂.
    pub fn new(
        weights: MatRef<'_, f64>,
        area: usize,
        activations: Activations,
    ) -> Result<SketchedLayer, SketchError> {
        let (found, expected) = (activations.width(), weights.ncols());
        if found != expected {
            return Err(SketchError::Width { found, expected });
        }
        let outputs = activations.outputs(weights);
        let columns: Vec<f64> = (0..expected)
            .map(|j| energy(weights.subcols(j, 1)))
            .collect();
        let rows = activations.row_energies();
        let energies = Energies {
            weights: energy(weights),
            inputs: rows.iter().sum(),
            outputs: energy(outputs.as_ref()),
            matched: columns.iter().zip(&rows).map(|(w, m)| w * m).sum(),
            crossed: others(&columns, &rows) + activations.crossed(weights),
            images: activations.image_energy,
        };
        Ok(SketchedLayer {
            weights: weights.to_owned(),
            activations,
            outputs,
            energies,
            area,
        })
    }

    /// The norms that variances are made of.
    #[must_use]
    pub fn energies(&self) -> Energies {
        self.energies
    }

    /// The sizes of the sketches for `k`.
    ///
    /// # Errors
    ///
    /// [`SketchError::TooManyRows`] when the ensemble has no sketch of so many rows.
    pub fn widths(&self, ensemble: Ensemble, k: usize) -> Result<Widths, SketchError> {
        let (outputs, inputs) = self.weights.shape();
        let second = k.saturating_mul(self.area);
        for (rows, dimension, times) in [(k, outputs, 1), (second, inputs, self.area)] {
            let most = ensemble.most_rows(dimension);
            if rows > most {
                return Err(SketchError::TooManyRows {
                    ensemble: ensemble.name(),
                    dimension,
                    most,
                    rows,
                    k: most / times,
                });
            }
        }
        Ok(Widths {
            first: k,
            second,
            outputs,
            inputs,
        })
    }

    /// h w, or 1.
    #[must_use]
    pub fn area(&self) -> usize {
        self.area
    }
}

/// `Σ_{i≠j} aᵢ bⱼ`, all terms positive: no difference that could cancel.
fn others(a: &[f64], b: &[f64]) -> f64 {
    let sums = |b: &mut dyn Iterator<Item = &f64>| -> Vec<f64> {
        let before = b.scan(0.0, |sum, b| Some(std::mem::replace(sum, *sum + b)));
        before.collect()
    };
    let (before, after) = (sums(&mut b.iter()), sums(&mut b.iter().rev()));
    let rest = before.iter().zip(after.iter().rev()).map(|(x, y)| x + y);
    a.iter().zip(rest).map(|(a, rest)| a * rest).sum()
}
