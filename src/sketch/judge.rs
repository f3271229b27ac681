//! One layer through all questions.

use super::device::measure_where_it_pays;
use super::exact::smaller;
use super::remarks::remarks;
use super::result::{Averaged, Exceedance, Mode, SweepPoint, TargetChoice, TensorMode};
use super::settings::powers_of_two;
use super::{
    Accuracy, Cost, Draws, Energies, Ensemble, Measurement, SketchError, SketchSettings, Sketched,
    SketchedLayer, Variances, Widths, best_fit, bounds, least_rows, mean_interval, mode_variance,
    share_interval, variances,
};
use crate::device::Device;
use crate::survey::Scale;

/// What errors are held against.
#[derive(Debug, Clone, Copy)]
struct Size {
    /// ‖W M‖².
    outputs: f64,
    /// How far apart sums that are equal may be found.
    rounding: f64,
}

/// Deviation asked about unless told otherwise, in root-mean-square errors.
const DEVIATION: f64 = 2.0;

pub(super) struct Judge<'a> {
    pub settings: &'a SketchSettings,
    /// The stored shape.
    pub shape: &'a [usize],
    /// What was divided out of the weights.
    pub weights: Scale,
    /// What was divided out of the inputs.
    pub inputs: Scale,
}

impl Judge<'_> {
    /// What is found, and remarks. `show` is told which part is done; `false` ends the trials.
    pub fn judged(
        &self,
        layer: &SketchedLayer,
        mut device: Option<&mut Device<'_>>,
        show: &mut dyn FnMut(f64) -> bool,
    ) -> Result<(Sketched, Vec<String>), SketchError> {
        let settings = self.settings;
        let SketchSettings { k, l, .. } = *settings;
        let widths = layer.widths(settings.ensemble, k)?;
        let (rows, columns) = (widths.outputs, widths.inputs);
        let exact = variances(&layer.energies(), settings.ensemble, &widths, l);
        let runs = 1 + settings.sweep.len();
        let (mut run, mut interrupted) = (0, false);
        let mut accuracy: Option<Accuracy> = None;
        let mut measured = |k: usize| -> Result<Measurement, SketchError> {
            let trials = settings.trials;
            let draws = Draws {
                rows: k,
                ..settings.draws()
            };
            let found = measure_where_it_pays(layer, &draws, device.as_deref_mut(), |done| {
                interrupted |= !show((run as f64 + done as f64 / trials as f64) / runs as f64);
                !interrupted
            })?;
            run += 1;
            accuracy = match (accuracy, found.accuracy) {
                (Some(one), Some(other)) => Some(one.with(other)),
                (one, other) => one.or(other),
            };
            Ok(found)
        };
        let own = measured(k)?;
        let point = self.point(layer, k, Some(&own))?;
        let (mut sweep, mut refused) = (Vec::new(), Vec::new());
        for &other in &settings.sweep {
            match layer.widths(settings.ensemble, other) {
                Ok(_) if other == k => sweep.push(point.clone()),
                Ok(_) => {
                    let found = measured(other)?;
                    sweep.push(self.point(layer, other, Some(&found))?);
                }
                Err(error) => refused.push(error.to_string()),
            }
        }
        if settings.sweep.is_empty() {
            let all = powers_of_two(rows.max(columns)).into_iter();
            sweep = all
                .filter_map(|k| self.point(layer, k, None).ok())
                .collect();
        }
        let best_fit = if interrupted {
            None
        } else {
            Some(best_fit(layer, &settings.draws())?)
        };
        let sketched = Sketched {
            rows,
            columns,
            area: layer.area(),
            samples: layer.activations.samples,
            trials: own.averaged.len(),
            k,
            l,
            cost: Cost::of(settings.ensemble, &widths, l),
            dense_parameters: rows * columns,
            compression_rate: point.compression_rate,
            energies: self.scaled_energies(layer.energies()),
            mode1: point.mode1,
            mode2: point.mode2,
            averaged: point.averaged,
            better_mode: smaller(exact.mode1, exact.mode2),
            better_mode_at_equal_parameters: smaller(
                exact.mode1,
                at_equal_numbers(layer, settings.ensemble, &widths),
            ),
            exceedance: self.exceedance(layer.energies().outputs, &exact, &own),
            best_fit,
            target: self.target(layer),
            sweep,
            tensor_modes: self.tensor_modes(layer.energies().weights),
            accuracy,
        };
        let mut notes = remarks(layer, &sketched);
        notes.extend(
            refused
                .into_iter()
                .map(|why| format!("left out of the sweep: {why}")),
        );
        Ok((sketched, notes))
    }

    /// Exact variances, bounds and what was drawn, for one k.
    fn point(
        &self,
        layer: &SketchedLayer,
        k: usize,
        drawn: Option<&Measurement>,
    ) -> Result<SweepPoint, SketchError> {
        let SketchSettings { ensemble, l, .. } = *self.settings;
        let widths = layer.widths(ensemble, k)?;
        let energies = layer.energies();
        let exact = variances(&energies, ensemble, &widths, l);
        let bounds = ensemble.has_bounds.then(|| bounds(&energies, &widths, l));
        let accuracy = drawn.and_then(|drawn| drawn.accuracy);
        let mode = |exact: f64, bound: Option<f64>, drawn: Option<&[f64]>| {
            let rounding = (widths.outputs + widths.inputs) as f64 * f64::EPSILON;
            let rounding = accuracy.map_or(rounding, |accuracy| accuracy.bound);
            let rounding = rounding * (energies.outputs + exact);
            let size = Size {
                outputs: energies.outputs,
                rounding,
            };
            self.mode(size, exact, bound, drawn)
        };
        let printed = bounds.and_then(|b| b.averaged_printed);
        let parameters = Cost::of(ensemble, &widths, l).parameters;
        Ok(SweepPoint {
            k,
            compression_rate: parameters as f64 / (widths.outputs * widths.inputs) as f64,
            mode1: mode(
                exact.mode1,
                bounds.map(|b| b.mode1),
                drawn.map(|d| &*d.mode1),
            ),
            mode2: mode(
                exact.mode2,
                bounds.map(|b| b.mode2),
                drawn.map(|d| &*d.mode2),
            ),
            averaged: Averaged {
                mode: mode(
                    exact.averaged,
                    bounds.map(|b| b.averaged),
                    drawn.map(|d| &*d.averaged),
                ),
                printed_bound: printed.and_then(|bound| self.scaled(bound)),
                printed_bound_holds: printed.map(|bound| exact.averaged <= bound),
            },
        })
    }

    fn mode(
        &self,
        Size { outputs, rounding }: Size,
        exact: f64,
        bound: Option<f64>,
        drawn: Option<&[f64]>,
    ) -> Mode {
        let interval = drawn.and_then(|d| mean_interval(d, self.settings.confidence));
        Mode {
            exact: self.scaled(exact),
            bound: bound.and_then(|bound| self.scaled(bound)),
            slack: bound.filter(|_| exact > 0.0).map(|bound| bound / exact),
            relative_error: (outputs > 0.0).then(|| (exact / outputs).sqrt()),
            measured: interval.and_then(|i| self.scaled(i.estimate)),
            interval: interval.and_then(|i| Some([self.scaled(i.low)?, self.scaled(i.high)?])),
            interval_holds_exact: interval
                .map(|i| (i.low - rounding..=i.high + rounding).contains(&exact)),
        }
    }

    fn exceedance(
        &self,
        outputs: f64,
        exact: &Variances,
        drawn: &Measurement,
    ) -> Option<Exceedance> {
        let relative = (outputs > 0.0).then(|| (exact.averaged / outputs).sqrt())?;
        let deviation = self.settings.deviation.unwrap_or(DEVIATION * relative);
        let least = deviation * deviation * outputs;
        let hits = drawn
            .averaged
            .iter()
            .filter(|error| **error >= least)
            .count();
        let count = drawn.averaged.len();
        (deviation > 0.0).then(|| Exceedance {
            deviation,
            chebyshev: (relative / deviation).powi(2).min(1.0),
            measured: share_interval(hits, count, self.settings.confidence),
        })
    }

    fn target(&self, layer: &SketchedLayer) -> Vec<TargetChoice> {
        let SketchSettings { ensemble, l, .. } = *self.settings;
        let Some(target) = self.settings.target else {
            return Vec::new();
        };
        let mut pairs = self.settings.target_pairs.clone();
        pairs.push(l);
        pairs.sort_unstable();
        pairs.dedup();
        let choice = |l: usize| {
            let k = least_rows(layer, ensemble, l, target);
            let widths = k.and_then(|k| layer.widths(ensemble, k).ok());
            let cost = widths.map(|widths| Cost::of(ensemble, &widths, l));
            let dense = widths.map(|widths| (widths.outputs * widths.inputs) as f64);
            TargetChoice {
                l,
                k,
                cost,
                compression_rate: cost.zip(dense).map(|(c, d)| c.parameters as f64 / d),
            }
        };
        pairs.into_iter().map(choice).collect()
    }

    /// None for a matrix, whose two are mode 1 and mode 2 without inputs.
    fn tensor_modes(&self, energy: f64) -> Vec<TensorMode> {
        let SketchSettings { ensemble, k, .. } = *self.settings;
        if self.shape.len() < 3 {
            return Vec::new();
        }
        let count: usize = self.shape.iter().product();
        let modes = self.shape.iter().enumerate();
        let possible = modes.filter(|(_, d)| k <= ensemble.most_rows(**d));
        possible
            .map(|(mode, &dimension)| TensorMode {
                mode: mode + 1,
                dimension,
                exact: self.scaled(mode_variance(ensemble, k, dimension, energy)),
                relative_error: mode_variance(ensemble, k, dimension, 1.0).sqrt(),
                parameters: (count / dimension).saturating_mul(k),
            })
            .collect()
    }

    /// A squared norm of outputs in the units of the file.
    fn scaled(&self, x: f64) -> Option<f64> {
        in_range(x, self.weights.times(self.inputs))
    }

    fn scaled_energies(&self, energies: Energies) -> Option<Energies> {
        let (inputs, both) = (self.inputs, self.weights.times(self.inputs));
        Some(Energies {
            weights: in_range(energies.weights, self.weights)?,
            inputs: in_range(energies.inputs, inputs)?,
            outputs: in_range(energies.outputs, both)?,
            matched: in_range(energies.matched, both)?,
            crossed: in_range(energies.crossed, both)?,
            images: energies
                .images
                .map_or(Some(None), |images| in_range(images, inputs).map(Some))?,
        })
    }
}

/// The variance of mode 2 with as many rows as the numbers kept by mode 1 allow, all that the ensemble has
/// at most.
fn at_equal_numbers(layer: &SketchedLayer, ensemble: Ensemble, widths: &Widths) -> f64 {
    let rows = widths.first * widths.inputs / widths.outputs;
    let second = rows.clamp(1, ensemble.most_rows(widths.inputs));
    let widths = Widths { second, ..*widths };
    variances(&layer.energies(), ensemble, &widths, 1).mode2
}

/// `x` in the units of the file, unless it leaves the range of normal numbers there.
fn in_range(x: f64, scale: Scale) -> Option<f64> {
    let scaled = scale.restore_square(x);
    (x == 0.0 || scaled.is_normal()).then_some(scaled)
}
