//! Samples held out for testing where the files do not say which.

use super::error::DataError;
use super::origin::Format;
use std::path::Path;

/// Of so many samples one is held out.
pub(super) const HELD_OUT: usize = 6;

/// Refuses a set that is too small to hold a sample out of.
pub(super) fn check(path: &Path, format: Format, count: usize) -> Result<(), DataError> {
    if count >= HELD_OUT {
        return Ok(());
    }
    let problem = format!(
        "holds {count} samples; from {HELD_OUT} on every sixth is held out for testing, fewer need a \
         test part of their own"
    );
    Err(DataError::malformed(path, format, problem))
}
