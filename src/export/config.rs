//! The configuration of a model, which says how its layers are stored.

use super::ExportError;
use super::copied::write_whole;
use super::forms::{Changed, Changes};
use crate::compress::Family;
use crate::plan::Storage;
use crate::weights::{RawHeader, WeightsError};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// Name of the configuration in a model's folder.
const NAME: &str = "config.json";
/// Key of what loaders are told about stored forms.
const KEY: &str = "quantization_config";
/// Name of this method.
const METHOD: &str = "spectra";
/// Version of the entry.
const VERSION: u32 = 1;
/// Bytes of the longest configuration read.
const LONGEST: u64 = 4 << 20;

/// Writes the configuration beside the weights `home` holds into `folder`, with the forms of the layers that change.
pub(super) fn write_config(
    folder: &Path,
    home: &Path,
    files: &[(PathBuf, PathBuf)],
    (changes, storage): (&Changes, Storage),
) -> Result<(), ExportError> {
    let mut config = read(&home.join(NAME))?;
    let mut layers = Map::new();
    for (file, _) in files {
        for tensor in RawHeader::read(file)?.tensors {
            if let Some(changed) = changes.get(&tensor.name) {
                let form = entry(&tensor.name, &tensor.shape, changed, storage);
                layers.insert(Changed::layer(&tensor.name).to_owned(), form);
            }
        }
    }
    let entry = json!({ "quant_method": METHOD, "version": VERSION, "layers": layers });
    config.insert(KEY.into(), entry);
    let target = folder.join(NAME);
    write_whole(&target, format!("{:#}\n", Value::from(config)).as_bytes())
}

/// Reads a configuration; empty where there is none.
fn read(path: &Path) -> Result<Map<String, Value>, ExportError> {
    let Ok(metadata) = std::fs::metadata(path) else {
        return Ok(Map::new());
    };
    if !metadata.is_file() || metadata.len() > LONGEST {
        let problem = format!("is no configuration of at most {LONGEST} bytes");
        return Err(ExportError::file(path, problem));
    }
    let text = std::fs::read(path).map_err(|source| WeightsError::Io {
        path: path.to_path_buf(),
        source,
    })?;
    let config: Map<String, Value> = serde_json::from_slice(&text)
        .map_err(|error| ExportError::file(path, format!("is no configuration: {error}")))?;
    if config.get(KEY).is_some_and(|value| !value.is_null()) {
        let problem = "says that the model is quantised already; write the dense form";
        return Err(ExportError::file(path, problem));
    }
    Ok(config)
}

fn entry(name: &str, shape: &[usize], changed: &Changed, storage: Storage) -> Value {
    let form = &changed.forms[0];
    let mut entry = json!({
        "family": form.size.family,
        "size": form.size.size,
        "tensor": name,
        "shape": shape,
        "transposed": changed.view.transposed,
        "table": form.is_table,
    });
    match form.size.family {
        Family::LowRank => entry["storage"] = json!(storage),
        Family::Kronecker => entry["blocks"] = json!(form.size.blocks),
        Family::Dct => entry["grid"] = json!(form.sizes.grid),
        Family::Dense | Family::Columns => {}
    }
    entry
}
