//! The choices of a layer, and one of each layer.

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
