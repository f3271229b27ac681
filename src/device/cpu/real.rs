//! The number types of the CPU executor.

use super::column_transform::{ColumnTransform, prepare};
use crate::program::TrigonometricTransform;
use faer::traits::RealField;
use std::sync::Arc;

/// `f32` or `f64`.
pub trait Real: RealField + Copy + Into<f64> {
    /// Makes a transform of columns ready.
    #[doc(hidden)]
    fn transform(p: &TrigonometricTransform) -> Arc<dyn ColumnTransform<Self>>;
}

impl Real for f32 {
    fn transform(p: &TrigonometricTransform) -> Arc<dyn ColumnTransform<f32>> {
        prepare(p)
    }
}

impl Real for f64 {
    fn transform(p: &TrigonometricTransform) -> Arc<dyn ColumnTransform<f64>> {
        prepare(p)
    }
}
