//! The best allocation that the states allow.

use super::exact::exact;
use super::frontier::Frontier;
use super::greedy::relax;
use super::{AllocateError, Allocation, Choice};

/// Allocates `budget` to the layers, of each the choices it has.
///
/// The best allocation is found where no more than `states` partial ones have to be kept; else the best that was met is
/// returned, which [`Allocation::is_optimal`] says.
///
/// # Errors
///
/// A budget that cannot be met, a layer without choices, an error that is not finite, costs that overflow 64 bits.
pub fn allocate(
    layers: &[Vec<Choice>],
    budget: u64,
    states: usize,
) -> Result<Allocation, AllocateError> {
    let frontiers = frontiers(layers)?;
    let mut costs = frontiers.iter().map(|frontier| frontier.points[0].cost);
    let least = costs.try_fold(0u64, u64::checked_add);
    match least {
        Some(least) if least <= budget => {}
        _ => {
            let least = least.unwrap_or(u64::MAX);
            return Err(AllocateError::Budget { budget, least });
        }
    }
    let relaxed = relax(&frontiers, budget);
    let found = exact(&frontiers, budget, &relaxed, states);
    let is_optimal = found.is_some();
    let places = found.unwrap_or(relaxed.places);
    let points = || {
        let pairs = frontiers.iter().zip(&places);
        pairs.map(|(frontier, &place)| frontier.points[place])
    };
    Ok(Allocation {
        chosen: points().map(|point| point.choice).collect(),
        cost: points().map(|point| point.cost).sum(),
        error: points().map(|point| point.error).sum(),
        bound: relaxed.bound,
        price: relaxed.price,
        is_optimal,
    })
}

fn frontiers(layers: &[Vec<Choice>]) -> Result<Vec<Frontier>, AllocateError> {
    let frontier = |(layer, choices): (usize, &Vec<Choice>)| {
        let problem = |problem| AllocateError::Layer { layer, problem };
        if choices.is_empty() {
            return Err(problem("has no choices"));
        }
        if choices.iter().any(|choice| !choice.error.is_finite()) {
            return Err(problem("has an error that is no finite number"));
        }
        Ok(Frontier::new(choices))
    };
    layers.iter().enumerate().map(frontier).collect()
}
