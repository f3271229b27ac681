//! Memory asked for before it is needed.

use super::SketchError;

/// Whether there is room for so many numbers.
///
/// # Errors
///
/// [`SketchError::Memory`].
pub(super) fn reserve(numbers: usize) -> Result<(), SketchError> {
    let bytes = numbers.saturating_mul(size_of::<f64>());
    let mut memory: Vec<u8> = Vec::new();
    let reserved = memory.try_reserve_exact(bytes);
    reserved.map_err(|_| SketchError::Memory { bytes })
}
