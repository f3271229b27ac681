//! The weights of a network as a safetensors file.
//!
//! `NAME.weight` is a matrix, (out, in, h, w) for a kernel, (blocks, rows, columns) for equal blocks; `NAME.bias` and the
//! running moments of batch normalisation are vectors under the names that other programs give them.

use super::group::{Group, Moment};
use super::layer::{Action, Affine};
use super::network::{Network, Parameters};
use super::recipe::Precision;
use super::state::State;
use safetensors::tensor::{Dtype, TensorView};
use std::collections::HashMap;

/// The key of the class names of a file of weights. A file has one of the keys: the order of two would differ from run to
/// run.
pub(super) const CLASSES: &str = "spectra.classes";

/// An array of a file.
pub(super) struct Array {
    pub name: String,
    pub shape: Vec<usize>,
    pub values: Vec<f64>,
}

impl Array {
    /// A vector.
    pub fn flat(name: String, values: &[f64]) -> Array {
        Array {
            name,
            shape: vec![values.len()],
            values: values.to_vec(),
        }
    }
}

/// Writes the weights of `network` in `state`, the running moments of its batch normalisations and the names of the
/// classes.
pub(super) fn weights_file(
    network: &Network,
    state: &State,
    precision: Precision,
    class_names: &[String],
) -> Vec<u8> {
    let mut arrays = weights(network, &state.parameters());
    for (group, values) in &state.variables {
        if let Group::Running { layer, moment } = group {
            let name = match moment {
                Moment::Mean => format!("{layer}.running_mean"),
                Moment::Variance => format!("{layer}.running_var"),
            };
            arrays.push(Array::flat(name, values));
        }
    }
    let names = serde_json::to_string(class_names).expect("names have a form in JSON");
    let names = (!class_names.is_empty()).then_some((CLASSES, names));
    serialize(&arrays, precision, names)
}

/// The arrays of the layers at `parameters`.
pub(super) fn weights(network: &Network, parameters: &Parameters) -> Vec<Array> {
    let mut arrays = Vec::new();
    for (layer, [w, b]) in network.layers.iter().zip(network.places()) {
        let (own, biases) = (&parameters.weights[w], &parameters.biases[b]);
        let mut flat = |what: &str, values: &[f64]| {
            if !values.is_empty() {
                arrays.push(Array::flat(format!("{}.{what}", layer.name), values));
            }
        };
        match &layer.action {
            Action::Affine(affine) => {
                flat("bias", biases);
                arrays.push(weight(&layer.name, affine, own));
            }
            Action::BatchNorm(_) => {
                flat("weight", &biases[..biases.len() / 2]);
                flat("bias", &biases[biases.len() / 2..]);
            }
            _ => {}
        }
    }
    arrays
}

fn weight(name: &str, affine: &Affine, parameters: &[f64]) -> Array {
    let blocks = affine.blocks(parameters);
    let (rows, columns) = (blocks[0].nrows(), blocks[0].ncols());
    let equal = blocks
        .iter()
        .all(|b| (b.nrows(), b.ncols()) == (rows, columns));
    let (shape, blocks) = match (blocks.len(), affine.slot().kernel) {
        (1, Some(kernel)) => (
            vec![rows, kernel.channels, kernel.height, kernel.width],
            blocks,
        ),
        (1, None) => (vec![rows, columns], blocks),
        (count, _) if equal => (vec![count, rows, columns], blocks),
        _ => {
            let dense = affine.weight().dense(parameters);
            (vec![dense.nrows(), dense.ncols()], vec![dense])
        }
    };
    let row_major = |block: &faer::Mat<f64>| -> Vec<f64> {
        block
            .row_iter()
            .flat_map(|row| row.iter().copied())
            .collect()
    };
    Array {
        name: format!("{name}.weight"),
        shape,
        values: blocks.iter().flat_map(row_major).collect(),
    }
}

/// Writes arrays, with one entry of metadata.
pub(super) fn serialize(
    arrays: &[Array],
    precision: Precision,
    text: Option<(&str, String)>,
) -> Vec<u8> {
    let dtype = match precision {
        Precision::Single => Dtype::F32,
        Precision::Double => Dtype::F64,
    };
    let bytes: Vec<Vec<u8>> = arrays
        .iter()
        .map(|array| bytes_of(&array.values, precision))
        .collect();
    let views = arrays.iter().zip(&bytes).map(|(array, bytes)| {
        let view =
            TensorView::new(dtype, array.shape.clone(), bytes).expect("as many bytes as numbers");
        (array.name.as_str(), view)
    });
    let metadata = text.map(|(key, text)| HashMap::from([(key.to_owned(), text)]));
    safetensors::serialize(views, metadata).expect("names differ and arrays are whole")
}

/// The bytes of `values` in a file.
pub(super) fn bytes_of(values: &[f64], precision: Precision) -> Vec<u8> {
    let values = values.iter();
    match precision {
        Precision::Single => values.flat_map(|&x| (x as f32).to_le_bytes()).collect(),
        Precision::Double => values.flat_map(|x| x.to_le_bytes()).collect(),
    }
}
