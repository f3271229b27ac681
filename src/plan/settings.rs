//! Settings of a plan.

use super::{CostModel, Storage};
use crate::compress::Family;
use serde::Serialize;

/// The settings of a plan, as resolved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanSettings {
    /// The budgets, as shares of the cost of the dense layers, in the order asked for.
    pub budgets: Vec<f64>,
    /// The unit of costs.
    pub cost: CostModel,
    /// How low rank is stored.
    pub storage: Storage,
    /// Families that a layer may be stored in; `None`: those that its shape calls for.
    pub families: Option<Vec<Family>>,
    /// Sizes are multiples of this.
    pub multiple_of: usize,
    /// Parts of names: layers whose names differ in these alone get one size.
    pub ties: Vec<Vec<String>>,
    /// Patterns of names of layers that stay as they are, inside of the budget.
    pub keep: Vec<String>,
}

impl Default for PlanSettings {
    fn default() -> Self {
        PlanSettings {
            budgets: Vec::new(),
            cost: CostModel::Parameters,
            storage: Storage::Factors,
            families: None,
            multiple_of: 1,
            ties: Vec::new(),
            keep: Vec::new(),
        }
    }
}
