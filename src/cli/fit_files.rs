//! Files that `fit-basis` reads beside weights.

use crate::fit::product::{Inputs, given_bases, input_matrix};
use crate::operator::basis::Given;
use crate::weights::{Source, escape};
use anyhow::Context;
use std::path::Path;

/// The fixture that is fitted when no file is named.
const BUNDLED: &[u8] = include_bytes!("../../fixtures/mnist-linear.npy");
const BUNDLED_NAME: &str = "mnist-linear.npy";

/// Returns the fixture.
pub(super) fn bundled() -> anyhow::Result<Source> {
    Ok(Source::of_bytes(Path::new(BUNDLED_NAME), BUNDLED)?)
}

/// Reads the arrays M1 … Mp of a file.
pub(super) fn read_bases(source: &Source) -> anyhow::Result<Vec<Given>> {
    given_bases(source)
        .map_err(anyhow::Error::msg)
        .with_context(|| escape(&source.path().to_string_lossy()))
}

/// Reads activations, half of which are held out by `seed`.
pub(super) fn read_inputs(source: &Source, seed: u64) -> anyhow::Result<Inputs> {
    let matrix = input_matrix(source)
        .map_err(anyhow::Error::msg)
        .with_context(|| escape(&source.path().to_string_lossy()))?;
    Ok(Inputs::new(matrix.as_ref(), seed)?)
}
