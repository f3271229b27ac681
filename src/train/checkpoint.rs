//! The state of a training as a safetensors file, and back.
//!
//! Weights stand first under their layers' names, as `analyze` reads them: `NAME.weight` as a matrix,
//! as (out, in, h, w) for a kernel, as (blocks, rows, columns) for equal blocks; `NAME.bias`. What a
//! training needs to go on follows in arrays `state/…`, and in the metadata how far it is and how many rows the
//! record has; the rows themselves are not repeated. A checksum over all of it tells a damaged file.

use super::error::TrainError;
use super::group::Group;
use super::network::Network;
use super::recipe::Precision;
use super::result::Row;
use super::state::{Progress, State};
use super::weights_file::{Array, CLASSES, bytes_of, serialize, weights};
use crate::weights::{
    self, OpenOptions, Source, WeightsError, escape_within, safetensors_metadata,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::Path;

/// The key of the header of a checkpoint.
const KEY: &str = "spectra.training";
/// Begins the header's first line, which ends with the checksum; older checkpoints lack it.
const CHECKSUM: &str = "# sha256 ";

/// The rows of the record before a checkpoint, as its file knows them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum RowsBefore {
    /// How many there are.
    Count(usize),
    /// The rows themselves, as older checkpoints hold them.
    All(Vec<Row>),
}

/// The metadata of a file.
#[derive(Serialize, Deserialize)]
struct Header {
    rows: RowsBefore,
    #[serde(flatten)]
    progress: Progress,
}

/// The weights and the whole state as a file; `rows` counts those of the record so far.
pub(super) fn checkpoint_file(
    network: &Network,
    state: State,
    rows: usize,
    precision: Precision,
) -> Vec<u8> {
    let mut arrays = weights(network, &state.parameters());
    let variables = state.variables.iter();
    arrays.extend(variables.map(|(group, values)| Array::flat(format!("state/{group}"), values)));
    let masks = state.masks.iter();
    arrays.extend(masks.map(|(layer, values)| Array::flat(format!("mask/{layer}"), values)));
    let header = Header {
        rows: RowsBefore::Count(rows),
        progress: state.progress,
    };
    let header = toml::to_string(&header).expect("progress has a form in TOML");
    let parts = arrays.iter().map(|array| Part {
        name: &array.name,
        shape: &array.shape,
        bytes: bytes_of(&array.values, precision),
    });
    let sum = checksum(&header, parts.collect());
    let header = format!("{CHECKSUM}{sum}\n{header}");
    serialize(&arrays, precision, Some((KEY, header)))
}

/// Reads the names of the classes, in the order of the outputs, that a checkpoint or the weights of a training hold; empty
/// where the safetensors file at `path`, which a [`Source`] has checked, holds none.
pub fn class_names(path: &Path) -> Vec<String> {
    let of_weights = safetensors_metadata(path, CLASSES);
    let names = of_weights.and_then(|names| serde_json::from_str(&names).ok());
    let of_checkpoint = || {
        let header: Header = toml::from_str(&safetensors_metadata(path, KEY)?).ok()?;
        Some(header.progress.class_names)
    };
    names.or_else(of_checkpoint).unwrap_or_default()
}

/// The state in the file at `path`, and the rows before it.
///
/// # Errors
///
/// A file that is damaged or no checkpoint.
pub(super) fn read_checkpoint(path: &Path) -> Result<(State, RowsBefore), TrainError> {
    let wrong = |problem: String| TrainError::Damaged { problem };
    // Who asked for the file says its name.
    let unread = |error: WeightsError| {
        let (text, name) = (
            error.to_string(),
            escape_within(&path.to_string_lossy(), 1000),
        );
        let rest = text.strip_prefix(&name).unwrap_or(&text);
        wrong(rest.trim_start_matches([':', ',', ' ']).to_owned())
    };
    let source = Source::open(path, &OpenOptions { strict: true }).map_err(unread)?;
    let header = safetensors_metadata(path, KEY)
        .ok_or_else(|| wrong("its header is none of a training".to_owned()))?;
    let mut arrays = Vec::new();
    for (index, info) in source.tensors().iter().enumerate() {
        let tensor = source.read(index).map_err(unread)?;
        arrays.push((info, tensor.data));
    }
    let line = header.strip_prefix(CHECKSUM);
    if let Some((expected, header)) = line.and_then(|line| line.split_once('\n')) {
        let parts = arrays.iter().map(|(info, values)| Part {
            name: &info.name,
            shape: &info.shape,
            bytes: bytes_of(values, precision_of(&info.dtype)),
        });
        if checksum(header, parts.collect()) != expected {
            return Err(wrong(
                "its numbers are not those that were written".to_owned(),
            ));
        }
    }
    let Header { rows, progress } =
        toml::from_str(&header).map_err(|error| wrong(error.message().to_owned()))?;
    let mut state = State {
        progress,
        ..State::default()
    };
    for (info, values) in arrays {
        if let Some(name) = info.name.strip_prefix("state/") {
            let group = Group::parse(name);
            state.variables.extend(group.map(|group| (group, values)));
        } else if let Some(name) = info.name.strip_prefix("mask/") {
            state.masks.push((name.to_owned(), values));
        }
    }
    Ok((state, rows))
}

/// An array as it lies in a file.
struct Part<'a> {
    name: &'a str,
    shape: &'a [usize],
    bytes: Vec<u8>,
}

/// Returns the SHA-256 of the header and of all arrays by name, whatever their order in the file.
fn checksum(header: &str, mut parts: Vec<Part<'_>>) -> String {
    parts.sort_by(|a, b| a.name.cmp(b.name));
    let mut hash = Sha256::new();
    // Lengths keep two texts from being taken for two others.
    let mut add = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    add(header.as_bytes());
    for part in parts {
        add(part.name.as_bytes());
        let sizes = part
            .shape
            .iter()
            .flat_map(|&size| (size as u64).to_le_bytes());
        add(&sizes.collect::<Vec<u8>>());
        add(&part.bytes);
    }
    let digest = hash.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn precision_of(dtype: &weights::Dtype) -> Precision {
    match dtype {
        weights::Dtype::F32 => Precision::Single,
        _ => Precision::Double,
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, RowsBefore};

    /// Catches an older checkpoint, which holds its rows, that can no longer be gone on from.
    #[test]
    fn rows_inside_are_still_read() {
        let text = r#"
            iteration = 10
            phase = 0
            loss = 0.5
            losses = 1
            recipe = "name = 'old'"
            data = "{}"
            parameters = [110]

            [[rows]]
            iteration = 0
            epoch = 0.0
            phase = 1
            test_accuracy = 0.1
            rate = 0.01
            watched = []
        "#;
        let Header { rows, progress } = toml::from_str(text).unwrap();
        assert_eq!((progress.iteration, progress.loss), (10, 0.5));
        assert_eq!(progress.parameters, [110]);
        match rows {
            RowsBefore::All(rows) => {
                assert_eq!(rows.len(), 1);
                assert_eq!((rows[0].rate, rows[0].test_accuracy), (0.01, Some(0.1)));
            }
            RowsBefore::Count(count) => panic!("{count} rows outside"),
        }
    }
}
