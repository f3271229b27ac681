//! Trials on another machine than the processor, and how far its numbers are off.

use super::measure::room;
use super::memory::reserve;
use super::settings::SketchSettings;
use super::trial::{Draw, FIRST, SECOND};
use super::trials_plan::TrialsPlan;
use super::{Ensemble, Measurement, Sketch, SketchError, SketchedLayer, Widths};
use crate::program::{Exec, ExecError};
use crate::weights::{Chosen, Selection, Source};
use rayon::prelude::*;
use serde::Serialize;

/// Numbers that the plan of a batch of trials may hold, unless one trial needs more: 128 MiB on a GPU.
const ROOM: usize = 1 << 25;
/// Operations of a batch of trials, unless one trial takes more: some milliseconds.
const OPERATIONS: u64 = 1 << 33;
/// Fewest trials that the processor draws again.
const AGAIN: usize = 3;
/// One trial of so many is drawn again.
const SHARE: usize = 100;

/// A machine for the trials.
pub struct TrialDevice<'a> {
    name: String,
    exec: Box<dyn Exec + 'a>,
    least: Option<u64>,
}

impl<'a> TrialDevice<'a> {
    /// A machine that the user asked for by name: all trials run on it, or fail.
    pub fn new(name: &str, exec: Box<dyn Exec + 'a>) -> TrialDevice<'a> {
        TrialDevice {
            name: name.to_owned(),
            exec,
            least: None,
        }
    }

    /// The same, but the processor draws the trials of a layer that take fewer operations than `least`, and those for
    /// which the machine has no memory.
    #[must_use]
    pub fn where_it_pays(self, least: u64) -> TrialDevice<'a> {
        TrialDevice {
            least: Some(least),
            ..self
        }
    }

    /// Its name, which the result says.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether nobody asked for it by name.
    pub(super) fn is_chosen(&self) -> bool {
        self.least.is_some()
    }

    /// Whether the trials of a layer are to run on it.
    pub(super) fn takes(
        &self,
        layer: &SketchedLayer,
        ensemble: Ensemble,
        [k, l]: [usize; 2],
        trials: usize,
    ) -> bool {
        let widths = layer.widths(ensemble, k);
        let flops = widths.map_or(0, |widths| {
            flops(&widths, layer.outputs.ncols(), [l, trials])
        });
        ensemble.has_plan() && self.least.is_none_or(|least| flops >= least)
    }

    fn failed(&self, error: ExecError) -> SketchError {
        let device = self.name.clone();
        match error {
            ExecError::OutOfMemory { bytes, .. } | ExecError::OutOfHostMemory { bytes } => {
                SketchError::DeviceMemory { device, bytes }
            }
            ExecError::Lost { reason, .. } | ExecError::Refused { reason, .. } => {
                SketchError::Device { device, reason }
            }
            ExecError::Late { seconds, .. } => SketchError::Device {
                device,
                reason: format!("no answer within {seconds} seconds"),
            },
        }
    }
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
/// When `k` or `l` is 0, or the ensemble [has no plan](Ensemble::has_plan).
pub fn measure_on(
    device: &mut TrialDevice<'_>,
    layer: &SketchedLayer,
    ensemble: Ensemble,
    [k, l]: [usize; 2],
    trials: usize,
    seed: u64,
    mut progress: impl FnMut(usize) -> bool,
) -> Result<Measurement, SketchError> {
    assert!(k > 0 && l > 0, "sketches of {k} rows in {l} pairs");
    let name = ensemble.name();
    assert!(ensemble.has_plan(), "{name} sketches have no plan");
    let widths = layer.widths(ensemble, k)?;
    if trials == 0 || !progress(0) {
        return Ok(Measurement::default());
    }
    let together = together(layer, &widths, l, trials);
    room(layer, &widths, l)?;
    let numbers = [
        (widths.first, widths.outputs),
        (widths.second, widths.inputs),
    ]
    .map(|(k, d)| k.saturating_mul(d).saturating_mul(l * together));
    reserve(numbers[0].saturating_add(numbers[1]))?;
    let plan = TrialsPlan::new(layer, &widths, [l, together]);
    let mut batch = Batch {
        first: vec![0.0; numbers[0]],
        second: vec![0.0; numbers[1]],
    };
    batch.draw(ensemble, &widths, [0, together], seed);
    let exec = &mut *device.exec;
    let mut errors = Vec::new();
    let ran = plan.prepare(exec, layer).and_then(|()| {
        plan.start(exec, &batch.first, &batch.second)?;
        for start in (0..trials).step_by(together) {
            let next = start + together;
            let more = next < trials && progress(next);
            if more {
                // while the device is at work
                batch.draw(ensemble, &widths, [next, together], seed);
            }
            errors.extend(plan.errors(exec)?);
            if !more {
                break;
            }
            plan.start(exec, &batch.first, &batch.second)?;
        }
        Ok(())
    });
    ran.map_err(|error| device.failed(error))?;
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
            device: device.name.clone(),
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

/// Operations of all trials that `settings` ask for, of a convolution those of one patch: by this a device is chosen.
pub fn trial_flops(sources: &[Source], selection: &Selection, settings: &SketchSettings) -> u64 {
    let SketchSettings { k, l, trials, .. } = *settings;
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
                flops(&widths, view.columns, [l, trials])
            };
            let others = settings.sweep.iter().filter(|&&other| other != k);
            let all = others.fold(each(k), |all, &k| all.saturating_add(each(k)));
            all.saturating_mul(view.blocks as u64)
        })
    };
    let chosen = Chosen::all(sources, selection);
    chosen
        .iter()
        .fold(0, |all, tensor| all.saturating_add(of(tensor)))
}

/// `4 l d₁ q (k₁ + k₂)` for each trial.
fn flops(widths: &Widths, columns: usize, [l, trials]: [usize; 2]) -> u64 {
    let factors = [4, widths.outputs, columns, l, trials];
    let factors = factors.into_iter().map(|factor| factor as u64);
    let rows = (widths.first as u64).saturating_add(widths.second as u64);
    factors.fold(rows, u64::saturating_mul)
}

/// How many trials one submission takes: nearly as many in the last as in the others.
fn together(layer: &SketchedLayer, widths: &Widths, l: usize, trials: usize) -> usize {
    let (rows, columns) = layer.outputs.shape();
    let sides =
        |k: usize, d: usize| k.saturating_mul(d.saturating_add(rows).saturating_add(columns));
    let pair = sides(widths.first, 0).saturating_add(sides(widths.second, widths.inputs));
    // two errors and their squares
    let pair = pair.saturating_add(4 * rows * columns);
    let numbers = pair.saturating_mul(l).saturating_add(2 * rows * columns);
    let by_room = ROOM / numbers;
    let by_work = OPERATIONS / flops(widths, columns, [l, 1]).max(1);
    let most = by_room.min(usize::try_from(by_work).unwrap_or(usize::MAX));
    let most = most.clamp(1, trials);
    trials.div_ceil(trials.div_ceil(most))
}

/// The sketches of a batch of trials, transposed, times √k: sketch i of trial t is number `i T + t`.
struct Batch {
    first: Vec<f32>,
    second: Vec<f32>,
}

impl Batch {
    fn draw(
        &mut self,
        ensemble: Ensemble,
        widths: &Widths,
        [start, together]: [usize; 2],
        seed: u64,
    ) {
        let one = |mode: u64, k: usize, d: usize, all: &mut [f32]| {
            let each = all.par_chunks_exact_mut(k * d).enumerate();
            each.for_each(|(place, out)| {
                let (pair, trial) = (place / together, start + place % together);
                let path = [trial as u64, pair as u64, mode];
                Sketch::entries(ensemble, d, seed, &path, out);
            });
        };
        one(FIRST, widths.first, widths.outputs, &mut self.first);
        one(SECOND, widths.second, widths.inputs, &mut self.second);
    }
}
