//! The errors of estimates that are drawn.

use super::trial::Draw;
use super::{Ensemble, SketchError, SketchedLayer, Widths};
use rayon::prelude::*;

/// Trials between two reports of progress.
const BATCH: usize = 32;
/// Matrices of the outputs' size that a trial holds.
const COPIES: usize = 6;

/// Squared errors `‖estimate - W M‖²`, one a draw.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measurement {
    /// Of `U₁ᵀ U₁ W M`: l a trial.
    pub mode1: Vec<f64>,
    /// Of `W U₂ᵀ U₂ M`: l a trial.
    pub mode2: Vec<f64>,
    /// Of the mean of the trial's l pairs.
    pub averaged: Vec<f64>,
}

/// Draws the estimates of `trials` trials, each of `l` pairs of sketches of `k` rows; fewer when
/// `progress`, told how many are done, returns `false`.
///
/// Sketch i of trial t and mode 1 or 2 is the path `[t, i, mode]` of `seed`, whatever the layer. Trials
/// run side by side; their numbers do not depend on how many. With signs a trial takes some
/// l k d₁ d₂ additions: four products of l k d₁ d₂ terms, four terms an addition.
///
/// # Errors
///
/// [`SketchError::TooManyRows`], [`SketchError::Memory`].
///
/// # Panics
///
/// When `k` or `l` is 0.
pub fn measure(
    layer: &SketchedLayer,
    ensemble: Ensemble,
    [k, l]: [usize; 2],
    trials: usize,
    seed: u64,
    mut progress: impl FnMut(usize) -> bool,
) -> Result<Measurement, SketchError> {
    assert!(k > 0 && l > 0, "sketches of {k} rows in {l} pairs");
    let widths = layer.widths(ensemble, k)?;
    reserve(layer, &widths)?;
    let draw = Draw::new(layer, ensemble, widths, seed);
    let mut found = Measurement::default();
    for start in (0..trials).step_by(BATCH) {
        if !progress(start) {
            break;
        }
        let batch = (start..trials.min(start + BATCH)).into_par_iter();
        let batch: Vec<_> = batch.map(|trial| draw.trial(trial as u64, l)).collect();
        for trial in batch {
            found.mode1.extend(trial.mode1);
            found.mode2.extend(trial.mode2);
            found.averaged.push(trial.averaged);
        }
    }
    Ok(found)
}

/// Whether there is memory for trials side by side.
fn reserve(layer: &SketchedLayer, widths: &Widths) -> Result<(), SketchError> {
    let (rows, columns) = layer.outputs.shape();
    let sketched = widths.first.saturating_add(widths.second);
    let longest = (rows + columns).max(widths.inputs).next_power_of_two();
    let numbers = sketched.saturating_mul(2 * longest);
    let numbers = numbers.saturating_add(COPIES.saturating_mul(rows).saturating_mul(columns));
    let bytes = numbers
        .saturating_mul(rayon::current_num_threads())
        .saturating_mul(size_of::<f64>());
    let mut memory: Vec<u8> = Vec::new();
    let reserved = memory.try_reserve_exact(bytes);
    reserved.map_err(|_| SketchError::Memory { bytes })
}
