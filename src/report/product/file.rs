//! A file of fits: safetensors, coefficients as arrays and the rest as JSON in its metadata.

use crate::fit::product::{Coefficients, FitHeader, ProductFits};
use crate::weights::{OpenOptions, Source, WeightsError, safetensors_metadata};
use faer::Mat;
use safetensors::tensor::{Dtype, TensorView};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The key of the header.
const KEY: &str = "spectra.fit";

/// Why a file of fits cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FitFileError {
    /// It is no weight file, or a damaged one.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// It holds other things than fits.
    #[error("{path}: {problem}; a file of fits is what fit-basis --out writes", path = path.display())]
    NotFits {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

/// The fits as a safetensors file: arrays `NAME/1` … `NAME/p` of coefficients, and a header from which
/// the bases are made again.
///
/// # Errors
///
/// When the format cannot hold them.
pub fn write_fit_file(fits: &ProductFits) -> anyhow::Result<Vec<u8>> {
    let mut arrays: Vec<(String, Vec<u8>)> = Vec::new();
    let header = FitHeader::of(fits);
    let rows = fits.fits.iter().filter_map(|row| row.fit.as_ref());
    for (shape, fit) in header.fits.iter().zip(rows) {
        for (j, a) in (1..).zip(&fit.coefficients) {
            let name = format!("{}/{j}", shape.name);
            let taken = arrays.iter().any(|(other, _)| *other == name);
            anyhow::ensure!(
                !taken,
                "two arrays of coefficients would be called {name}; fit fewer tensors"
            );
            let bytes = a.iter().flat_map(|a| a.to_le_bytes()).collect();
            arrays.push((name, bytes));
        }
    }
    let views = arrays
        .iter()
        .map(|(name, bytes)| {
            let shape = vec![bytes.len() / size_of::<f64>()];
            Ok((name.as_str(), TensorView::new(Dtype::F64, shape, bytes)?))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let header = serde_json::to_string(&header)?;
    let metadata = HashMap::from([(KEY.to_string(), header)]);
    Ok(safetensors::serialize(views, Some(metadata))?)
}

/// Matrices as a safetensors file of doubles, row by row.
///
/// # Errors
///
/// When the format cannot hold them.
pub fn matrices_file(matrices: &[(String, Mat<f64>)]) -> anyhow::Result<Vec<u8>> {
    let bytes = |matrix: &Mat<f64>| -> Vec<u8> {
        let entries = matrix.row_iter().flat_map(|row| row.iter().copied());
        entries.flat_map(f64::to_le_bytes).collect()
    };
    let arrays: Vec<Vec<u8>> = matrices.iter().map(|(_, matrix)| bytes(matrix)).collect();
    let views = matrices
        .iter()
        .zip(&arrays)
        .map(|((name, matrix), bytes)| {
            let shape = vec![matrix.nrows(), matrix.ncols()];
            Ok((name.as_str(), TensorView::new(Dtype::F64, shape, bytes)?))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    Ok(safetensors::serialize(views, None)?)
}

/// The header and, fit by fit, the coefficients of every factor.
///
/// # Errors
///
/// [`FitFileError`].
pub fn read_fit_file(path: &Path) -> Result<(FitHeader, Vec<Coefficients>), FitFileError> {
    let source = Source::open(path, &OpenOptions { strict: true })?;
    let wrong = |problem: String| FitFileError::NotFits {
        path: path.to_path_buf(),
        problem,
    };
    let header =
        safetensors_metadata(path, KEY).ok_or_else(|| wrong("has no header of fits".into()))?;
    let header: FitHeader = serde_json::from_str(&header)
        .map_err(|error| wrong(format!("its header cannot be read ({error})")))?;
    let mut all = Vec::new();
    for fit in &header.fits {
        let mut coefficients = Vec::new();
        for j in 1..=fit.factors.len() {
            let name = format!("{}/{j}", fit.name);
            let index = source
                .tensors()
                .iter()
                .position(|tensor| tensor.name == name);
            let index = index.ok_or_else(|| wrong(format!("lacks the array {name}")))?;
            coefficients.push(source.read(index)?.data);
        }
        all.push(coefficients);
    }
    Ok((header, all))
}
