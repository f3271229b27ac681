//! Activations as they lie in a file.

use crate::survey::Scale;
use crate::weights::FileIdentity;

/// Activations as they lie in a file: samples × numbers, or images.
#[derive(Debug, Clone)]
pub struct SketchInputs {
    /// The file.
    pub file: FileIdentity,
    /// Dimensions, samples first.
    pub shape: Vec<usize>,
    /// Row by row, within a safe range.
    pub(super) data: Vec<f64>,
    /// What was divided out of the data.
    pub(super) scale: Scale,
}

impl SketchInputs {
    /// Takes inputs of `shape`, row by row.
    ///
    /// # Panics
    ///
    /// When `data` has another length than `shape` says.
    #[must_use]
    pub fn new(file: FileIdentity, shape: Vec<usize>, mut data: Vec<f64>) -> SketchInputs {
        assert_eq!(
            data.len(),
            shape.iter().product::<usize>(),
            "inputs of {shape:?}"
        );
        let scale = Scale::take_out(&mut data);
        SketchInputs {
            file,
            shape,
            data,
            scale,
        }
    }
}
