//! The errors of estimates that are drawn.

use super::memory::reserve;
use super::trial::Draw;
use super::{Draws, SketchError, SketchedLayer, Widths};
use rayon::prelude::*;
use serde::Serialize;

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
    /// How near they are, where another device than the processor drew them.
    pub accuracy: Option<Accuracy>,
}

/// How near the trials of a device are to those of the processor in double precision.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Accuracy {
    /// Trials that the processor drew again.
    pub checked: usize,
    /// Largest difference of a squared error, relative to that error and `‖W M‖²` together.
    pub deviation: f64,
    /// What single precision explains.
    pub bound: f64,
}

impl Accuracy {
    /// Of the trials of both.
    pub(super) fn with(self, other: Accuracy) -> Accuracy {
        Accuracy {
            checked: self.checked + other.checked,
            deviation: self.deviation.max(other.deviation),
            bound: self.bound.max(other.bound),
        }
    }
}

/// Draws the estimates of all trials of `draws`; fewer when `progress`, told how many are done, returns `false`.
///
/// Sketch i of trial t and mode 1 or 2 is the path `[t, i, mode]` of `seed`, whatever the layer. Trials
/// run side by side; their numbers do not depend on how many. With signs a trial whose sketches are small
/// takes some l k d₁ (d₁ + d₂) / 4 additions, four terms each.
///
/// # Errors
///
/// [`SketchError::TooManyRows`], [`SketchError::Memory`].
///
/// # Panics
///
/// When sketches have no rows or there are no pairs.
pub fn measure(
    layer: &SketchedLayer,
    draws: &Draws,
    mut progress: impl FnMut(usize) -> bool,
) -> Result<Measurement, SketchError> {
    draws.check();
    let widths = layer.widths(draws.ensemble, draws.rows)?;
    let (l, trials) = (draws.pairs, draws.trials);
    if trials == 0 {
        return Ok(Measurement::default());
    }
    room(layer, &widths, l)?;
    let draw = Draw::new(layer, draws.ensemble, widths, draws.seed);
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

/// Whether there is memory for trials side by side: the sketches and what they make of the layer, l pairs at
/// once, and a few matrices of the size of the outputs.
pub(super) fn room(layer: &SketchedLayer, widths: &Widths, l: usize) -> Result<(), SketchError> {
    let (rows, columns) = layer.outputs.shape();
    let sketched = |k: usize, d: usize| k.saturating_mul(d.saturating_mul(2) + rows + columns);
    let pair = sketched(widths.first, widths.outputs)
        .saturating_add(sketched(widths.second, widths.inputs));
    let numbers = pair
        .saturating_mul(l)
        .saturating_add(COPIES.saturating_mul(rows).saturating_mul(columns));
    reserve(numbers.saturating_mul(rayon::current_num_threads()))
}
