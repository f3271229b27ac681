//! The phases of a training: the layers of each, and what one takes over from the one before.

use super::error::TrainError;
use super::layer::{Action, Affine, Layer};
use super::network::{Network, Parameters};
use super::recipe::{Change, LayerSettings, Penalty, Rate, Recipe};
use super::step::Penalized;
use super::weight::WeightSettings;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A phase, its layers as they are then.
#[derive(Debug, Clone)]
pub(super) struct Phase {
    /// What it is called.
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
    let mut layers: Vec<LayerSettings> =
        recipe.layers.iter().map(|l| l.get_ref().clone()).collect();
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
    let settings = recipe.phases.iter().map(|phase| phase.get_ref());
    let total: u64 = settings.clone().map(|phase| phase.iterations).sum();
    let (mut start, mut restarted) = (0, 0);
    let mut all = Vec::new();
    for settings in settings {
        let mut moved = false;
        let end = start + settings.iterations;
        let mut changes = BTreeMap::new();
        for (name, change) in &settings.layers {
            let index = place(&layers, name).ok_or_else(|| no_layer(&layers, name))?;
            apply(&mut layers[index], change);
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
    weighs.then(|| Layer::name_of(layer, index))
}

fn apply(layer: &mut LayerSettings, change: &Change) {
    if let (Some(weight), Some(new)) = (layer.weight_mut(), &change.weight) {
        *weight = new.clone();
    }
    if let (Some(nodes), LayerSettings::Linear { outputs, .. }) = (change.keep_nodes, layer) {
        *outputs = nodes;
    }
}

/// α for each parameter of a dense weight, column by column; 0 inside the blocks that are spared.
fn strengths(layer: &Layer, penalty: &Penalty) -> Result<Vec<f64>, String> {
    let affine = layer.affine().expect("changes are of layers with weights");
    let (rows, columns) = (affine.slot().rows, affine.slot().columns);
    if !matches!(affine.settings(), WeightSettings::Dense(_)) {
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
        match i / height == j / width {
            true => 0.0,
            false => penalty.strength,
        }
    };
    Ok((0..rows * columns).map(strength).collect())
}

/// Parameters of `network` begun from `old` ones of the network before; masks go over too.
///
/// # Errors
///
/// The layer that cannot begin from what it was, and why.
pub(super) fn carry(
    before: &Network,
    old: &Parameters,
    network: &mut Network,
    changes: &BTreeMap<usize, Change>,
    seed: u64,
) -> Result<Parameters, (usize, String)> {
    let places = before.places();
    let mut new = Parameters {
        weights: Vec::new(),
        biases: Vec::new(),
    };
    // the inputs that are left, where nodes were taken out
    let mut kept: Option<Vec<usize>> = None;
    for (index, layer) in network.layers.iter_mut().enumerate() {
        let earlier = &before.layers[index];
        let [weights, biases] = places[index].clone();
        let (weights, biases) = (&old.weights[weights], &old.biases[biases]);
        let pick = |values: &[f64], kept: &Option<Vec<usize>>| match kept {
            Some(kept) => kept.iter().map(|&i| values[i]).collect(),
            None => values.to_vec(),
        };
        match (&mut layer.action, &earlier.action) {
            (Action::Affine(now), Action::Affine(then)) => {
                let change = changes.get(&index).cloned().unwrap_or_default();
                let rows = (now.slot().rows != then.slot().rows)
                    .then(|| longest_rows(then, weights, now.slot().rows));
                let carried = carry_weight(
                    now,
                    then,
                    weights,
                    rows.as_deref(),
                    kept.as_deref(),
                    (seed, index as u64),
                );
                let carried = carried.map_err(|problem| (index, problem))?;
                let carried =
                    prune(now, carried, change.prune).map_err(|problem| (index, problem))?;
                new.weights.extend(carried);
                new.biases.extend(pick(biases, &rows));
                kept = rows;
            }
            (Action::BatchNorm(_), _) => {
                let half = biases.len() / 2;
                new.biases.extend(pick(&biases[..half], &kept));
                new.biases.extend(pick(&biases[half..], &kept));
            }
            (Action::Activation(_) | Action::Dropout { .. }, _) => {}
            _ if kept.is_some() => {
                let problem = format!("outputs cannot be taken out before a {} layer", layer.kind);
                return Err((index, problem));
            }
            _ => {}
        }
    }
    Ok(new)
}

/// The rows of the greatest norm, in order.
fn longest_rows(affine: &Affine, weights: &[f64], count: usize) -> Vec<usize> {
    let dense = affine.weight().dense(weights);
    let norms: Vec<f64> = dense.row_iter().map(|row| row.norm_l2()).collect();
    let mut rows: Vec<usize> = (0..norms.len()).collect();
    rows.sort_by(|&a, &b| norms[b].total_cmp(&norms[a]).then(a.cmp(&b)));
    rows.truncate(count);
    rows.sort_unstable();
    rows
}

fn carry_weight(
    now: &mut Affine,
    then: &Affine,
    weights: &[f64],
    rows: Option<&[usize]>,
    columns: Option<&[usize]>,
    path: (u64, u64),
) -> Result<Vec<f64>, String> {
    let (m, n) = (then.slot().rows, then.slot().columns);
    if rows.is_some() || columns.is_some() {
        let dense = matches!(then.settings(), WeightSettings::Dense(_));
        if !dense || now.settings() != then.settings() || now.slot().rows > m {
            return Err(
                "outputs can be taken out of and before dense weights only, and not added".into(),
            );
        }
        let (all_rows, all_columns): (Vec<usize>, Vec<usize>) =
            ((0..m).collect(), (0..n).collect());
        let (rows, columns) = (rows.unwrap_or(&all_rows), columns.unwrap_or(&all_columns));
        let taken = |values: &[f64]| -> Vec<f64> {
            let column = |&j: &usize| rows.iter().map(move |&i| i + j * m);
            columns
                .iter()
                .flat_map(column)
                .map(|place| values[place])
                .collect()
        };
        now.set_mask(then.mask().map(|mask| taken(mask).into()));
        return Ok(taken(weights));
    }
    if now.settings() == then.settings() {
        now.set_mask(then.mask().cloned());
        return Ok(weights.to_vec());
    }
    if then.mask().is_some() {
        return Err("a pruned weight cannot change its family".into());
    }
    match (then.settings(), now.settings()) {
        (WeightSettings::Dense(_), WeightSettings::BlockDiagonal(_)) => {
            let (mut row, mut column) = (0, 0);
            let mut inside = Vec::new();
            for (height, width) in now.block_shapes() {
                let entries = (column..column + width)
                    .flat_map(|j| (row..row + height).map(move |i| i + j * m));
                inside.extend(entries.map(|place| weights[place]));
                (row, column) = (row + height, column + width);
            }
            Ok(inside)
        }
        (from, to) => to
            .grow(from, weights, now.slot(), path.0, path.1)
            .map_err(|error| error.to_string()),
    }
}

/// Sets the smallest `share` of the parameters to zero, for good.
fn prune(
    affine: &mut Affine,
    mut weights: Vec<f64>,
    share: Option<f64>,
) -> Result<Vec<f64>, String> {
    let Some(share) = share else {
        return Ok(weights);
    };
    if !(0.0..1.0).contains(&share) {
        return Err(format!(
            "prune is {share}; it must be at least 0 and below 1"
        ));
    }
    let out = (share * weights.len() as f64).round() as usize;
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|&a, &b| {
        weights[a]
            .abs()
            .total_cmp(&weights[b].abs())
            .then(a.cmp(&b))
    });
    let mut mask = vec![1.0; weights.len()];
    for &place in &order[..out] {
        mask[place] = 0.0;
        weights[place] = 0.0;
    }
    affine.set_mask(Some(Arc::from(mask)));
    Ok(weights)
}
