//! Random matrices as weights files.

use super::file::Gaussian;
use crate::random::Stream;
use safetensors::tensor::{Dtype, TensorView};

/// The path of their random stream.
const GAUSSIAN: u64 = 0x6761_7573;

/// A safetensors file with one tensor, `weight`, of normal numbers.
pub(super) fn gaussian_file(gaussian: &Gaussian, seed: u64) -> Result<Vec<u8>, String> {
    let mut stream = Stream::new(seed, &[GAUSSIAN]);
    let count = gaussian.shape.iter().product();
    let numbers = (0..count).flat_map(|_| stream.normal().to_le_bytes());
    let bytes: Vec<u8> = numbers.collect();
    let view = TensorView::new(Dtype::F64, gaussian.shape.clone(), &bytes);
    let view = view.map_err(|error| error.to_string())?;
    safetensors::serialize([("weight", view)], None).map_err(|error| error.to_string())
}
