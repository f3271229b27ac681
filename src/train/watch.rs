//! Records of a weight while it is trained.

use super::layer::Affine;
use super::number::number;
use crate::linalg::singular_values;
use faer::Par;
use serde::{Deserialize, Serialize};

/// A weight at one time. Of a block-diagonal one, the entries and singular values are the blocks'.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Watched {
    /// The layer.
    pub layer: String,
    /// Variance of the entries about their mean, over n.
    #[serde(deserialize_with = "number")]
    pub variance: f64,
    /// All singular values, descending; none where an entry is not finite.
    pub singular_values: Vec<f64>,
}

impl Watched {
    /// The weight of `affine` at `parameters`.
    pub(super) fn new(layer: &str, affine: &Affine, parameters: &[f64]) -> Watched {
        let blocks = affine.blocks(parameters);
        let entries = || {
            blocks
                .iter()
                .flat_map(|b| b.col_iter().flat_map(|c| c.iter().copied()))
        };
        let count = entries().count() as f64;
        let mean = entries().sum::<f64>() / count;
        let variance = entries().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
        let values: Result<Vec<Vec<f64>>, _> = blocks
            .iter()
            .map(|block| singular_values(block.as_ref(), Par::Seq))
            .collect();
        let mut values = values.map_or(Vec::new(), |all| all.concat());
        values.sort_by(|a, b| b.total_cmp(a));
        Watched {
            layer: layer.to_owned(),
            variance,
            singular_values: values,
        }
    }
}
