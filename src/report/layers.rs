//! The columns of an analysis: a row a layer.

use super::column::{Column, series};
use super::format::Format::{Fixed, P, Significant, Whole};
use super::frame::{key, shape, status};
use crate::spectrum::{Analysis, Layer, LayerSpectrum};
use polars::prelude::{DataFrame, PolarsResult};

#[rustfmt::skip]
const LAYER: [Column<Layer>; 15] = [
    Column::text("name", |l| Some(l.name.clone())),
    Column::text("file", |l| Some(l.file.clone())),
    Column::text("status", |l| Some(status(l.status).into())),
    Column::text("reason", |l| l.reason.clone()),
    Column::text("dtype", |l| Some(l.dtype.clone())),
    Column::text("shape", |l| Some(shape(&l.shape))),
    Column::text("view", |l| l.view.clone()),
    Column::text("verdict", |l| Some(l.spectrum.as_ref()?.verdict.text.clone())),
    Column::text("verdict_kind", |l| key(&l.spectrum.as_ref()?.verdict.kind)),
    Column::text("role", |l| key(&l.role)),
    Column::text("stack", |l| Some(l.depth.as_ref()?.stack.clone())),
    Column::number("depth", |l| Some(l.depth.as_ref()?.layer as f64)),
    Column::text("noise_entries", |l| key(&l.spectrum.as_ref()?.noise.entries)),
    Column::text("noise_unequal", |l| key(&l.spectrum.as_ref()?.noise.unequal?)),
    Column::text("tail_preferred", |l| {
        let tail = l.spectrum.as_ref()?.power_law.as_ref()?;
        key(&tail.rivals.as_ref()?.preferred)
    }),
];

/// Numbers of a spectrum.
#[rustfmt::skip]
pub(super) const SPECTRUM: [Column<LayerSpectrum>; 52] = [
    Column::number("rows", |s| Some(s.rows as f64)),
    Column::number("columns", |s| Some(s.columns as f64)),
    Column::shown("parameters", "parameters", Whole, "Entries of the matrix", |s| Some(s.parameters as f64)),
    Column::number("mean", |s| Some(s.mean)),
    Column::number("variance", |s| Some(s.variance)),
    Column::number("kurtosis", |s| s.kurtosis),
    Column::number("largest_entry", |s| Some(s.largest_entry)),
    Column::number("frobenius_norm", |s| Some(s.frobenius_norm)),
    Column::shown("spectral_norm", "s₁", Significant, "Largest singular value", |s| Some(s.spectral_norm)),
    Column::number("nuclear_norm", |s| Some(s.nuclear_norm)),
    Column::number("rank", |s| Some(s.rank as f64)),
    Column::shown("stable_rank", "stable rank", Fixed(1), "Σ sᵢ² / s₁²: how many directions carry the energy", |s| s.stable_rank),
    Column::shown("effective_rank", "eff. rank", Fixed(0), "Effective rank: how many directions the matrix uses", |s| s.effective_rank),
    Column::number("participation_ratio", |s| s.participation_ratio),
    Column::number("condition_number", |s| s.condition_number),
    Column::number("mp_variance", |s| Some(s.marchenko_pastur.as_ref()?.variance)),
    Column::number("mp_lower_edge", |s| Some(s.marchenko_pastur.as_ref()?.lower_edge)),
    Column::number("mp_upper_edge", |s| Some(s.marchenko_pastur.as_ref()?.upper_edge)),
    Column::number("mp_ks_distance", |s| Some(s.marchenko_pastur.as_ref()?.ks_distance)),
    Column::number("mp_ks_p_value", |s| s.marchenko_pastur.as_ref()?.ks_p_value),
    Column::number("mp_fraction_outside", |s| Some(s.marchenko_pastur.as_ref()?.fraction_outside)),
    Column::number("mp_spikes", |s| Some(s.marchenko_pastur.as_ref()?.spikes as f64)),
    Column::number("bulk_variance", |s| Some(s.fitted_bulk.as_ref()?.variance)),
    Column::number("bulk_upper_edge", |s| Some(s.fitted_bulk.as_ref()?.upper_edge)),
    Column::shown("bulk_ks_distance", "KS", Fixed(3), "Kolmogorov-Smirnov distance of the values in the bulk to its law", |s| Some(s.fitted_bulk.as_ref()?.ks_distance)),
    Column::number("bulk_ks_p_value", |s| s.fitted_bulk.as_ref()?.ks_p_value),
    Column::number("bulk_spikes", |s| Some(s.fitted_bulk.as_ref()?.spikes as f64)),
    Column::number("bulk_below", |s| Some(s.fitted_bulk.as_ref()?.below as f64)),
    Column::number("soft_rank", |s| s.fitted_bulk.as_ref()?.soft_rank),
    Column::number("threshold_rank", |s| Some(s.denoising.as_ref()?.rank as f64)),
    Column::number("energy_left", |s| Some(s.denoising.as_ref()?.energy_left)),
    Column::shown("baseline_mean_distance", "distance", Fixed(3), "Mean over orders of |1 − ratio| to random matrices", |s| Some(s.random_baseline.as_ref()?.mean_distance)),
    Column::number("baseline_expected_distance", |s| Some(s.random_baseline.as_ref()?.expected_distance)),
    Column::shown("baseline_largest_ratio", "s₁ / R", Fixed(3), "Largest singular value over its mean in random matrices", |s| Some(s.random_baseline.as_ref()?.largest_ratio)),
    Column::number("baseline_smallest_ratio", |s| s.random_baseline.as_ref()?.smallest_ratio),
    Column::shown("alpha", "alpha", Fixed(2), "Exponent of the power-law tail of the eigenvalues", |s| Some(s.power_law.as_ref()?.alpha)),
    Column::number("alpha_error", |s| Some(s.power_law.as_ref()?.alpha_error)),
    Column::number("alpha_p_value", |s| s.power_law.as_ref()?.p_value),
    Column::number("alpha_noise_p_value", |s| s.power_law.as_ref()?.noise_p_value),
    Column::number("alpha_hill", |s| s.power_law.as_ref()?.alpha_hill),
    Column::number("x_min", |s| Some(s.power_law.as_ref()?.x_min)),
    Column::number("tail_size", |s| Some(s.power_law.as_ref()?.tail_size as f64)),
    Column::number("power_law_ks_distance", |s| Some(s.power_law.as_ref()?.ks_distance)),
    Column::number("blocks", |s| Some(s.blocks.as_ref()?.count as f64)),
    Column::shown("spikes", "spikes", Whole, "Values above the random bulk", |s| s.spikes().map(|count| count as f64)),
    Column::shown("verdict_p_value", "p", P, "Chance of a largest value as large in noise; empty without a random bulk", |s| s.verdict.p_value),
    Column::number("zero_rows", |s| Some(s.cleaning.zero_rows as f64)),
    Column::number("zero_columns", |s| Some(s.cleaning.zero_columns as f64)),
    Column::number("repeated_rows", |s| Some(s.cleaning.repeated_rows as f64)),
    Column::number("repeated_columns", |s| Some(s.cleaning.repeated_columns as f64)),
    Column::number("outlying_entries", |s| Some(s.cleaning.outlying_entries as f64)),
    Column::number("noise_shuffles", |s| Some(s.noise.shuffles as f64)),
];

/// Returns an analysis as a table of one row a tensor; numbers that are undefined are null.
///
/// # Errors
///
/// Polars' own, when memory does not suffice.
pub fn analysis_frame(analysis: &Analysis) -> PolarsResult<DataFrame> {
    let layers: Vec<Option<&Layer>> = analysis.rows.iter().map(Some).collect();
    let spectra = analysis.rows.iter().map(|layer| layer.spectrum.as_ref());
    let spectra: Vec<Option<&LayerSpectrum>> = spectra.collect();
    let columns = [series(&LAYER, &layers), series(&SPECTRUM, &spectra)];
    DataFrame::new(layers.len(), columns.concat())
}
