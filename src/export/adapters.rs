//! Low-rank adapters in the format of PEFT, for a base in which the layers that the plan cuts are zero.
//!
//! A layer is W ≈ base + B A. `lora_alpha` is r, and so is each `alpha_pattern`, so that the product is scaled by 1.

use super::ExportError;
use super::copied::{write_at, write_whole};
use super::dense::beyond;
use super::fitted::{Fits, row_major};
use super::forms::{Changed, Changes};
use super::shards::Shards;
use crate::compress::{Family, Fit, balanced};
use crate::weights::{RawHeader, RawTensor, encode};
use serde_json::{Map, Value, json};
use std::fs::File;
use std::path::Path;

/// Folder of the base.
pub(super) const BASE: &str = "base";
/// The prefix of the names of a model's layers in adapters.
const PREFIX: &str = "base_model.model.";

/// The tensors of a layer's adapter.
struct Adapter {
    /// `lora_A`, r × inputs, and `lora_B`, outputs × r.
    tensors: [RawTensor; 2],
    rank: usize,
}

/// Writes the adapters and their configuration into `folder`; `next` is called before each layer.
pub(super) fn write_adapters(
    folder: &Path,
    shards: &Shards,
    changes: &Changes,
    fits: &Fits<'_>,
    next: &mut dyn FnMut(&str) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let mut layers: Vec<(String, Adapter)> = Vec::new();
    for (file, _) in &shards.files {
        for tensor in RawHeader::read(file)?.tensors {
            if let Some(changed) = changes.get(&tensor.name) {
                let adapter = adapter(file, &tensor, changed)?;
                layers.push((tensor.name, adapter));
            }
        }
    }
    write_settings(folder, &layers, changes)?;
    let tensors = layers
        .iter()
        .flat_map(|(_, adapter)| adapter.tensors.clone());
    let header = RawHeader {
        metadata: Map::from_iter([("format".to_owned(), "pt".into())]),
        tensors: tensors.collect(),
    };
    let (bytes, placed) = header.packed();
    let target = folder.join("adapter_model.safetensors");
    let mut written = File::create(&target).map_err(ExportError::write(&target))?;
    write_at(&mut written, &target, 0, &bytes)?;
    for (name, adapter) in &layers {
        next(name)?;
        let changed = &changes[name];
        let mut data = fits.read(name, changed)?;
        let form = &changed.forms[0];
        let fitted = fits.fit(changed, form, &mut data)?;
        let Fit::LowRank { a, b } = &fitted.fit else {
            unreachable!("adapters are of low rank");
        };
        let (left, right) = balanced(a.as_ref(), b.as_ref());
        let values = [row_major(right.as_ref()), row_major(left.as_ref())];
        for (tensor, mut values) in adapter.tensors.iter().zip(values) {
            if tensor.name.contains("lora_B") || tensor.name.contains("lora_embedding_B") {
                values
                    .iter_mut()
                    .for_each(|x| *x = fitted.scale.restore(*x));
            }
            let bytes = encode(&changed.dtype, &values).ok_or_else(|| beyond(&target, name))?;
            let place = placed
                .tensors
                .iter()
                .find(|other| other.name == tensor.name);
            let offset = place.map_or(0, |place| place.offset);
            write_at(&mut written, &target, offset, &bytes)?;
        }
    }
    written.sync_all().map_err(ExportError::write(&target))
}

fn adapter(file: &Path, tensor: &RawTensor, changed: &Changed) -> Result<Adapter, ExportError> {
    let refused = |problem: &str| Err(ExportError::tensor(file, &tensor.name, problem));
    let form = &changed.forms[0];
    if form.size.family != Family::LowRank {
        return refused("is not of low rank in the plan, and adapters are; write the dense form");
    }
    let layer = Changed::layer(&tensor.name);
    if changed.view.blocks > 1 || layer == tensor.name {
        return refused("is not the weight of a layer, which adapters need; write the dense form");
    }
    let (m, n, r) = (changed.view.rows, changed.view.columns, form.size.size);
    let (names, shapes) = match (form.is_table, &tensor.shape[..]) {
        (true, _) => (
            ["lora_embedding_A", "lora_embedding_B"],
            [vec![r, m], vec![n, r]],
        ),
        (false, [_, _]) => (["lora_A.weight", "lora_B.weight"], [vec![r, n], vec![m, r]]),
        (false, [_, inputs, kernel @ ..]) if !changed.view.transposed => {
            let first = [&[r, *inputs], kernel].concat();
            let last = [&[m, r][..], &vec![1; kernel.len()]].concat();
            (["lora_A.weight", "lora_B.weight"], [first, last])
        }
        _ => return refused("is of a shape that adapters do not know; write the dense form"),
    };
    let [first, last] = names.map(|name| format!("{PREFIX}{layer}.{name}"));
    let [a, b] = shapes;
    Ok(Adapter {
        tensors: [changed.tensor(first, a), changed.tensor(last, b)],
        rank: r,
    })
}

/// Writes `adapter_config.json`.
fn write_settings(
    folder: &Path,
    layers: &[(String, Adapter)],
    changes: &Changes,
) -> Result<(), ExportError> {
    let ranks: Map<String, Value> = layers
        .iter()
        .map(|(name, adapter)| (Changed::layer(name).to_owned(), adapter.rank.into()))
        .collect();
    let targets: Vec<&String> = ranks.keys().collect();
    let most = layers.iter().map(|(_, adapter)| adapter.rank).max();
    let is_transposed = |(name, _): &(String, Adapter)| changes[name].view.transposed;
    let config = json!({
        "peft_type": "LORA",
        "task_type": null,
        "base_model_name_or_path": BASE,
        "inference_mode": true,
        "r": most.unwrap_or(1),
        "lora_alpha": most.unwrap_or(1),
        "lora_dropout": 0.0,
        "bias": "none",
        "fan_in_fan_out": !layers.is_empty() && layers.iter().all(is_transposed),
        "init_lora_weights": true,
        "target_modules": targets,
        "rank_pattern": ranks,
        "alpha_pattern": ranks,
    });
    let target = folder.join("adapter_config.json");
    write_whole(&target, format!("{config:#}\n").as_bytes())
}
