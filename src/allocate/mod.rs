//! One budget over many layers: of each layer one choice, so that all costs together stay within the budget and all errors
//! together are least.
//!
//! The problem is a multiple-choice knapsack. [`allocate`] solves its relaxation by the lower hulls of the layers, which
//! gives a bound that no allocation can pass, then a whole allocation near it, and where the numbers allow, the best
//! one, with a proof: all partial allocations that the bound does not rule out are merged layer by layer.
//!
//! Source: Sinha, Zoltners 1979 (the relaxation); Dyer, Kayal, Walker 1984 (reduction and dynamic programming).

mod exact;
mod frontier;
mod greedy;

use exact::exact;
use frontier::Frontier;
use greedy::relax;

/// A way to store a layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// What it costs: numbers, bytes or multiplications.
    pub cost: u64,
    /// What it loses, finite; errors of layers are added up.
    pub error: f64,
}

/// A choice of each layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Allocation {
    /// The place of each layer's choice among its choices.
    pub chosen: Vec<usize>,
    /// What all of them cost.
    pub cost: u64,
    /// What all of them lose.
    pub error: f64,
    /// What any allocation within the budget loses at least.
    pub bound: f64,
    /// The error that one more unit of the budget would save, by the relaxation.
    pub price: f64,
    /// Whether no allocation within the budget loses less, to rounding.
    pub is_optimal: bool,
}

/// Why there is no allocation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AllocateError {
    /// A budget below the cheapest choices.
    #[error("the budget is {budget}, but the least that all layers can cost is {least}")]
    Budget {
        /// What was allowed.
        budget: u64,
        /// What is needed.
        least: u64,
    },
    /// A layer without choices, or with an error that is no finite number.
    #[error("layer {layer}: {problem}")]
    Layer {
        /// Its place, from 0.
        layer: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
}

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
    let costs = frontiers.iter().map(|frontier| frontier.points[0].cost);
    let least = costs.fold(Some(0u64), |sum, cost| sum?.checked_add(cost));
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

#[cfg(test)]
mod tests;
