//! A network: layers whose sizes chain, and where their parameters lie.

use super::layer::{Affine, Layer, Problem, Tape};
use super::recipe::LayerSettings;
use super::shape::{ImageShape, Shape};
use crate::program::View;
use std::ops::Range;

/// Layers whose sizes chain.
///
/// The parameters of all weights are one column, layer by layer; so are all biases.
pub struct Network {
    /// The shape of the input.
    pub input: Shape,
    /// First to last.
    pub layers: Vec<Layer>,
}

/// A layer that cannot be, by its index from 0.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{kind} {}: {problem}", index + 1)]
pub struct LayerError {
    /// The index, from 0.
    pub index: usize,
    /// The kind.
    pub kind: &'static str,
    /// Why.
    pub problem: Problem,
}

/// The numbers that training changes: all weights' parameters, all biases.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Layer by layer, in the order of each weight's operator.
    pub weights: Vec<f64>,
    /// Layer by layer; of batch normalisation the scales, then the shifts.
    pub biases: Vec<f64>,
}

impl Network {
    /// The network of `layers` on images `[channels, height, width]`, its random parts from `seed`.
    ///
    /// # Errors
    ///
    /// [`LayerError`], the first layer that cannot follow.
    pub fn new<'a>(
        layers: impl IntoIterator<Item = &'a LayerSettings>,
        [channels, height, width]: [usize; 3],
        seed: u64,
    ) -> Result<Network, LayerError> {
        let input = Shape::Image(ImageShape {
            channels,
            height,
            width,
            channels_last: channels == 1,
            vector: [channels, height] == [1, 1],
        });
        let mut shape = input;
        let mut all: Vec<Layer> = Vec::new();
        for (index, settings) in layers.into_iter().enumerate() {
            let failed = |problem| LayerError {
                index,
                kind: settings.kind(),
                problem,
            };
            let layer = Layer::new(settings, index, shape, seed).map_err(failed)?;
            let parametric =
                |layer: &Layer| layer.parameters() != (0, 0) || layer.affine().is_some();
            let same = |other: &&Layer| other.name == layer.name && parametric(other);
            if parametric(&layer) && all.iter().any(|other| same(&other)) {
                let name = layer.name.clone();
                return Err(failed(Problem::Twice { name }));
            }
            shape = layer.output;
            all.push(layer);
        }
        Ok(Network { input, layers: all })
    }

    /// Numbers that come out.
    pub fn outputs(&self) -> usize {
        self.layers
            .last()
            .map_or(self.input, |layer| layer.output)
            .numbers()
    }

    /// The layer called `name`, and its place.
    pub fn layer(&self, name: &str) -> Option<(usize, &Layer)> {
        let mut layers = self.layers.iter().enumerate();
        layers.find(|(_, layer)| layer.name == name)
    }

    /// Returns the ranges of each layer's parameters and biases.
    pub fn places(&self) -> Vec<[Range<usize>; 2]> {
        let mut next = [0, 0];
        let place = |layer: &Layer| {
            let (weights, biases) = layer.parameters();
            let start = next;
            next = [start[0] + weights, start[1] + biases];
            [start[0]..next[0], start[1]..next[1]]
        };
        self.layers.iter().map(place).collect()
    }

    /// Numbers of weights' parameters and of biases.
    pub fn parameters(&self) -> [usize; 2] {
        self.places().last().map_or([0, 0], |[w, b]| [w.end, b.end])
    }

    /// Returns the initial parameters.
    pub fn initial(&self) -> Parameters {
        let weights = self.layers.iter().filter_map(Layer::affine);
        Parameters {
            weights: weights.flat_map(|a| a.initial().iter().copied()).collect(),
            biases: self.layers.iter().flat_map(Layer::initial_biases).collect(),
        }
    }

    /// Numbers of the same network with dense weights, biases the same.
    pub fn dense_parameters(&self) -> [usize; 2] {
        let affine = self.layers.iter().filter_map(Layer::affine);
        let entries = |affine: &Affine| affine.slot().rows * affine.slot().columns;
        [affine.map(entries).sum(), self.parameters()[1]]
    }

    /// Which parameters are kept at zero, by layer.
    pub(super) fn masks(&self) -> Vec<(String, Vec<f64>)> {
        let mask = |layer: &Layer| {
            let mask = layer.affine()?.mask()?;
            Some((layer.name.clone(), mask.to_vec()))
        };
        self.layers.iter().filter_map(mask).collect()
    }

    /// Writes the scores of `x` down.
    pub(super) fn emit(&self, tape: &mut Tape<'_>, x: View, weights: View, biases: View) -> View {
        let mut x = x;
        for ((index, layer), [w, b]) in self.layers.iter().enumerate().zip(self.places()) {
            let (weights, biases) = (weights.row_range(w), biases.row_range(b));
            x = layer.emit(tape, index, x, weights, biases);
        }
        x
    }
}
