//! Trials on another device than the CPU, and how far its numbers are off.

use super::measure::{Accuracy, measure, room};
use super::memory::reserve;
use super::settings::SketchSettings;
use super::trial::{Draw, FIRST, SECOND};
use super::trials_plan::{Batch, TrialsPlan};
use super::{Draws, Measurement, Sketch, SketchError, SketchedLayer, Widths};
use crate::device::{Device, failure};
use crate::program::ExecError;
use crate::weights::{Chosen, Selection, Source};
use rayon::prelude::*;
use std::ops::Range;

/// Numbers that the plan of a batch of trials may hold, unless one trial needs more: 128 MiB on a GPU.
const ROOM: usize = 1 << 25;
/// Operations of a batch of trials, unless one trial takes more: some milliseconds.
const OPERATIONS: u64 = 1 << 33;
/// Fewest trials that the processor draws again.
const AGAIN: usize = 3;
/// One trial of so many is drawn again.
const SHARE: usize = 100;
/// Operations of a layer's trials that are done before a GPU has made a plan ready.
const LEAST: u64 = 500_000_000;

/// Returns whether the trials of a layer are to run on `device`: those of one that nobody asked for only where it pays.
pub(super) fn takes(device: &Device<'_>, layer: &SketchedLayer, draws: &Draws) -> bool {
    let widths = layer.widths(draws.ensemble, draws.rows);
    let flops = widths.map_or(0, |widths| {
        flops(&widths, layer.outputs.ncols(), draws).saturating_mul(draws.trials as u64)
    });
    draws.ensemble.has_plan() && (device.is_requested() || flops >= LEAST)
}

fn failed(device: &str, error: ExecError) -> SketchError {
    let device = device.to_owned();
    match error {
        ExecError::OutOfMemory { bytes, .. } | ExecError::OutOfHostMemory { bytes } => {
            SketchError::DeviceMemory { device, bytes }
        }
        error => SketchError::Device {
            device,
            reason: failure(error),
        },
    }
}

/// [`measure`](super::measure) on a device in single precision, with the same random entries. The processor draws them,
/// and draws the first trials, three or one of a hundred, again in double precision.
///
/// Takes `4 l d₁ q (k₁ + k₂)` operations a trial and more for `W U₂ᵀ` and `U₂ M`; a batch of trials is one submission,
/// from which the squared errors alone come back.
///
/// # Errors
///
/// [`SketchError::TooManyRows`], [`SketchError::Memory`]; [`SketchError::Device`] and [`SketchError::DeviceMemory`] where
/// the device fails, [`SketchError::Inaccurate`] where its numbers are not those of the processor.
///
/// # Panics
///
/// When sketches have no rows, there are no pairs, or the ensemble [has no plan](super::Ensemble::has_plan).
pub fn measure_on(
    device: &mut Device<'_>,
    layer: &SketchedLayer,
    draws: &Draws,
    mut progress: impl FnMut(usize) -> bool,
) -> Result<Measurement, SketchError> {
    let Draws {
        ensemble,
        pairs: l,
        trials,
        seed,
        ..
    } = *draws;
    draws.check();
    let name = ensemble.name();
    assert!(ensemble.has_plan(), "{name} sketches have no plan");
    let widths = layer.widths(ensemble, draws.rows)?;
    if trials == 0 || !progress(0) {
        return Ok(Measurement::default());
    }
    let together = together(layer, &widths, draws);
    room(layer, &widths, l)?;
    let numbers = [
        (widths.first, widths.outputs),
        (widths.second, widths.inputs),
    ]
    .map(|(k, d)| k.saturating_mul(d).saturating_mul(l * together));
    reserve(numbers[0].saturating_add(numbers[1]))?;
    let plan = TrialsPlan::new(
        layer,
        &widths,
        Batch {
            pairs: l,
            trials: together,
        },
    );
    let mut sketches = Sketches {
        first: vec![0.0; numbers[0]],
        second: vec![0.0; numbers[1]],
    };
    sketches.draw(draws, &widths, 0..together);
    let name = device.name().to_owned();
    let exec = device.single();
    let mut errors = Vec::new();
    let ran = plan.prepare(exec, layer).and_then(|()| {
        plan.start(exec, &sketches.first, &sketches.second)?;
        for start in (0..trials).step_by(together) {
            let next = start + together;
            let more = next < trials && progress(next);
            if more {
                // while the device is at work
                sketches.draw(draws, &widths, next..next + together);
            }
            errors.extend(plan.errors(exec)?);
            if !more {
                break;
            }
            plan.start(exec, &sketches.first, &sketches.second)?;
        }
        Ok(())
    });
    ran.map_err(|error| failed(&name, error))?;
    errors.truncate(trials);
    let again = AGAIN.max(errors.len().div_ceil(SHARE)).min(errors.len());
    let draw = Draw::new(layer, ensemble, widths, seed);
    let whole = layer.energies().outputs;
    let off = |trial: usize| errors[trial].off(&draw.trial(trial as u64, l), whole);
    let deviations: Vec<f64> = (0..again).into_par_iter().map(off).collect();
    let accuracy = Accuracy {
        checked: again,
        // NaN is the largest
        deviation: deviations
            .into_iter()
            .fold(0.0, |a, b| if b <= a { a } else { b }),
        bound: plan.bound(f64::from(f32::EPSILON)),
    };
    if accuracy.deviation.is_nan() || accuracy.deviation > accuracy.bound {
        return Err(SketchError::Inaccurate {
            device: name,
            deviation: format!("{:.1e}", accuracy.deviation),
            bound: format!("{:.1e}", accuracy.bound),
        });
    }
    let mut found = Measurement {
        accuracy: Some(accuracy),
        ..Measurement::default()
    };
    for trial in errors {
        found.mode1.extend(trial.mode1);
        found.mode2.extend(trial.mode2);
        found.averaged.push(trial.averaged);
    }
    Ok(found)
}

/// Draws the trials, on the device where it takes them.
pub(super) fn measure_where_it_pays(
    layer: &SketchedLayer,
    draws: &Draws,
    device: Option<&mut Device<'_>>,
    mut progress: impl FnMut(usize) -> bool,
) -> Result<Measurement, SketchError> {
    if let Some(device) = device.filter(|device| takes(device, layer, draws)) {
        match measure_on(device, layer, draws, &mut progress) {
            Err(SketchError::DeviceMemory { .. }) if !device.is_requested() => {}
            found => return found,
        }
    }
    measure(layer, draws, progress)
}

/// Operations of all trials that `settings` ask for, of a convolution those of one patch: by this a device is chosen.
pub fn trial_flops(sources: &[Source], selection: &Selection, settings: &SketchSettings) -> u64 {
    let draws = settings.draws();
    let of = |tensor: &Chosen<'_>| {
        let view = tensor.view().filter(|_| tensor.gap().is_none());
        let shape = &tensor.info().shape;
        let area =
            crate::operator::Kernel::of(shape, tensor.rules()).map_or(1, |kernel| kernel.area());
        view.map_or(0, |view| {
            let each = |k: usize| {
                let widths = Widths {
                    first: k,
                    second: k.saturating_mul(area),
                    outputs: view.rows,
                    inputs: view.columns,
                };
                flops(&widths, view.columns, &draws).saturating_mul(draws.trials as u64)
            };
            let others = settings.sweep.iter().filter(|&&other| other != draws.rows);
            let all = others.fold(each(draws.rows), |all, &k| all.saturating_add(each(k)));
            all.saturating_mul(view.blocks as u64)
        })
    };
    let chosen = Chosen::all(sources, selection);
    chosen
        .iter()
        .fold(0, |all, tensor| all.saturating_add(of(tensor)))
}

/// Returns `4 l d₁ q (k₁ + k₂)`, the operations of one trial.
fn flops(widths: &Widths, columns: usize, draws: &Draws) -> u64 {
    let factors = [4, widths.outputs, columns, draws.pairs];
    let factors = factors.into_iter().map(|factor| factor as u64);
    let rows = (widths.first as u64).saturating_add(widths.second as u64);
    factors.fold(rows, u64::saturating_mul)
}

/// How many trials one submission takes: nearly as many in the last as in the others.
fn together(layer: &SketchedLayer, widths: &Widths, draws: &Draws) -> usize {
    let (l, trials) = (draws.pairs, draws.trials);
    let (rows, columns) = layer.outputs.shape();
    let sides =
        |k: usize, d: usize| k.saturating_mul(d.saturating_add(rows).saturating_add(columns));
    let pair = sides(widths.first, 0).saturating_add(sides(widths.second, widths.inputs));
    // two errors and their squares
    let pair = pair.saturating_add(4 * rows * columns);
    let numbers = pair.saturating_mul(l).saturating_add(2 * rows * columns);
    let by_room = ROOM / numbers;
    let by_work = OPERATIONS / flops(widths, columns, draws).max(1);
    let most = by_room.min(usize::try_from(by_work).unwrap_or(usize::MAX));
    let most = most.clamp(1, trials);
    trials.div_ceil(trials.div_ceil(most))
}

/// The sketches of a batch of trials, transposed, times √k: sketch i of trial t is number `i T + t`.
struct Sketches {
    first: Vec<f32>,
    second: Vec<f32>,
}

impl Sketches {
    /// Draws those of these trials.
    fn draw(&mut self, draws: &Draws, widths: &Widths, trials: Range<usize>) {
        let one = |mode: u64, k: usize, d: usize, all: &mut [f32]| {
            let each = all.par_chunks_exact_mut(k * d).enumerate();
            each.for_each(|(position, out)| {
                let (pair, trial) = (position / trials.len(), position % trials.len());
                let path = [(trials.start + trial) as u64, pair as u64, mode];
                Sketch::entries(draws.ensemble, d, draws.seed, &path, out);
            });
        };
        one(FIRST, widths.first, widths.outputs, &mut self.first);
        one(SECOND, widths.second, widths.inputs, &mut self.second);
    }
}
