//! Transfer of parameters from the network of one phase to that of the next.

use super::layer::{Action, Affine};
use super::network::{Network, Parameters};
use super::recipe::Change;
use crate::family::block_diagonal::BlockDiagonalSettings;
use crate::family::dense::DenseSettings;
use std::collections::BTreeMap;
use std::sync::Arc;

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
            (Action::BatchNorm(_), _) if kept.is_none() => new.biases.extend(biases),
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
        let dense = then.settings().get::<DenseSettings>().is_some();
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
    let (from, to) = (then.settings(), now.settings());
    let dense = from.get::<DenseSettings>().is_some();
    if dense && to.get::<BlockDiagonalSettings>().is_some() {
        let (mut row, mut column) = (0, 0);
        let mut inside = Vec::new();
        for (height, width) in now.block_shapes() {
            let entries =
                (column..column + width).flat_map(|j| (row..row + height).map(move |i| i + j * m));
            inside.extend(entries.map(|place| weights[place]));
            (row, column) = (row + height, column + width);
        }
        return Ok(inside);
    }
    to.grow(from, weights, now.slot(), path.0, path.1)
        .map_err(|error| error.to_string())
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
    if weights.is_empty() {
        return Err("has no parameters that could be pruned".into());
    }
    let out = (share * weights.len() as f64).round() as usize;
    let mut order: Vec<usize> = (0..weights.len()).collect();
    // what is at zero already comes first
    let size = |place: usize| {
        if affine.mask().is_some_and(|mask| mask[place] == 0.0) {
            -1.0
        } else {
            weights[place].abs()
        }
    };
    order.sort_by(|&a, &b| size(a).total_cmp(&size(b)).then(a.cmp(&b)));
    let mut mask = affine
        .mask()
        .map_or(vec![1.0; weights.len()], |mask| mask.to_vec());
    for &place in &order[..out] {
        mask[place] = 0.0;
        weights[place] = 0.0;
    }
    affine.set_mask(Some(Arc::from(mask)));
    Ok(weights)
}
