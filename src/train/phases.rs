//! The phases of a training: the layers of each, its rate and penalties.

use super::error::TrainError;
use super::layer::Layer;
use super::network::Network;
use super::recipe::{Change, LayerSettings, Penalty, Rate, Recipe};
use super::step::Penalized;
use crate::family::dense::DenseSettings;
use std::collections::BTreeMap;

/// A phase, its layers as they are then.
#[derive(Debug, Clone)]
pub(super) struct Phase {
    /// The name.
    pub name: Option<String>,
    /// First iteration, from 0, and the one after the last.
    pub iterations: std::ops::Range<u64>,
    /// The layers.
    pub layers: Vec<LayerSettings>,
    /// Changes by place of the layer.
    pub changes: BTreeMap<usize, Change>,
    /// The iteration since which the optimizer remembers.
    pub restarted: u64,
    rate: Rate,
    /// From where to where the rate counts.
    counted: std::ops::Range<u64>,
}

impl Phase {
    /// The rate of iteration `t`, counted from the beginning of the training.
    pub fn rate(&self, t: u64) -> f64 {
        let counted = &self.counted;
        self.rate.at(t - counted.start, counted.end - counted.start)
    }

    /// The penalties while it lasts.
    ///
    /// # Errors
    ///
    /// Blocks that do not divide, or a weight that is not dense.
    pub fn penalties(&self, network: &Network) -> Result<Vec<Penalized>, (usize, String)> {
        let asked = self
            .changes
            .iter()
            .filter_map(|(i, change)| Some((*i, change.penalty?)));
        asked
            .map(|(index, penalty)| {
                let layer = &network.layers[index];
                let strengths = strengths(layer, &penalty).map_err(|problem| (index, problem))?;
                let [range, _] = network.places().swap_remove(index);
                Ok(Penalized {
                    range,
                    penalty,
                    strengths,
                })
            })
            .collect()
    }
}

/// The phases of `recipe` on `samples` training samples.
///
/// # Errors
///
/// A change of a layer that is not there.
pub(super) fn phases(recipe: &Recipe, samples: usize) -> Result<Vec<Phase>, TrainError> {
    let mut layers: Vec<LayerSettings> = recipe.layers.clone();
    let training = &recipe.training;
    if recipe.phases.is_empty() {
        let passes = |epochs: f64| (epochs * samples as f64 / training.batch as f64).ceil() as u64;
        let said = training.iterations.or(training.epochs.map(passes));
        let end = said.expect("a recipe that was checked says how long");
        return Ok(vec![Phase {
            name: None,
            iterations: 0..end,
            layers,
            changes: BTreeMap::new(),
            restarted: 0,
            rate: training.rate,
            counted: 0..end,
        }]);
    }
    let total: u64 = recipe.phases.iter().map(|phase| phase.iterations).sum();
    let (mut start, mut restarted) = (0, 0);
    let mut all = Vec::new();
    for settings in &recipe.phases {
        let mut moved = false;
        let end = start + settings.iterations;
        let mut changes = BTreeMap::new();
        for (name, change) in &settings.layers {
            let index = place(&layers, name).ok_or_else(|| no_layer(&layers, name))?;
            apply(&mut layers[index], change).map_err(|problem| TrainError::Change {
                phase: all.len() + 1,
                layer: name.clone(),
                problem,
            })?;
            moved |= change.moves();
            changes.insert(index, change.clone());
        }
        if moved {
            restarted = start;
        }
        all.push(Phase {
            name: settings.name.clone(),
            iterations: start..end,
            layers: layers.clone(),
            changes,
            restarted,
            rate: settings.rate.unwrap_or(training.rate),
            counted: settings.rate.map_or(0..total, |_| start..end),
        });
        start = end;
    }
    Ok(all)
}

/// The learning rate of every step of `recipe` on `samples` training samples.
///
/// # Errors
///
/// A change of a layer that is not there.
pub fn learning_rates(recipe: &Recipe, samples: usize) -> Result<Vec<f64>, TrainError> {
    let phases = phases(recipe, samples)?;
    let rates = phases.iter().flat_map(|phase| {
        let steps = phase.iterations.clone();
        steps.map(|t| phase.rate(t))
    });
    Ok(rates.collect())
}

/// The place of the layer with a weight that is called `name`.
pub(super) fn place(layers: &[LayerSettings], name: &str) -> Option<usize> {
    (0..layers.len()).find(|&i| weight_name(layers, i).as_deref() == Some(name))
}

/// No layer is called `name`.
pub(super) fn no_layer(layers: &[LayerSettings], name: &str) -> TrainError {
    TrainError::NoLayer {
        name: name.to_owned(),
        known: (0..layers.len())
            .filter_map(|i| weight_name(layers, i))
            .collect(),
    }
}

fn weight_name(layers: &[LayerSettings], index: usize) -> Option<String> {
    let layer = &layers[index];
    let weighs = matches!(
        layer,
        LayerSettings::Linear { .. } | LayerSettings::Convolution { .. }
    );
    weighs.then(|| layer.name_at(index))
}

fn apply(layer: &mut LayerSettings, change: &Change) -> Result<(), String> {
    if let (Some(weight), Some(new)) = (layer.weight_mut(), &change.weight) {
        *weight = new.clone();
    }
    match (change.keep_nodes, layer) {
        (None, _) => Ok(()),
        (Some(nodes), LayerSettings::Linear { outputs, .. }) => {
            *outputs = nodes;
            Ok(())
        }
        _ => Err("outputs are taken out of linear layers only".into()),
    }
}

/// α for each parameter of a dense weight, column by column; 0 inside the blocks that are spared.
fn strengths(layer: &Layer, penalty: &Penalty) -> Result<Vec<f64>, String> {
    let affine = layer.affine().expect("changes are of layers with weights");
    let (rows, columns) = (affine.slot().rows, affine.slot().columns);
    if affine.settings().get::<DenseSettings>().is_none() {
        return Err("a penalty needs a dense weight".into());
    }
    let Some(blocks) = penalty.outside_blocks else {
        return Ok(vec![penalty.strength; rows * columns]);
    };
    if blocks == 0 || !rows.is_multiple_of(blocks) || !columns.is_multiple_of(blocks) {
        return Err(format!("{blocks} blocks do not divide {rows}x{columns}"));
    }
    let (height, width) = (rows / blocks, columns / blocks);
    let strength = |entry: usize| {
        let (i, j) = (entry % rows, entry / rows);
        if i / height == j / width {
            0.0
        } else {
            penalty.strength
        }
    };
    Ok((0..rows * columns).map(strength).collect())
}
