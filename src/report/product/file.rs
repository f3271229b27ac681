//! A file of fits: safetensors, coefficients as arrays and the rest as JSON in its metadata.

use crate::fit::product::{Coefficients, FitHeader, ProductFits, Stored};
use crate::weights::{OpenOptions, Source, WeightsError, escape, safetensors_metadata};
use faer::Mat;
use half::{bf16, f16};
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
    #[error("{}: {problem}; a file of fits is what fit-basis writes", escape(&path.to_string_lossy()))]
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
    let rows = fits.rows.iter().filter_map(|row| row.fit.as_ref());
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

/// Writes matrices as a safetensors file, each in the name, type and shape of the tensor that was fitted; what is not
/// known of it, as a matrix of doubles under the name given. Tensors that were no floating-point numbers of 16 to 64
/// bits become doubles too.
///
/// # Errors
///
/// When the format cannot hold them.
pub fn matrices_file(matrices: &[(String, Option<Stored>, Mat<f64>)]) -> anyhow::Result<Vec<u8>> {
    let known = |stored: &Option<Stored>| {
        let stored = stored.clone()?;
        let alike = |(_, other, _): &&(String, Option<Stored>, Mat<f64>)| {
            other
                .as_ref()
                .is_some_and(|other| other.name == stored.name)
        };
        (matrices.iter().filter(alike).count() == 1).then_some(stored)
    };
    let arrays = matrices.iter().map(|(name, stored, matrix)| {
        let entries = |transposed: bool| -> Vec<f64> {
            let matrix = if transposed {
                matrix.transpose()
            } else {
                matrix.as_ref()
            };
            matrix
                .row_iter()
                .flat_map(|row| row.iter().copied().collect::<Vec<f64>>())
                .collect()
        };
        let size = matrix.nrows() * matrix.ncols();
        let count = |shape: &[usize]| shape.iter().try_fold(1_usize, |n, &d| n.checked_mul(d));
        match known(stored).filter(|stored| count(&stored.shape) == Some(size)) {
            Some(stored) => {
                let (dtype, bytes) = narrowed(&stored.dtype, &entries(stored.transposed));
                (stored.name, dtype, stored.shape, bytes)
            }
            None => {
                let (dtype, bytes) = narrowed("F64", &entries(false));
                (
                    name.clone(),
                    dtype,
                    vec![matrix.nrows(), matrix.ncols()],
                    bytes,
                )
            }
        }
    });
    let arrays: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = arrays.collect();
    let views = arrays
        .iter()
        .map(|(name, dtype, shape, bytes)| {
            Ok((
                name.as_str(),
                TensorView::new(*dtype, shape.clone(), bytes)?,
            ))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    Ok(safetensors::serialize(views, None)?)
}

/// Rounds numbers to the type of this name.
fn narrowed(dtype: &str, entries: &[f64]) -> (Dtype, Vec<u8>) {
    let of = entries.iter();
    match dtype {
        "F32" => (
            Dtype::F32,
            of.flat_map(|&x| (x as f32).to_le_bytes()).collect(),
        ),
        "F16" => (
            Dtype::F16,
            of.flat_map(|&x| f16::from_f64(x).to_le_bytes()).collect(),
        ),
        "BF16" => (
            Dtype::BF16,
            of.flat_map(|&x| bf16::from_f64(x).to_le_bytes()).collect(),
        ),
        _ => (Dtype::F64, of.flat_map(|x| x.to_le_bytes()).collect()),
    }
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
            let index = index.ok_or_else(|| wrong(format!("lacks the array {}", escape(&name))))?;
            coefficients.push(source.read(index)?.data);
        }
        all.push(coefficients);
    }
    Ok((header, all))
}

#[cfg(test)]
mod tests {
    use super::{Stored, matrices_file};
    use faer::Mat;
    use safetensors::SafeTensors;

    /// Catches a shape in a damaged file of fits that ends the program, or a tensor that has it without as many numbers.
    #[test]
    fn a_shape_of_other_size_is_not_taken() {
        for shape in [vec![4, usize::MAX], vec![4, 1 << 62], vec![7], vec![]] {
            let stored = Stored {
                name: "w".into(),
                dtype: "F32".into(),
                shape,
                transposed: false,
            };
            let matrix = Mat::from_fn(4, 3, |i, j| (3 * i + j) as f64);
            let bytes = matrices_file(&[("w".into(), Some(stored), matrix)]).unwrap();
            let file = SafeTensors::deserialize(&bytes).unwrap();
            assert_eq!(file.tensor("w").unwrap().shape(), [4, 3]);
        }
    }
}
