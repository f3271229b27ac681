//! A comparison's pairs, tensor by tensor.

use super::text::{file_name, shown_name};
use crate::spectrum::{Comparison, Pair};

/// A tensor of ONE with its namesakes in the other files, in the order of those.
pub(super) struct Tensor<'a> {
    /// Place in ONE among the tensors asked for, from 1; those that only OTHERs have come after them.
    pub number: usize,
    /// One pair a file.
    pub pairs: Vec<&'a Pair>,
}

impl Tensor<'_> {
    /// The name as shown.
    pub fn name(&self) -> String {
        shown_name(&self.pairs[0].name)
    }
}

/// The tensors of a comparison in the order of ONE, then those that only OTHERs have. Pairs belong together by their
/// place in ONE, so that two tensors whose names look the same stay two.
pub(super) fn tensors(comparison: &Comparison) -> Vec<Tensor<'_>> {
    let mut all: Vec<Tensor<'_>> = Vec::new();
    let (shared, lone): (Vec<&Pair>, Vec<&Pair>) =
        (comparison.rows.iter()).partition(|pair| pair.place.is_some());
    for pair in shared.into_iter().chain(lone) {
        let same = |tensor: &&mut Tensor<'_>| {
            let first = tensor.pairs[0];
            first.place == pair.place && (pair.place.is_some() || first.name == pair.name)
        };
        let known = match pair.place {
            Some(place) => all.get_mut(place),
            None => all.iter_mut().find(same),
        };
        match known {
            Some(tensor) => tensor.pairs.push(pair),
            None => all.push(Tensor {
                number: all.len() + 1,
                pairs: vec![pair],
            }),
        }
    }
    all
}

/// OTHER by its number and its file's name: `2 b100.safetensors`.
pub(super) fn other(pair: &Pair) -> String {
    format!("{} {}", pair.step, file_name(&pair.other))
}
