//! The numbers that each layer consists of, in the place of its matrix.

use super::ExportError;
use super::copied::{copy_bytes, make_folder, write_at, write_whole};
use super::dense::beyond;
use super::fitted::Fits;
use super::forms::{Changed, Changes};
use super::parts::{contents, parts};
use super::shards::Shards;
use crate::plan::Storage;
use crate::weights::{RawHeader, RawTensor, WeightsError};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::Path;

/// Writes the files of weights into `folder`; `next` is called before each tensor that changes.
pub(super) fn write_factors(
    folder: &Path,
    shards: &Shards,
    changes: &Changes,
    (fits, storage): (&Fits<'_>, Storage),
    next: &mut dyn FnMut(&str) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let mut weight_map = Map::new();
    let mut total = 0;
    for (file, name) in &shards.files {
        let header = RawHeader::read(file)?;
        let (bytes, placed) = replaced(file, &header, changes, storage)?.packed();
        let target = folder.join(name);
        make_folder(&target)?;
        let mut written = File::create(&target).map_err(ExportError::write(&target))?;
        write_at(&mut written, &target, 0, &bytes)?;
        let mut source = File::open(file).map_err(|source| WeightsError::Io {
            path: file.clone(),
            source,
        })?;
        let places: HashMap<&str, &RawTensor> = placed
            .tensors
            .iter()
            .map(|t| (t.name.as_str(), t))
            .collect();
        let end = placed.tensors.iter().map(|t| t.offset + t.bytes).max();
        written
            .set_len(end.unwrap_or(bytes.len() as u64))
            .map_err(ExportError::write(&target))?;
        for tensor in &header.tensors {
            let Some(changed) = changes.get(&tensor.name) else {
                let place = places[tensor.name.as_str()].offset;
                let from = (file.as_path(), tensor.offset, tensor.bytes);
                copy_bytes(&mut source, from, (&mut written, &target, place))?;
                continue;
            };
            next(&tensor.name)?;
            let mut data = fits.read(&tensor.name, changed)?;
            let form = &changed.forms[0];
            let fitted = fits.fit(changed, form, &mut data)?;
            let contents = contents(changed, form, storage, &fitted)
                .ok_or_else(|| beyond(file, &tensor.name))?;
            let layer = Changed::layer(&tensor.name);
            for (part, bytes) in parts(changed, form, storage).iter().zip(contents) {
                let place = places[part.tensor(layer, changed).name.as_str()];
                assert_eq!(bytes.len() as u64, place.bytes, "{}", place.name);
                write_at(&mut written, &target, place.offset, &bytes)?;
            }
        }
        written.sync_all().map_err(ExportError::write(&target))?;
        for tensor in &placed.tensors {
            total += tensor.bytes;
            weight_map.insert(tensor.name.clone(), name.to_string_lossy().into());
        }
    }
    match &shards.index {
        Some(index) => write_index(folder, index, weight_map, total),
        None => Ok(()),
    }
}

/// Returns the header with the parts of layers in the place of their matrices.
fn replaced(
    file: &Path,
    header: &RawHeader,
    changes: &Changes,
    storage: Storage,
) -> Result<RawHeader, ExportError> {
    let mut tensors = Vec::new();
    for tensor in &header.tensors {
        let Some(changed) = changes.get(&tensor.name) else {
            tensors.push(tensor.clone());
            continue;
        };
        if changed.view.blocks > 1 {
            let problem =
                "is a stack of matrices, which is not written as factors; write the dense form";
            return Err(ExportError::tensor(file, &tensor.name, problem));
        }
        let layer = Changed::layer(&tensor.name);
        let parts = parts(changed, &changed.forms[0], storage);
        tensors.extend(parts.iter().map(|part| part.tensor(layer, changed)));
    }
    let mut names = HashSet::new();
    if let Some(twice) = tensors.iter().find(|tensor| !names.insert(&tensor.name)) {
        let problem = "is there already, and would be that of a factor";
        return Err(ExportError::tensor(file, &twice.name, problem));
    }
    Ok(RawHeader {
        metadata: header.metadata.clone(),
        tensors,
    })
}

/// Writes the index with the new tensors; what it says beside them stays.
fn write_index(
    folder: &Path,
    index: &Path,
    weight_map: Map<String, Value>,
    total: u64,
) -> Result<(), ExportError> {
    let text = std::fs::read(index).map_err(|source| WeightsError::Io {
        path: index.to_path_buf(),
        source,
    })?;
    let no_index = |_| ExportError::file(index, "was changed while it was read");
    let mut content: Map<String, Value> = serde_json::from_slice(&text).map_err(no_index)?;
    if let Some(metadata) = content.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("total_size".into(), total.into());
        metadata.shift_remove("total_parameters");
    }
    content.insert("weight_map".into(), weight_map.into());
    let target = folder.join(index.file_name().unwrap_or_default());
    let text = format!("{:#}\n", Value::from(content));
    write_whole(&target, text.as_bytes())
}
