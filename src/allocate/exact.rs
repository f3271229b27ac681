//! The best allocation, by merging the layers' choices.

use super::frontier::Frontier;
use super::greedy::Relaxed;

/// A partial allocation: choices of the layers merged so far.
#[derive(Clone, Copy)]
struct State {
    cost: u64,
    error: f64,
    /// How much more error + price · cost is than the least.
    excess: f64,
    /// The state before the last layer.
    before: u32,
    /// The place of the last layer's point.
    place: u32,
}

/// Returns of each layer the place of its point in the best allocation; `None` where more than `most` states would have to be
/// kept.
pub(super) fn exact(
    frontiers: &[Frontier],
    budget: u64,
    relaxed: &Relaxed,
    most: usize,
) -> Option<Vec<usize>> {
    let price = relaxed.price;
    // What is known to be reached may be rounded, so that a little more is let through.
    let scale: f64 = frontiers.iter().map(|f| f.points[0].error.abs()).sum();
    let rounding = 4.0 * f64::EPSILON * frontiers.len() as f64 * (scale + price * budget as f64);
    let gap = relaxed.error - relaxed.bound + rounding;
    // Of each layer the points that the bound does not rule out.
    let mut layers: Vec<(usize, Vec<usize>)> = frontiers
        .iter()
        .map(|frontier| {
            let least = frontier.least(price);
            let places = 0..frontier.points.len();
            places
                .filter(|&place| frontier.points[place].priced(price) - least <= gap)
                .collect()
        })
        .enumerate()
        .collect();
    layers.sort_by_key(|(layer, places)| (places.len(), *layer));
    // The least that the layers after each one cost.
    let mut after = vec![0u64; layers.len() + 1];
    for (i, (layer, places)) in layers.iter().enumerate().rev() {
        after[i] = after[i + 1] + frontiers[*layer].points[*places.first()?].cost;
    }
    let empty = State {
        cost: 0,
        error: 0.0,
        excess: 0.0,
        before: 0,
        place: 0,
    };
    let mut stages = vec![vec![empty]];
    let mut kept = 1;
    for (i, (layer, places)) in layers.iter().enumerate() {
        let frontier = &frontiers[*layer];
        let least = frontier.least(price);
        let states = stages.last().expect("there is the empty one");
        let mut merged = Vec::with_capacity(states.len() * places.len());
        for &place in places {
            let point = frontier.points[place];
            let excess = point.priced(price) - least;
            merged.extend((0u32..).zip(states).filter_map(|(before, state)| {
                let state = State {
                    cost: state.cost + point.cost,
                    error: state.error + point.error,
                    excess: state.excess + excess,
                    before,
                    place: place as u32,
                };
                (state.excess <= gap && state.cost + after[i + 1] <= budget).then_some(state)
            }));
            if merged.len() > most {
                return None;
            }
        }
        merged.sort_unstable_by(|a, b| a.cost.cmp(&b.cost).then(a.error.total_cmp(&b.error)));
        let mut lowest = f64::INFINITY;
        merged.retain(|state| {
            let is_better = state.error < lowest;
            if is_better {
                lowest = state.error;
            }
            is_better
        });
        kept += merged.len();
        if kept > most {
            return None;
        }
        stages.push(merged);
    }
    let mut places = vec![0; frontiers.len()];
    // The dearest state that no other one beats loses the least.
    let mut at = stages.last()?.len().checked_sub(1)?;
    for ((layer, _), stage) in layers.iter().zip(&stages[1..]).rev() {
        let state = stage[at];
        places[*layer] = state.place as usize;
        at = state.before as usize;
    }
    Some(places)
}
