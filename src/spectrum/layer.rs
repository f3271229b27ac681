//! One layer: singular values of its blocks, and everything that follows from them.

use super::baseline::{Baseline, eigenvalues};
use super::draws::{Shape, descending};
use super::finding::{self, Finding, Precision, Question};
use super::law_comparison::{beside_bulk, beside_entries, distance_to_own_law};
use super::moments::Moments;
use super::norms::Norms;
use super::verdict::verdict;
use super::{
    BaselineKind, BlockSource, BlockSpectrum, Blocks, Cleaning, Denoising, EntryLaw, LawComparison,
    LayerMatrix, LayerSpectrum, Method, NoiseModel, PowerLaw, Settings, fit_power_law,
    hard_threshold, shrink,
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

    /// The spectrum of `layer`, whose entries are known with `precision`, from its decomposition. The
    /// entries are those that [`normalise`](crate::weights::normalise) leaves.
    pub fn judge(
        &self,
        layer: &LayerMatrix<'_>,
        decomposition: &Decomposition,
        precision: Precision,
    ) -> LayerSpectrum {
        let Decomposition { blocks, moments } = decomposition;
        let shape = Shape::of(layer);
        let values = descending(blocks.concat());
        let tolerance = error_bound(shape.rows, shape.columns, values[0], f64::EPSILON);
        let norms = Norms::of(&values, error_of(&values, shape, precision));
        let deviation = moments.variance.sqrt();
        let findings = self.findings(layer, blocks, precision);

        let level = self.settings.significance;
        let mut marchenko_pastur = beside_entries(&values, shape, level);
        let mut fitted_bulk = match &findings[..] {
            [one] => one.bulk.as_ref().map(|bulk| {
                let transposed = shape.rows > shape.columns;
                beside_bulk(one, bulk, transposed)
            }),
            _ => None,
        };
        let mut power_law = match &findings[..] {
            [one] => one.power_law.clone(),
            _ => self.pooled_power_law(&values[..norms.rank.min(values.len())], shape),
        };
        let baseline = (deviation > 0.0).then(|| self.baseline(layer, deviation));
        if let Some(baseline) = &baseline {
            // Distances to the law of shuffles are no distances to that of Marchenko and Pastur.
            let gaussian = noise_of(&findings).entries == EntryLaw::Gaussian;
            let laws = [
                &mut marchenko_pastur,
                if gaussian {
                    &mut fitted_bulk
                } else {
                    &mut None
                },
            ];
            for law in laws.into_iter().flatten() {
                law.ks_p_value = baseline.ks_p_value(law.ks_distance);
            }
            if let Some(fit) = &mut power_law {
                fit.noise_p_value = baseline.alpha_p_value(fit.alpha);
            }
        }
        let random_baseline = baseline.map(|baseline| baseline.compare(&values, deviation));
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
            denoising: fitted_bulk.as_ref().map(|bulk| denoise(&values, bulk)),
            blocks: (layer.source != BlockSource::Whole)
                .then(|| self.blocks(layer, blocks, &findings, &values, deviation)),
            singular_values: Some(values),
            marchenko_pastur,
            fitted_bulk,
            random_baseline,
            power_law,
            cleaning: set_aside(&findings),
            noise: noise_of(&findings),
            verdict: super::Verdict::default(),
        };
        spectrum.verdict = verdict(&findings, &spectrum);
        spectrum
    }

    /// How each block looks on its own.
    fn findings(
        &self,
        layer: &LayerMatrix<'_>,
        values: &[Vec<f64>],
        precision: Precision,
    ) -> Vec<Finding> {
        let question = Question {
            settings: &self.settings,
            precision,
            level: self.settings.significance / layer.blocks.len() as f64,
        };
        let blocks = layer.blocks.par_iter().zip(values);
        blocks
            .map(|(block, values)| finding::judge(*block, values, question))
            .collect()
    }

    /// The power law of all blocks' eigenvalues together.
    fn pooled_power_law(&self, values: &[f64], shape: Shape) -> Option<PowerLaw> {
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
        findings: &[Finding],
        all: &[f64],
        deviation: f64,
    ) -> Blocks {
        let shape = Shape::of(layer);
        let one = Shape { blocks: 1, ..shape };
        let single = self.gaussian(one);
        let each = layer
            .blocks
            .iter()
            .zip(values)
            .zip(findings)
            .map(|((block, values), finding)| {
                let ks = distance_to_own_law(values, one);
                BlockSpectrum {
                    variance: Moments::of(&[*block]).variance,
                    singular_values: Some(values.clone()),
                    spectral_norm: values[0],
                    ks_distance: ks,
                    ks_p_value: ks.and_then(|ks| single.ks_p_value(ks)),
                    kind: finding.kind,
                    bulk_variance: finding.bulk.as_ref().map(|bulk| bulk.variance),
                    edge: finding.bulk.as_ref().map(|bulk| bulk.edge),
                    spikes: finding.bulk.as_ref().map(|bulk| bulk.above),
                }
            })
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

/// The largest value that rounding may have made of a layer.
fn error_of(values: &[f64], shape: Shape, precision: Precision) -> f64 {
    let squares: f64 = values.iter().map(|s| s * s).sum();
    let rms = (squares / shape.entries() as f64).sqrt();
    precision.largest_error(shape.rows, shape.columns, rms, values[0])
}

/// What was set aside in all blocks together.
fn set_aside(findings: &[Finding]) -> Cleaning {
    let mut all = Cleaning::default();
    for Finding { cleaning, .. } in findings {
        all.zero_rows += cleaning.zero_rows;
        all.zero_columns += cleaning.zero_columns;
        all.repeated_rows += cleaning.repeated_rows;
        all.repeated_columns += cleaning.repeated_columns;
        all.outlying_entries += cleaning.outlying_entries;
        if findings.len() == 1 {
            all.outlying_at = cleaning.outlying_at.clone();
        }
    }
    all
}

/// The noise that the first block that is no Gaussian one was held against.
fn noise_of(findings: &[Finding]) -> NoiseModel {
    let special = findings.iter().find(|f| f.noise != NoiseModel::default());
    special.map(|f| f.noise.clone()).unwrap_or_default()
}

fn denoise(values: &[f64], bulk: &LawComparison) -> Denoising {
    let (m, n, variance) = (bulk.rows, bulk.columns, bulk.variance);
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
