//! The knowledge of a model that a plan is made from.

use super::file_sum::FileSum;
use serde::{Deserialize, Serialize};

/// How much a plan may claim: what is known decides what errors mean and how far a budget may move.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Nothing but the weights: all layers keep one share.
    #[default]
    Weights,
    /// Moments of inputs: the budget moves inside each type of weight.
    Inputs,
    /// Moments of inputs and gradients: errors are in units of the loss and are compared over the whole model.
    Gradients,
    /// Measured weights of the errors: they are compared over the whole model.
    Alpha,
}

/// The knowledge that a plan is made from.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Knowledge {
    /// `weights`, `inputs`, `gradients` or `alpha`.
    pub mode: Mode,
    /// The consequence for the plan, in a sentence.
    pub sentence: String,
    /// The objective, in a sentence.
    pub objective: String,
    /// The data that errors are measured on: `entries`, `calibration inputs` or `held-out inputs`.
    pub errors_on: String,
    /// The file of moments.
    pub moments: Option<FileSum>,
    /// The file of moments of other inputs.
    pub held_out: Option<FileSum>,
    /// The file of weights alpha.
    pub alpha: Option<FileSum>,
}

impl Mode {
    /// Returns what is known and what follows, and what is made least.
    pub(super) fn words(self, has_gradients: bool) -> (&'static str, &'static str) {
        match (self, has_gradients) {
            (Mode::Weights, _) => (
                "Only the weights are known: all layers keep the same share, because the activations that reach a \
                 layer matter more than how a budget is allocated.",
                "the largest share that all layers can keep; the error shown is the sum of the relative squared errors \
                 of their entries",
            ),
            (Mode::Inputs, _) => (
                "Moments of the inputs are known: the budget is allocated across depth inside each type of weight, \
                 which is not shown to beat uniform.",
                "the sum of the relative squared errors of the layers' outputs, each type of weight at what it costs \
                 in the uniform plan",
            ),
            (Mode::Gradients, _) => (
                "Moments of inputs and gradients are known: fits and errors weigh outputs by the gradients (K-FAC), and \
                 the budget is allocated over the whole model.",
                "the sum of ½ tr(G (W − Ŵ) C (W − Ŵ)ᵀ), the second-order rise of the loss when layers, positions, inputs \
                 and gradients are independent",
            ),
            (Mode::Alpha, false) => (
                "Weights alpha and moments of the inputs are known: errors count as much as alpha says, and the budget is \
                 allocated over the whole model.",
                "the sum of alpha times the relative squared error of each layer's outputs",
            ),
            (Mode::Alpha, true) => (
                "Weights alpha and moments of inputs and gradients are known: fits weigh outputs by the gradients \
                 (K-FAC), errors count as much as alpha says, and the budget is allocated over the whole model.",
                "the sum of alpha times ½ tr(G (W − Ŵ) C (W − Ŵ)ᵀ), relative to that of Ŵ = 0, of each layer",
            ),
        }
    }
}
