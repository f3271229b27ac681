//! The networks of a recipe's phases, and whether they follow one another.

use super::carry::carry;
use super::error::TrainError;
use super::labels::absent;
use super::layer::{Action, Layer, Problem};
use super::network::{LayerError, Network};
use super::phases::{Phase, no_layer, place};
use super::recipe::Recipe;
use crate::data::Dataset;

/// Builds the network of `phase`. Its fixed matrices are drawn, which can take seconds.
///
/// # Errors
///
/// Layers whose sizes do not chain, other outputs than classes, a batch normalisation that has one value to normalise.
pub(super) fn build(recipe: &Recipe, data: &Dataset, phase: &Phase) -> Result<Network, TrainError> {
    let network = Network::new(&phase.layers, data.train.shape, recipe.seed)?;
    let (outputs, classes) = (network.outputs(), data.classes);
    if outputs != classes {
        return Err(TrainError::Classes {
            outputs,
            classes,
            absent: absent(
                classes,
                [&data.train.labels[..], &data.test.labels].concat(),
            ),
        });
    }
    let batch = recipe.training.batch;
    let has_one_value = |layer: &Layer| {
        let values = layer.input.numbers() / layer.input.features();
        matches!(layer.action, Action::BatchNorm(_)) && batch * values == 1
    };
    if let Some(index) = network.layers.iter().position(has_one_value) {
        return Err(TrainError::Layer(LayerError {
            index,
            kind: network.layers[index].kind,
            problem: Problem::OneValue,
        }));
    }
    Ok(network)
}

/// Says that the layer `index` cannot change so in the phase of this number, from 1.
pub(super) fn change(number: usize, phase: &Phase, index: usize, problem: String) -> TrainError {
    TrainError::Change {
        phase: number,
        layer: phase.layers[index].name_at(index),
        problem,
    }
}

/// Builds every phase from the one before, at initial parameters, and returns the network of the first.
///
/// # Errors
///
/// The first phase that cannot be, and why.
pub(super) fn check(
    recipe: &Recipe,
    data: &Dataset,
    phases: &[Phase],
) -> Result<Network, TrainError> {
    let start = &phases[0];
    for name in &recipe.record.watch {
        if place(&start.layers, name).is_none() {
            return Err(no_layer(&start.layers, name));
        }
    }
    let pruned = start.changes.iter().find(|(_, c)| c.prune.is_some());
    if let Some((&index, _)) = pruned {
        let problem = "nothing is trained yet that could be pruned; prune in a later phase";
        return Err(change(1, start, index, problem.into()));
    }
    let first = changed(recipe, data, 1, start)?;
    let mut parameters = first.initial();
    let mut before: Option<Network> = None;
    for (number, phase) in (2..).zip(&phases[1..]) {
        let mut network = changed(recipe, data, number, phase)?;
        let earlier = before.as_ref().unwrap_or(&first);
        let (changes, seed) = (&phase.changes, recipe.seed);
        let carried = carry(earlier, &parameters, &mut network, changes, seed);
        parameters = carried.map_err(|(index, problem)| change(number, phase, index, problem))?;
        before = Some(network);
    }
    Ok(first)
}

/// Builds the network of the phase of this number and checks its penalties; blames its changes for their layers.
fn changed(
    recipe: &Recipe,
    data: &Dataset,
    number: usize,
    phase: &Phase,
) -> Result<Network, TrainError> {
    let network = build(recipe, data, phase).map_err(|error| match error {
        TrainError::Layer(LayerError { index, problem, .. })
            if phase.changes.contains_key(&index) =>
        {
            change(number, phase, index, problem.to_string())
        }
        error => error,
    })?;
    let penalties = phase.penalties(&network);
    penalties.map_err(|(index, problem)| change(number, phase, index, problem))?;
    Ok(network)
}
