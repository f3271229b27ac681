//! The choices of a layer, and one of each layer.

/// A way to store a layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// The cost: numbers, bytes or multiplications.
    pub cost: u64,
    /// The error, finite; errors of layers are added up.
    pub error: f64,
}

/// A choice of each layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Allocation {
    /// The place of each layer's choice among its choices.
    pub chosen: Vec<usize>,
    /// The sum of their costs.
    pub cost: u64,
    /// The sum of their errors.
    pub error: f64,
    /// A lower bound on the error of any allocation within the budget.
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
        /// The budget.
        budget: u64,
        /// The sum of the least costs.
        least: u64,
    },
    /// A layer without choices, or with an error that is no finite number.
    #[error("layer {layer}: {problem}")]
    Layer {
        /// The index of the layer, from 0.
        layer: usize,
        /// The problem, to follow the layer's index.
        problem: &'static str,
    },
}
