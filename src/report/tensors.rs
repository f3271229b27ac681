//! A comparison's pairs, tensor by tensor.

use super::text::{file_name, shown_name};
use crate::spectrum::{Comparison, Pair};

/// A tensor of ONE with its namesakes in the other files, in the order of those.
pub(super) struct Tensor<'a> {
    /// Place in ONE among the tensors asked for, from 1.
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

/// The tensors of a comparison in the order of ONE. Pairs belong together by their place within a
/// step, so that two tensors whose names look the same stay two.
pub(super) fn tensors(comparison: &Comparison) -> Vec<Tensor<'_>> {
    let mut all: Vec<Tensor<'_>> = Vec::new();
    for step in comparison.pairs.chunk_by(|a, b| a.step == b.step) {
        for (place, pair) in step.iter().enumerate() {
            if place == all.len() {
                let (number, pairs) = (place + 1, Vec::new());
                all.push(Tensor { number, pairs });
            }
            all[place].pairs.push(pair);
        }
    }
    all
}

/// OTHER by its number and its file's name: `2 b100.safetensors`.
pub(super) fn other(pair: &Pair) -> String {
    format!("{} {}", pair.step, file_name(&pair.other))
}
