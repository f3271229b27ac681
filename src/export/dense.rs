//! The model's own files with the fits multiplied out: names, shapes, types, shards and index as they were.

use super::ExportError;
use super::copied::{copy_file, make_folder, write_at};
use super::fitted::Fits;
use super::forms::{Changed, Changes};
use super::shards::Shards;
use crate::weights::{RawHeader, encode};
use std::fs::OpenOptions;
use std::path::Path;

/// The bytes that take the place of the matrices that change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replacement {
    /// Their fits.
    Fits,
    /// Zeros.
    Zeros,
}

/// Writes the files of weights into `folder`; `next` is called before each tensor that changes.
pub(super) fn write_dense(
    folder: &Path,
    shards: &Shards,
    changes: &Changes,
    fits: &Fits<'_>,
    replacement: Replacement,
    next: &mut dyn FnMut(&str) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    for (file, name) in &shards.files {
        let target = folder.join(name);
        make_folder(&target)?;
        copy_file(file, &target)?;
        let mut written = OpenOptions::new()
            .write(true)
            .open(&target)
            .map_err(ExportError::write(&target))?;
        for tensor in RawHeader::read(file)?.tensors {
            let Some(changed) = changes.get(&tensor.name) else {
                continue;
            };
            next(&tensor.name)?;
            let values = values(&tensor.name, changed, fits, replacement)?;
            let bytes =
                encode(&changed.dtype, &values).ok_or_else(|| beyond(file, &tensor.name))?;
            if bytes.len() as u64 != tensor.bytes {
                return Err(ExportError::file(file, "was changed while it was read"));
            }
            write_at(&mut written, &target, tensor.offset, &bytes)?;
        }
        written.sync_all().map_err(ExportError::write(&target))?;
    }
    match &shards.index {
        Some(index) => copy_file(index, &folder.join(index.file_name().unwrap_or_default())),
        None => Ok(()),
    }
}

/// Returns the elements of a tensor with its matrices replaced.
fn values(
    name: &str,
    changed: &Changed,
    fits: &Fits<'_>,
    replacement: Replacement,
) -> Result<Vec<f64>, ExportError> {
    let mut values = fits.read(name, changed)?;
    let whole = values.clone();
    for form in &changed.forms {
        let dense = match replacement {
            Replacement::Zeros => faer::Mat::zeros(changed.view.rows, changed.view.columns),
            Replacement::Fits => {
                let fitted = fits.fit(changed, form, &mut whole.clone())?;
                fitted.dense(form.is_table)
            }
        };
        changed.view.store(&mut values, form.block, dense.as_ref());
    }
    Ok(values)
}

/// The error of a fit beyond the range of its type.
pub(super) fn beyond(file: &Path, name: &str) -> ExportError {
    ExportError::tensor(
        file,
        name,
        "its fit has numbers beyond the range of the tensor's type",
    )
}
