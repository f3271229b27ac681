//! Pruned weights in compressed sparse rows.

use super::layer::Layer;
use super::network::{Network, Parameters};
use crate::family::dense::DenseSettings;
use safetensors::tensor::{Dtype, TensorView};
use std::ops::Range;

/// The pruned dense weights of `network` as a safetensors file; none where nothing was pruned.
///
/// Of each, row by row: `NAME.values` (f32), `NAME.columns` (u32, ascending in a row), and `NAME.rows` (u32, one
/// more than rows): row i is entries `rows[i]` to `rows[i + 1]`. `NAME.shape` is rows and columns.
pub(super) fn sparse_file(network: &Network, parameters: &Parameters) -> Option<Vec<u8>> {
    let layers = network.layers.iter().zip(network.places());
    let arrays: Vec<Array> = layers
        .filter_map(|(layer, [place, _])| compressed(layer, place, parameters))
        .flatten()
        .collect();
    let views = arrays.iter().map(|array| {
        let view = TensorView::new(array.dtype, vec![array.bytes.len() / 4], &array.bytes);
        (array.name.as_str(), view.expect("as many bytes as numbers"))
    });
    (!arrays.is_empty())
        .then(|| safetensors::serialize(views, None).expect("names differ and arrays are whole"))
}

struct Array {
    name: String,
    dtype: Dtype,
    bytes: Vec<u8>,
}

fn compressed(layer: &Layer, place: Range<usize>, parameters: &Parameters) -> Option<[Array; 4]> {
    let affine = layer.affine()?;
    let mask = affine.mask()?;
    affine.settings().get::<DenseSettings>()?;
    let own = &parameters.weights[place];
    let (rows, columns) = (affine.slot().rows, affine.slot().columns);
    let (mut values, mut places, mut starts) = (Vec::new(), Vec::new(), vec![0]);
    for row in 0..rows {
        let kept = (0..columns).filter(|column| mask[row + column * rows] != 0.0);
        for column in kept {
            values.extend((own[row + column * rows] as f32).to_le_bytes());
            places.push(column);
        }
        starts.push(places.len());
    }
    let array = |what: &str, dtype, bytes| Array {
        name: format!("{}.{what}", layer.name),
        dtype,
        bytes,
    };
    let integers = |all: &[usize]| all.iter().flat_map(|&i| (i as u32).to_le_bytes()).collect();
    Some([
        array("values", Dtype::F32, values),
        array("columns", Dtype::U32, integers(&places)),
        array("rows", Dtype::U32, integers(&starts)),
        array("shape", Dtype::U32, integers(&[rows, columns])),
    ])
}
