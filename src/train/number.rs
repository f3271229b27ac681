//! Numbers in JSON that may not be finite.

use serde::{Deserialize, Deserializer};

/// Reads a number that may not be finite, which JSON writes as `null`.
pub(super) fn number<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(f64::NAN))
}

/// Reads a number that was measured, so that its `null` is NaN and not an absence.
pub(super) fn measured<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    number(from).map(Some)
}
