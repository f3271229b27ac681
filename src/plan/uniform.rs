//! All layers at one share of their cost: what a plan has to beat.

use super::group::{Form, Group};
use crate::compress::Family;

/// The choices of a uniform plan.
#[derive(Debug, PartialEq)]
pub(super) struct AtRatio {
    pub ratio: f64,
    /// The choice of each group.
    pub chosen: Vec<usize>,
    /// Whether each group is left as it is, whatever the ratio.
    pub is_left: Vec<bool>,
}

/// Returns the largest ratio at which the groups fit within the budget in low rank, and what they are then. Heads and
/// convolutions on images stay as they are, as in practice, unless the budget does not allow it. The cheapest choices of low
/// rank must fit.
pub(super) fn uniform(groups: &[Group], budget: u64) -> AtRatio {
    let left = |keeps_ends: bool| -> Vec<bool> {
        let is_left = |group: &Group| (keeps_ends && group.is_end) || ranks(group) == 0;
        groups.iter().map(is_left).collect()
    };
    let ends = left(true);
    let fits = |is_left: &[bool], ratio: f64| {
        let costs = at(groups, is_left, ratio);
        let costs = costs
            .iter()
            .zip(groups)
            .map(|(c, group)| group.choices[*c].cost);
        costs.sum::<u64>() <= budget
    };
    let is_left = if fits(&ends, 0.0) { ends } else { left(false) };
    let free = groups
        .iter()
        .zip(&is_left)
        .filter(|(_, is_left)| !**is_left);
    let mut ratios: Vec<f64> = free
        .flat_map(|(group, _)| (0..ranks(group)).map(|choice| ratio(group, choice)))
        .chain([1.0])
        .collect();
    ratios.sort_unstable_by(f64::total_cmp);
    ratios.dedup();
    let fitting = ratios.partition_point(|&ratio| fits(&is_left, ratio));
    let ratio = ratios[fitting.saturating_sub(1)];
    AtRatio {
        chosen: at(groups, &is_left, if fitting == 0 { 0.0 } else { ratio }),
        ratio,
        is_left,
    }
}

/// Returns the least that the groups can cost in low rank.
pub(super) fn cheapest(groups: &[Group]) -> u64 {
    let least = |group: &Group| match ranks(group) {
        0 => group.dense(),
        _ => group.choices[0].cost,
    };
    groups.iter().map(least).sum()
}

/// Returns how many choices of low rank a group has: the first ones, the cheapest first.
fn ranks(group: &Group) -> usize {
    let is_low = |form: &&Form| form.is_some_and(|form| form.family == Family::LowRank);
    group.forms.iter().take_while(is_low).count()
}

fn ratio(group: &Group, choice: usize) -> f64 {
    group.choices[choice].cost as f64 / group.dense() as f64
}

/// Returns the largest choice of each group that costs at most this share of the group as it is, or the cheapest.
fn at(groups: &[Group], is_left: &[bool], share: f64) -> Vec<usize> {
    let choice = |(group, is_left): (&Group, &bool)| {
        if *is_left || share >= 1.0 {
            return group.last();
        }
        let choices: Vec<usize> = (0..ranks(group)).collect();
        let fitting = choices.partition_point(|&choice| ratio(group, choice) <= share);
        fitting.saturating_sub(1)
    };
    groups.iter().zip(is_left).map(choice).collect()
}
