//! WeightWatcher's columns, by its conventions: eigenvalues are s² without 1/N, N the larger and M
//! the smaller dimension, norms are squared, logarithms are to base 10.
//!
//! Where this differs on purpose: a fit that fails is null, never -1; a convolution kernel is one
//! matrix (out × (in h w)), not h w slices; square matrices are fitted with the right density;
//! spikes are counted against the Tracy-Widom law of the largest value; no eigenvalue is left out
//! for being below 10⁻⁵.

use super::column::{Column, series};
use super::frame::shape;
use crate::spectrum::{Analysis, Layer, LayerSpectrum};
use polars::prelude::{DataFrame, PolarsResult};

const LAYER: [Column<Layer>; 3] = [
    Column::text("name", |l| Some(l.name.clone())),
    Column::text("file", |l| Some(l.file.clone())),
    Column::text("shape", |l| Some(shape(&l.shape))),
];

const SPECTRUM: [Column<LayerSpectrum>; 13] = [
    Column::number("N", |s| Some(block(s).0)),
    Column::number("M", |s| Some(block(s).1)),
    Column::number("log_norm", |s| Some(energy(s).log10())),
    Column::number("alpha", alpha),
    Column::number("alpha_weighted", |s| Some(alpha(s)? * log_spectral_norm(s))),
    Column::number("log_alpha_norm", log_alpha_norm),
    Column::number("log_spectral_norm", |s| Some(log_spectral_norm(s))),
    Column::number("stable_rank", |s| s.stable_rank),
    Column::number("mp_softrank", |s| {
        let upper = s.fitted_bulk.as_ref()?.upper_singular_value;
        Some((upper / s.spectral_norm).powi(2))
    }),
    Column::number("num_spikes", |s| {
        Some(s.fitted_bulk.as_ref()?.spikes as f64)
    }),
    Column::number("sigma_mp", sigma_mp),
    Column::number("entropy", entropy),
    Column::number("rank_loss", |s| {
        let values = s.singular_values.as_ref()?;
        Some((values.len() - rank(s)?) as f64)
    }),
];

/// One row a tensor, numbers only where it was analysed.
///
/// # Errors
///
/// Polars' own, when memory does not suffice.
pub fn weightwatcher_frame(analysis: &Analysis) -> PolarsResult<DataFrame> {
    let layers: Vec<Option<&Layer>> = analysis.rows.iter().map(Some).collect();
    let spectra = analysis.rows.iter().map(|layer| layer.spectrum.as_ref());
    let spectra: Vec<Option<&LayerSpectrum>> = spectra.collect();
    let columns = [series(&LAYER, &layers), series(&SPECTRUM, &spectra)];
    DataFrame::new(layers.len(), columns.concat())
}

/// N and M, of a block where there are blocks.
fn block(s: &LayerSpectrum) -> (f64, f64) {
    let (m, n) = match &s.blocks {
        Some(blocks) => (blocks.rows, blocks.columns),
        None => (s.rows, s.columns),
    };
    (m.max(n) as f64, m.min(n) as f64)
}

fn energy(s: &LayerSpectrum) -> f64 {
    s.frobenius_norm * s.frobenius_norm
}

fn alpha(s: &LayerSpectrum) -> Option<f64> {
    s.power_law.as_ref().map(|fit| fit.alpha)
}

fn log_spectral_norm(s: &LayerSpectrum) -> f64 {
    2.0 * s.spectral_norm.log10()
}

/// log₁₀ Σ λ^α.
fn log_alpha_norm(s: &LayerSpectrum) -> Option<f64> {
    let alpha = alpha(s)?;
    let values = s.singular_values.as_ref()?;
    let relative: f64 = values
        .iter()
        .map(|x| (x / s.spectral_norm).powf(2.0 * alpha))
        .sum();
    Some(alpha * log_spectral_norm(s) + relative.log10())
}

/// σ of the fitted bulk, in units in which the mean eigenvalue is 1.
fn sigma_mp(s: &LayerSpectrum) -> Option<f64> {
    let variance = s.fitted_bulk.as_ref()?.variance;
    let mean = energy(s) / s.singular_values.as_ref()?.len() as f64;
    Some((variance * block(s).0 / mean).sqrt())
}

/// Values above N ε s₁, ε of f64 whatever the storage type.
fn rank(s: &LayerSpectrum) -> Option<usize> {
    let tolerance = block(s).0 * f64::EPSILON * s.spectral_norm;
    let values = s.singular_values.as_ref()?;
    Some(values.iter().filter(|&&x| x > tolerance).count())
}

/// -Σ p ln p / ln rank, p the shares of the eigenvalues, with 10⁻¹⁰ added to p and rank.
fn entropy(s: &LayerSpectrum) -> Option<f64> {
    const OFFSET: f64 = 1e-10;
    let total = energy(s);
    let values = s.singular_values.as_ref()?;
    let sum: f64 = values
        .iter()
        .map(|x| x * x / total + OFFSET)
        .map(|p| -p * p.ln())
        .sum();
    Some(sum / (rank(s)? as f64 + OFFSET).ln()).filter(|_| s.rank > 1)
}
