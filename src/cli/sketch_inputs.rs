//! The activations that `sketch` reads.

use super::terminal::warn;
use crate::sketch::SketchInputs;
use crate::weights::{FileIdentity, NonFinite, Source, escape};
use anyhow::Context;

/// Reads the one array of a file.
///
/// # Errors
///
/// Where there is not one, or it is not finite.
pub(super) fn read_inputs(source: &Source) -> anyhow::Result<SketchInputs> {
    let shown = escape(&source.path().to_string_lossy());
    warn(source.warnings());
    let [info] = source.tensors() else {
        anyhow::bail!(
            "{shown}: holds {} arrays; inputs are one, samples first",
            source.tensors().len()
        );
    };
    let shape = info.shape.clone();
    let tensor = source.read(0).with_context(|| shown.clone())?;
    if let Some(bad) = NonFinite::find(&tensor.data) {
        let sample = bad.first / shape[1..].iter().product::<usize>();
        anyhow::bail!(
            "{shown}: {} of its numbers are NaN or infinite, the first in sample {sample} (from 0); \
             remove these samples",
            bad.count
        );
    }
    Ok(SketchInputs::new(
        FileIdentity::of(source),
        shape,
        tensor.data,
    ))
}
