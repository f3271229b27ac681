//! `*.index.json`: which shard holds which tensor of a model in several files.

use std::collections::{BTreeMap, HashMap};
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::error::{Fault, WeightsError};
use super::escape::escape;
use super::format::Format;
use super::hash::Fnv;
use super::input::{Input, read_bytes};
use super::json::{Unique, parse};
use super::kind::Kind;
use super::parsed::Parsed;
use super::tensor::{Locator, TensorInfo};

/// Bytes of the longest index read.
const LONGEST_INDEX: u64 = 32 << 20;
/// Files of the largest model read.
const MOST_SHARDS: usize = 10_000;

/// Tensor names with the file each is in, by file.
pub(super) type Shards = BTreeMap<String, Vec<String>>;

/// Reads the index itself, not the shards.
pub(super) fn read(input: &Input) -> Result<(Shards, u64), Fault> {
    if input.length() > LONGEST_INDEX {
        return Err(Fault::malformed(format!(
            "a JSON file of {} bytes; at most {LONGEST_INDEX} are read",
            input.length()
        )));
    }
    let text = read_bytes(&mut input.at(0), input.length())?;
    let Unique(keys) = parse::<Unique<IgnoredAny>>(&text, 0)?;
    if !keys.iter().any(|(key, _)| key == "weight_map") {
        if keys.iter().any(|(key, _)| key == "weightsManifest") {
            return Err(Fault::unsupported(
                "a TensorFlow.js model; convert it with: tensorflowjs_converter --input_format=tfjs_layers_model \
                 --output_format=keras model.json NEW.h5, and save the arrays of that with numpy.savez",
            ));
        }
        return Err(Fault::malformed(
            "a JSON file without a weight_map is no index of weights; give the weight file itself",
        ));
    }
    #[derive(Deserialize)]
    struct Index {
        weight_map: Unique<String>,
    }
    let index: Index = parse(&text, 0)?;
    let mut shards = Shards::new();
    for (tensor, file) in index.weight_map.0 {
        shards.entry(file).or_default().push(tensor);
    }
    if shards.len() > MOST_SHARDS {
        return Err(Fault::malformed(format!(
            "names {} files; at most {MOST_SHARDS} are read",
            shards.len()
        )));
    }
    Ok((shards, Fnv::of(&text)))
}

/// Opens the shards by `open_shard` and lists their tensors, which `headers` returns, as one model. Tensors of a shard
/// that cannot be opened are rows that say so.
pub(super) fn open<S>(
    path: &Path,
    input: &Input,
    open_shard: impl Fn(&Path) -> Result<S, WeightsError>,
    headers: impl Fn(&S) -> &Parsed,
) -> Result<(Parsed, Vec<S>), WeightsError> {
    let located = |fault: Fault| fault.with_path(path, Format::Index);
    let (shards, index_hash) = read(input).map_err(located)?;
    let files = locate(path, shards.keys()).map_err(|error| located(error.into()))?;
    let mut hash = Fnv::new();
    hash.write(&index_hash.to_le_bytes());
    let mut parsed = Parsed::default();
    let mut sources = Vec::with_capacity(files.len());
    for (file, names) in files.iter().zip(shards.values()) {
        let file = match file {
            Ok(file) => file,
            Err(reason) => {
                let rows = names.iter();
                let rows = rows.map(|name| TensorInfo::unreadable(name.clone(), reason.clone()));
                parsed.tensors.extend(rows);
                continue;
            }
        };
        let shown = escape(&file.file_name().unwrap_or_default().to_string_lossy());
        match open_shard(file) {
            Ok(source) => {
                let shard = headers(&source);
                hash.write(&shard.header_hash.to_le_bytes());
                for name in add(&mut parsed, (file, shard), sources.len(), names) {
                    let reason = format!(
                        "not in its shard '{shown}'; fetch the shards and the index of one and the same model"
                    );
                    parsed
                        .tensors
                        .push(TensorInfo::unreadable(name.to_owned(), reason));
                }
                sources.push(source);
            }
            Err(error) => {
                let problem = error.without_path();
                parsed.tensors.extend(names.iter().map(|name| {
                    let reason = format!("its shard '{shown}' {problem}");
                    TensorInfo::unreadable(name.clone(), reason)
                }));
            }
        }
    }
    parsed.header_hash = hash.finish();
    Ok((parsed, sources))
}

/// Adds the tensors that the index places in this shard; returns those the shard lacks.
fn add<'a>(
    parsed: &mut Parsed,
    (file, headers): (&Path, &Parsed),
    shard: usize,
    names: &'a [String],
) -> Vec<&'a str> {
    let mut listed: HashMap<&str, bool> = names.iter().map(|name| (&**name, false)).collect();
    for (index, info) in headers.tensors.iter().enumerate() {
        let kind = match listed.get_mut(info.name.as_str()) {
            Some(found) => {
                *found = true;
                info.kind
            }
            None => Kind::Unlisted,
        };
        parsed.tensors.push(TensorInfo {
            locator: Locator::Shard { shard, index },
            kind,
            ..info.clone()
        });
    }
    let file = escape(&file.to_string_lossy());
    for warning in &headers.warnings {
        parsed.warnings.push(format!("shard '{file}': {warning}"));
    }
    names
        .iter()
        .map(String::as_str)
        .filter(|name| !listed[name])
        .collect()
}

/// Returns the paths of the shards: inside the index's folder, links followed. Why a shard is not read that lies elsewhere.
///
/// Beside the folder of the index as it was named, that of the file it links to counts as its folder: caches keep every
/// file of a model as a link into one store.
fn locate<'a>(
    index: &Path,
    files: impl Iterator<Item = &'a String>,
) -> Result<Vec<Result<PathBuf, String>>, std::io::Error> {
    let folder = match index.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut homes = vec![folder.canonicalize()?];
    homes.extend(index.canonicalize()?.parent().map(Path::to_path_buf));
    let one = |file: &'a String| {
        let plain = Path::new(file)
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        let outside = || {
            let file = escape(file);
            format!(
                "the index names '{file}' outside its own folder; put the shards beside the index"
            )
        };
        if !plain || file.is_empty() || file.contains(['\\', '\0']) {
            return Err(outside());
        }
        let path = folder.join(file);
        match path.canonicalize() {
            Ok(real) if !homes.iter().any(|home| real.starts_with(home)) => Err(outside()),
            // One that is missing has rows that say so.
            _ => Ok(path),
        }
    };
    Ok(files.map(one).collect())
}
