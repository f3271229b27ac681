//! Tables that leave the program: one row a layer or a pair, as CSV or Parquet.

use super::analysis::spikes;
use crate::spectrum::{Analysis, Comparison, LayerSpectrum, Sisters};
use crate::weights::Status;
use polars::prelude::{
    ChunkApply, Column, CsvWriter, DataFrame, DataType, IntoColumn, NamedFrom, ParquetWriter,
    PolarsResult, SerWriter, Series,
};
use serde::Serialize;
use std::borrow::Cow;

/// A number of a spectrum, or of a pair.
pub(super) type Number<T> = (&'static str, fn(&T) -> Option<f64>);

const LAYER_NUMBERS: &[Number<LayerSpectrum>] = &[
    ("rows", |s| Some(s.rows as f64)),
    ("columns", |s| Some(s.columns as f64)),
    ("parameters", |s| Some(s.parameters as f64)),
    ("mean", |s| Some(s.mean)),
    ("variance", |s| Some(s.variance)),
    ("kurtosis", |s| s.kurtosis),
    ("largest_entry", |s| Some(s.largest_entry)),
    ("frobenius_norm", |s| Some(s.frobenius_norm)),
    ("spectral_norm", |s| Some(s.spectral_norm)),
    ("nuclear_norm", |s| Some(s.nuclear_norm)),
    ("rank", |s| Some(s.rank as f64)),
    ("stable_rank", |s| s.stable_rank),
    ("effective_rank", |s| s.effective_rank),
    ("participation_ratio", |s| s.participation_ratio),
    ("condition_number", |s| s.condition_number),
    ("mp_variance", |s| {
        s.marchenko_pastur.as_ref().map(|l| l.variance)
    }),
    ("mp_lower_edge", |s| {
        s.marchenko_pastur.as_ref().map(|l| l.lower_edge)
    }),
    ("mp_upper_edge", |s| {
        s.marchenko_pastur.as_ref().map(|l| l.upper_edge)
    }),
    ("mp_ks_distance", |s| {
        s.marchenko_pastur.as_ref().map(|l| l.ks_distance)
    }),
    ("mp_ks_p_value", |s| {
        s.marchenko_pastur.as_ref().and_then(|l| l.ks_p_value)
    }),
    ("mp_fraction_outside", |s| {
        s.marchenko_pastur.as_ref().map(|l| l.fraction_outside)
    }),
    ("mp_spikes", |s| {
        s.marchenko_pastur.as_ref().map(|l| l.spikes as f64)
    }),
    ("bulk_variance", |s| {
        s.fitted_bulk.as_ref().map(|l| l.variance)
    }),
    ("bulk_upper_edge", |s| {
        s.fitted_bulk.as_ref().map(|l| l.upper_edge)
    }),
    ("bulk_ks_distance", |s| {
        s.fitted_bulk.as_ref().map(|l| l.ks_distance)
    }),
    ("bulk_ks_p_value", |s| {
        s.fitted_bulk.as_ref().and_then(|l| l.ks_p_value)
    }),
    ("bulk_spikes", |s| {
        s.fitted_bulk.as_ref().map(|l| l.spikes as f64)
    }),
    ("bulk_below", |s| {
        s.fitted_bulk.as_ref().map(|l| l.below as f64)
    }),
    ("soft_rank", |s| {
        s.fitted_bulk.as_ref().and_then(|l| l.soft_rank)
    }),
    ("threshold_rank", |s| {
        s.denoising.as_ref().map(|d| d.rank as f64)
    }),
    ("energy_left", |s| {
        s.denoising.as_ref().map(|d| d.energy_left)
    }),
    ("baseline_mean_distance", |s| {
        s.random_baseline.as_ref().map(|b| b.mean_distance)
    }),
    ("baseline_expected_distance", |s| {
        s.random_baseline.as_ref().map(|b| b.expected_distance)
    }),
    ("baseline_largest_ratio", |s| {
        s.random_baseline.as_ref().map(|b| b.largest_ratio)
    }),
    ("baseline_smallest_ratio", |s| {
        s.random_baseline.as_ref().and_then(|b| b.smallest_ratio)
    }),
    ("alpha", |s| s.power_law.as_ref().map(|p| p.alpha)),
    ("alpha_error", |s| {
        s.power_law.as_ref().map(|p| p.alpha_error)
    }),
    ("alpha_p_value", |s| {
        s.power_law.as_ref().and_then(|p| p.p_value)
    }),
    ("alpha_noise_p_value", |s| {
        s.power_law.as_ref().and_then(|p| p.noise_p_value)
    }),
    ("alpha_hill", |s| {
        s.power_law.as_ref().and_then(|p| p.alpha_hill)
    }),
    ("x_min", |s| s.power_law.as_ref().map(|p| p.x_min)),
    ("tail_size", |s| {
        s.power_law.as_ref().map(|p| p.tail_size as f64)
    }),
    ("power_law_ks_distance", |s| {
        s.power_law.as_ref().map(|p| p.ks_distance)
    }),
    ("blocks", |s| s.blocks.as_ref().map(|b| b.count as f64)),
    ("spikes", |s| spikes(s).map(|count| count as f64)),
    ("verdict_p_value", |s| s.verdict.p_value),
    ("zero_rows", |s| Some(s.cleaning.zero_rows as f64)),
    ("zero_columns", |s| Some(s.cleaning.zero_columns as f64)),
    ("repeated_rows", |s| Some(s.cleaning.repeated_rows as f64)),
    ("repeated_columns", |s| {
        Some(s.cleaning.repeated_columns as f64)
    }),
    ("outlying_entries", |s| {
        Some(s.cleaning.outlying_entries as f64)
    }),
    ("noise_shuffles", |s| Some(s.noise.shuffles as f64)),
];

const PAIR_NUMBERS: &[Number<Sisters>] = &[
    ("rows", |s| Some(s.rows as f64)),
    ("columns", |s| Some(s.columns as f64)),
    ("blocks_one", |s| Some(s.blocks_one as f64)),
    ("blocks_other", |s| Some(s.blocks_other as f64)),
    ("variance_one", |s| Some(s.variance_one)),
    ("variance_other", |s| Some(s.variance_other)),
    ("variance_ratio", |s| s.variance_ratio),
    ("expected_ratio", |s| Some(s.expected_ratio)),
    ("expected_level", |s| s.expected_level),
    ("mean_distance", |s| s.mean_distance),
    ("mean_distance_from_expected", |s| {
        s.mean_distance_from_expected
    }),
    ("chance_distance", |s| s.chance_distance),
    ("mean_distance_matched", |s| s.mean_distance_matched),
    ("largest_ratio", |s| s.largest_ratio),
    ("smallest_ratio", |s| s.smallest_ratio),
];

/// One row a tensor; numbers that are undefined are null.
///
/// # Errors
///
/// Polars' own, when memory does not suffice.
pub fn analysis_frame(analysis: &Analysis) -> PolarsResult<DataFrame> {
    let layers = &analysis.rows;
    let spectra = || layers.iter().map(|l| l.spectrum.as_ref());
    let depths: Vec<Option<f64>> = layers
        .iter()
        .map(|l| l.depth.as_ref().map(|depth| depth.layer as f64))
        .collect();
    let texts = [
        text("name", layers.iter().map(|l| Some(l.name.clone()))),
        text("file", layers.iter().map(|l| Some(l.file.clone()))),
        text(
            "status",
            layers.iter().map(|l| Some(status(l.status).into())),
        ),
        text("reason", layers.iter().map(|l| l.reason.clone())),
        text("dtype", layers.iter().map(|l| Some(l.dtype.clone()))),
        text("shape", layers.iter().map(|l| Some(shape(&l.shape)))),
        text("view", layers.iter().map(|l| l.view.clone())),
        text(
            "verdict",
            layers
                .iter()
                .map(|l| l.spectrum.as_ref().map(|s| s.verdict.text.clone())),
        ),
        text("verdict_kind", spectra().map(|s| key(&s?.verdict.kind))),
        text("role", layers.iter().map(|l| key(&l.role))),
        text(
            "stack",
            layers.iter().map(|l| Some(l.depth.as_ref()?.stack.clone())),
        ),
        Column::from(Series::new("depth".into(), depths)),
        text("noise_entries", spectra().map(|s| key(&s?.noise.entries))),
        text("noise_unequal", spectra().map(|s| key(&s?.noise.unequal?))),
        text(
            "tail_preferred",
            spectra().map(|s| key(&s?.power_law.as_ref()?.rivals.as_ref()?.preferred)),
        ),
    ];
    let spectra: Vec<_> = spectra().collect();
    frame(texts.into(), LAYER_NUMBERS, &spectra)
}

/// The name that a choice has in JSON.
fn key<T: Serialize>(choice: &T) -> Option<String> {
    let value = serde_json::to_value(choice).ok()?;
    value.as_str().map(str::to_owned)
}

/// One row a pair of sisters.
///
/// # Errors
///
/// Polars' own, when memory does not suffice.
pub fn comparison_frame(comparison: &Comparison) -> PolarsResult<DataFrame> {
    let pairs = &comparison.rows;
    let texts = [
        text("name", pairs.iter().map(|p| Some(p.name.clone()))),
        text("one", pairs.iter().map(|p| Some(p.one.clone()))),
        text("other", pairs.iter().map(|p| Some(p.other.clone()))),
        text("step", pairs.iter().map(|p| Some(p.step.to_string()))),
        text(
            "status",
            pairs.iter().map(|p| Some(status(p.status).into())),
        ),
        text("reason", pairs.iter().map(|p| p.reason.clone())),
    ];
    let sisters: Vec<_> = pairs.iter().map(|p| p.sisters.as_ref()).collect();
    frame(texts.into(), PAIR_NUMBERS, &sisters)
}

/// A table with `texts` before the `numbers` of each row.
pub(super) fn frame<T>(
    texts: Vec<Column>,
    numbers: &[Number<T>],
    rows: &[Option<&T>],
) -> PolarsResult<DataFrame> {
    let numbers = numbers.iter().map(|(name, number)| {
        let values: Vec<Option<f64>> = rows
            .iter()
            .map(|row| row.and_then(number).filter(|x| x.is_finite()))
            .collect();
        Column::from(Series::new((*name).into(), values))
    });
    let columns: Vec<Column> = texts.into_iter().chain(numbers).collect();
    DataFrame::new(rows.len(), columns)
}

pub(super) fn text(name: &str, values: impl Iterator<Item = Option<String>>) -> Column {
    let values: Vec<Option<String>> = values.collect();
    Column::from(Series::new(name.into(), values))
}

/// `500x800`.
pub(super) fn shape(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    sizes.join("x")
}

pub(super) fn status(status: Status) -> &'static str {
    match status {
        Status::Analyzed => "analyzed",
        Status::Skipped => "skipped",
        Status::Failed => "failed",
    }
}

/// Writes a table as comma-separated values with a header line. A text that a spreadsheet would take for a formula gets
/// an apostrophe before it.
///
/// # Errors
///
/// Polars' own.
pub fn csv(mut frame: DataFrame) -> PolarsResult<Vec<u8>> {
    for name in frame.get_column_names_owned() {
        let column = frame.column(&name)?;
        if *column.dtype() == DataType::String {
            let inert = column.str()?.apply(|text| text.map(inert));
            frame.replace(&name, inert.into_column())?;
        }
    }
    let mut bytes = Vec::new();
    CsvWriter::new(&mut bytes).finish(&mut frame)?;
    Ok(bytes)
}

/// A text that no spreadsheet computes.
fn inert(text: &str) -> Cow<'_, str> {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

/// As a Parquet file.
///
/// # Errors
///
/// Polars' own.
pub fn parquet(mut frame: DataFrame) -> PolarsResult<Vec<u8>> {
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::csv;
    use polars::prelude::{Column, DataFrame};

    /// Catches a name that a spreadsheet computes when it opens the table, and a negative number that is made text.
    #[test]
    fn texts_are_no_formulas() {
        let names = ["=1+1", "+a", "-a", "@a", "a=b", ""];
        let numbers = [-1.5, 2.0, 3.0, 4.0, 5.0, 6.0];
        let columns = vec![
            Column::new("name".into(), names),
            Column::new("number".into(), numbers),
        ];
        let frame = DataFrame::new(names.len(), columns).unwrap();
        let text = String::from_utf8(csv(frame).unwrap()).unwrap();
        let first: Vec<&str> = text
            .lines()
            .map(|line| line.split(',').next().unwrap())
            .collect();
        assert_eq!(first[..6], ["name", "'=1+1", "'+a", "'-a", "'@a", "a=b"]);
        assert!(text.lines().nth(1).unwrap().ends_with(",-1.5"), "{text}");
    }
}
