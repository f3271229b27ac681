//! The plan for one budget.

use super::candidate::limit;
use super::group::{Form, Group};
use super::point::Error;
use super::result::{Budget, CurvePoint, Next, PlannedLayer, Sized, Uniform};
use super::uniform::{cheapest, uniform};
use super::{Mode, PlanError};
use crate::allocate::{AllocateError, Allocation, allocate};
use crate::compress::Family;
use std::collections::BTreeMap;

/// Partial allocations that are kept to prove an optimum.
const STATES: usize = 1 << 20;
/// The step to a somewhat larger budget, as a share of the cost of the dense layers.
const MORE: f64 = 0.01;
/// Steps of the curve over all budgets.
const STEPS: u32 = 24;
/// Layers that are named as those that it enlarges.
const NAMED: usize = 10;

/// The layers of a plan, with their names and the places of their rows.
pub(super) struct Layers<'a> {
    pub layers: Vec<&'a PlannedLayer>,
    pub rows: Vec<usize>,
    pub names: Vec<String>,
}

/// The choice of each group, and what is known of it.
struct Solved {
    chosen: Vec<usize>,
    bound: Option<f64>,
    optimal: Option<bool>,
    price: Option<f64>,
}

/// Plans for a budget that is this share of what the groups cost as they are.
pub(super) fn solve(
    layers: &Layers<'_>,
    groups: &[Group],
    mode: Mode,
    share: f64,
    unit: &'static str,
) -> Result<Budget, PlanError> {
    let dense: u64 = groups.iter().map(Group::dense).sum();
    let most = limit(share, dense);
    let least = cheapest(groups);
    if most < least {
        return Err(PlanError::Budget {
            share,
            limit: most,
            least,
            dense,
            unit,
        });
    }
    let problem = |error: AllocateError| PlanError::Layers(error.to_string());
    let solved = allocation(groups, mode, most, STATES).map_err(problem)?;
    let error = sum(groups, &solved.chosen);
    let larger = limit(share + MORE, dense).min(dense);
    let next = if larger > most {
        let next = allocation(groups, mode, larger, STATES).map_err(problem)?;
        Some(Next {
            limit: larger,
            error: sum(groups, &next.chosen),
            grows: grown(layers, groups, &solved.chosen, &next.chosen),
        })
    } else {
        None
    };
    let even = uniform(groups, most);
    let left = groups
        .iter()
        .zip(&even.is_left)
        .filter(|(_, is_left)| **is_left);
    let left = left.flat_map(|(group, _)| &group.layers);
    Ok(Budget {
        share,
        limit: most,
        cost: cost(groups, &solved.chosen),
        error,
        bound: solved.bound,
        gap: solved
            .bound
            .filter(|bound| *bound > 0.0)
            .map(|bound| (error / bound - 1.0).max(0.0)),
        optimal: solved.optimal,
        price: solved.price,
        next,
        layers: sized(layers, groups, &solved.chosen),
        uniform: Uniform {
            ratio: even.ratio,
            dense: left.map(|&layer| layers.names[layer].clone()).collect(),
            cost: cost(groups, &even.chosen),
            error: sum(groups, &even.chosen),
            layers: sized(layers, groups, &even.chosen),
        },
    })
}

/// Returns what budgets from the least to the whole come to, by greedy allocations.
pub(super) fn curve(groups: &[Group], mode: Mode) -> Vec<CurvePoint> {
    let dense: u64 = groups.iter().map(Group::dense).sum();
    let least = cheapest(groups);
    if dense == 0 {
        return Vec::new();
    }
    let from = least.max(1) as f64 / dense as f64;
    let shares = (0..=STEPS).map(|step| from.powf(1.0 - f64::from(step) / f64::from(STEPS)));
    let point = |share: f64| {
        let most = limit(share, dense).max(least);
        let solved = allocation(groups, mode, most, 1).ok()?;
        Some(CurvePoint {
            share,
            error: sum(groups, &solved.chosen),
            uniform_error: sum(groups, &uniform(groups, most).chosen),
        })
    };
    shares.filter_map(point).collect()
}

/// Chooses within a budget, as far as what is known lets errors be compared.
fn allocation(
    groups: &[Group],
    mode: Mode,
    most: u64,
    states: usize,
) -> Result<Solved, AllocateError> {
    match mode {
        Mode::Weights => Ok(Solved {
            chosen: uniform(groups, most).chosen,
            bound: None,
            optimal: None,
            price: None,
        }),
        Mode::Inputs => by_type(groups, most, states),
        Mode::Gradients | Mode::Alpha => {
            let choices: Vec<_> = groups.iter().map(|group| group.choices.clone()).collect();
            let Allocation {
                chosen,
                bound,
                price,
                is_optimal,
                ..
            } = allocate(&choices, most, states)?;
            Ok(Solved {
                chosen,
                bound: Some(bound),
                optimal: Some(is_optimal),
                price: Some(price),
            })
        }
    }
}

/// Gives each type of weight what it costs in the uniform plan.
fn by_type(groups: &[Group], most: u64, states: usize) -> Result<Solved, AllocateError> {
    let even = uniform(groups, most).chosen;
    let mut types: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, group) in groups.iter().enumerate() {
        types.entry(&group.weight_type).or_default().push(place);
    }
    let mut chosen = vec![0; groups.len()];
    let (mut bound, mut is_optimal, mut price) = (0.0, true, 0.0f64);
    for places in types.values() {
        let choices: Vec<_> = places
            .iter()
            .map(|&place| groups[place].choices.clone())
            .collect();
        let costs = places
            .iter()
            .map(|&place| groups[place].choices[even[place]].cost);
        let found = allocate(&choices, costs.sum(), states)?;
        for (place, choice) in places.iter().zip(&found.chosen) {
            chosen[*place] = *choice;
        }
        bound += found.bound;
        is_optimal &= found.is_optimal;
        price = price.max(found.price);
    }
    Ok(Solved {
        chosen,
        bound: Some(bound),
        optimal: Some(is_optimal),
        price: Some(price),
    })
}

fn sum(groups: &[Group], chosen: &[usize]) -> f64 {
    let errors = groups.iter().zip(chosen);
    errors
        .map(|(group, choice)| group.choices[*choice].error)
        .sum()
}

fn cost(groups: &[Group], chosen: &[usize]) -> u64 {
    let costs = groups.iter().zip(chosen);
    costs
        .map(|(group, choice)| group.choices[*choice].cost)
        .sum()
}

/// Returns the layers that one choice makes larger than another, the one that gains most first.
fn grown(layers: &Layers<'_>, groups: &[Group], from: &[usize], to: &[usize]) -> Vec<String> {
    let pairs = groups.iter().zip(from.iter().zip(to));
    let mut grown: Vec<(f64, &Group)> = pairs
        .map(|(group, (from, to))| (&group.choices[*from], &group.choices[*to], group))
        .filter(|(from, to, _)| to.cost > from.cost)
        .map(|(from, to, group)| (from.error - to.error, group))
        .collect();
    grown.sort_by(|a, b| b.0.total_cmp(&a.0));
    let names = grown.iter().flat_map(|(_, group)| &group.layers);
    names
        .take(NAMED)
        .map(|&layer| layers.names[layer].clone())
        .collect()
}

/// Returns the layers in the forms that the groups have chosen, in the order of their rows.
fn sized(layers: &Layers<'_>, groups: &[Group], chosen: &[usize]) -> Vec<Sized> {
    let mut forms: Vec<Form> = vec![None; layers.layers.len()];
    for (group, choice) in groups.iter().zip(chosen) {
        for &layer in &group.layers {
            forms[layer] = group.forms[*choice];
        }
    }
    let sized = |(place, form): (usize, Form)| {
        let layer = layers.layers[place];
        let point = form.and_then(|form| layer.points.iter().find(|point| point.form == form));
        let cost = point.map_or(layer.cost, |point| point.cost);
        Sized {
            name: layers.names[place].clone(),
            row: layers.rows[place],
            family: point.map_or(Family::Dense, |point| point.form.family),
            size: point.map(|point| point.form.size),
            blocks: point.and_then(|point| point.form.blocks),
            cost,
            share: cost as f64 / layer.cost.max(1) as f64,
            error: point.map_or(Error::none(layers.is_held_out()), |point| point.error),
            loss: point.map_or(0.0, |point| layer.loss(point)),
        }
    };
    forms.into_iter().enumerate().map(sized).collect()
}

impl Layers<'_> {
    /// Returns whether errors are measured on held-out inputs.
    fn is_held_out(&self) -> bool {
        let mut points = self.layers.iter().flat_map(|layer| &layer.points);
        points
            .next()
            .is_some_and(|point| point.error.held_out.is_some())
    }
}
