//! One layer: singular values of its blocks, and everything that follows from them.

use super::baseline::{Baseline, eigenvalues};
use super::draws::{Shape, descending};
use super::law_comparison::{BlockLaw, compare, spikes};
use super::moments::Moments;
use super::norms::Norms;
use super::verdict::verdict;
use super::{
    BaselineKind, BlockSource, BlockSpectrum, Blocks, Denoising, LayerMatrix, LayerSpectrum,
    Method, PowerLaw, Settings, fit_power_law, hard_threshold, shrink,
};
use crate::linalg::{NotConverged, error_bound, method, singular_values};
use faer::Par;
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// What takes the time: singular values and moments of a layer.
#[derive(Debug)]
pub struct Decomposition {
    /// Singular values block by block, each descending.
    pub(super) blocks: Vec<Vec<f64>>,
    pub(super) moments: Moments,
}

impl Decomposition {
    /// Of `layer`, on the threads of `par`.
    ///
    /// # Errors
    ///
    /// [`NotConverged`] when an entry is not finite.
    pub fn of(layer: &LayerMatrix<'_>, par: Par) -> Result<Decomposition, NotConverged> {
        let blocks: Result<_, _> = layer
            .blocks
            .iter()
            .map(|block| singular_values(*block, par))
            .collect();
        Ok(Decomposition {
            blocks: blocks?,
            moments: Moments::of(&layer.blocks),
        })
    }
}

/// Analyses layers, keeping the random spectra of each shape for the next layer of that shape.
#[derive(Debug)]
pub struct Analyzer {
    settings: Settings,
    gaussian: Mutex<HashMap<Shape, Arc<Baseline>>>,
}

impl Analyzer {
    /// With settings that hold for every layer.
    pub fn new(settings: Settings) -> Analyzer {
        Analyzer {
            settings,
            gaussian: Mutex::default(),
        }
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The spectrum of `layer`, whose entries were stored with relative precision `epsilon`, from
    /// its decomposition. The entries are those that [`normalise`](crate::weights::normalise) leaves.
    pub fn judge(
        &self,
        layer: &LayerMatrix<'_>,
        decomposition: &Decomposition,
        epsilon: f64,
    ) -> LayerSpectrum {
        let Decomposition { blocks, moments } = decomposition;
        let shape = Shape::of(layer);
        let values = descending(blocks.concat());
        let tolerance = error_bound(shape.rows, shape.columns, values[0], f64::EPSILON);
        let norms = Norms::of(&values, (epsilon / 2.0).max(tolerance / frobenius(&values)));
        let deviation = moments.variance.sqrt();
        let significance = self.settings.significance;

        let baseline = (deviation > 0.0).then(|| self.baseline(layer, deviation));
        let mut marchenko_pastur = BlockLaw::of_entries(&values, shape)
            .map(|law| compare(&values, blocks, shape, law, significance));
        let mut fitted_bulk = BlockLaw::of_bulk(blocks, shape)
            .map(|law| compare(&values, blocks, shape, law, significance));
        let mut power_law = self.power_law(&values[..norms.rank], shape);
        if let Some(baseline) = &baseline {
            if let Some(law) = &mut marchenko_pastur {
                law.ks_p_value = baseline.entry_ks_p_value(law.ks_distance);
            }
            if let Some(law) = &mut fitted_bulk {
                law.ks_p_value = baseline.bulk_ks_p_value(law.ks_distance);
            }
            if let Some(fit) = &mut power_law {
                fit.p_value = baseline.alpha_p_value(fit.alpha);
            }
        }
        let random_baseline = baseline.map(|baseline| {
            let mut found = baseline.compare(&values, deviation);
            if self.settings.baseline == BaselineKind::Shuffle {
                let shift = moments.mean.abs() * (shape.rows as f64 * shape.columns as f64).sqrt();
                let gaussian = self.gaussian(shape);
                found.heavy_entries = Some(
                    values[0] <= found.upper[0]
                        && baseline.exceeds(&gaussian)
                        && shift < gaussian.largest_of(deviation),
                );
            }
            found
        });
        let (rows, columns) = layer.shape();
        let mut spectrum = LayerSpectrum {
            rows,
            columns,
            parameters: moments.count,
            mean: moments.mean,
            variance: moments.variance,
            kurtosis: moments.kurtosis,
            largest_entry: moments.largest,
            frobenius_norm: norms.frobenius,
            spectral_norm: norms.spectral,
            nuclear_norm: norms.nuclear,
            rank: norms.rank,
            stable_rank: norms.stable_rank,
            effective_rank: norms.effective_rank,
            participation_ratio: norms.participation_ratio,
            condition_number: norms.condition_number,
            energy: norms.energy,
            method: Method {
                name: method(shape.rows, shape.columns).into(),
                tolerance,
            },
            denoising: fitted_bulk
                .as_ref()
                .map(|bulk| denoise(&values, shape, bulk.variance)),
            blocks: (layer.source != BlockSource::Whole)
                .then(|| self.blocks(layer, blocks, &values, deviation)),
            singular_values: Some(values),
            marchenko_pastur,
            fitted_bulk,
            random_baseline,
            power_law,
            verdict: super::Verdict::default(),
        };
        spectrum.verdict = verdict(&spectrum, &self.settings);
        spectrum
    }

    fn power_law(&self, values: &[f64], shape: Shape) -> Option<PowerLaw> {
        fit_power_law(
            &eigenvalues(values, shape.columns),
            self.settings.ks_side,
            self.settings.min_tail,
        )
    }

    fn baseline(&self, layer: &LayerMatrix<'_>, deviation: f64) -> Arc<Baseline> {
        match self.settings.baseline {
            BaselineKind::Gaussian => self.gaussian(Shape::of(layer)),
            BaselineKind::Shuffle => Arc::new(Baseline::shuffled(layer, deviation, &self.settings)),
        }
    }

    /// The random spectra of `shape`, drawn when first asked for.
    pub(super) fn gaussian(&self, shape: Shape) -> Arc<Baseline> {
        let known = |shapes: &HashMap<Shape, Arc<Baseline>>| shapes.get(&shape).cloned();
        if let Some(baseline) = known(&self.gaussian.lock().expect("no panic while locked")) {
            return baseline;
        }
        let baseline = Arc::new(Baseline::gaussian(shape, &self.settings));
        let mut shapes = self.gaussian.lock().expect("no panic while locked");
        shapes.entry(shape).or_insert(baseline).clone()
    }

    fn blocks(
        &self,
        layer: &LayerMatrix<'_>,
        values: &[Vec<f64>],
        all: &[f64],
        deviation: f64,
    ) -> Blocks {
        let shape = Shape::of(layer);
        let single = self.gaussian(Shape { blocks: 1, ..shape });
        let each = layer
            .blocks
            .par_iter()
            .zip(values)
            .map(|(block, values)| self.block(Moments::of(&[*block]), values, shape, &single))
            .collect();
        Blocks {
            count: shape.blocks,
            rows: shape.rows,
            columns: shape.columns,
            source: layer.source,
            share: layer.share,
            each,
            full_shape_baseline: (deviation > 0.0)
                .then(|| self.gaussian(shape.full()).compare(all, deviation)),
        }
    }
}

impl Analyzer {
    fn block(
        &self,
        moments: Moments,
        values: &[f64],
        shape: Shape,
        baseline: &Baseline,
    ) -> BlockSpectrum {
        let one = Shape { blocks: 1, ..shape };
        let block = [values.to_vec()];
        let ks = BlockLaw::of_entries(values, one).map(|law| law.distance(values));
        BlockSpectrum {
            variance: moments.variance,
            singular_values: Some(values.to_vec()),
            spectral_norm: values[0],
            ks_distance: ks,
            ks_p_value: ks.and_then(|ks| baseline.entry_ks_p_value(ks)),
            spikes: BlockLaw::of_bulk(&block, one).map_or(0, |law| {
                spikes(&block, one, law.variance, self.settings.significance).len()
            }),
        }
    }
}

fn denoise(values: &[f64], shape: Shape, variance: f64) -> Denoising {
    let (m, n) = (shape.rows, shape.columns);
    let threshold = hard_threshold(m, n, variance);
    let shrunk: Vec<f64> = values.iter().map(|&s| shrink(s, m, n, variance)).collect();
    Denoising {
        threshold,
        rank: values.iter().filter(|&&s| s > threshold).count(),
        shrunk_rank: shrunk.iter().filter(|&&s| s > 0.0).count(),
        energy_left: (frobenius(&shrunk) / frobenius(values)).powi(2),
    }
}

fn frobenius(values: &[f64]) -> f64 {
    values.iter().map(|s| s * s).sum::<f64>().sqrt()
}
