//! Sentences on the claims that a plan allows, and those that it does not.

use crate::plan::{Mode, ModelPlan};

/// Returns the sentences of the claims.
pub(super) fn claims(plan: &ModelPlan) -> Vec<&'static str> {
    let mut claims = vec![match plan.knowledge.mode {
        Mode::Weights => {
            "This is the uniform plan. Errors of weights say little about a model: with the activations that reach the \
             layers, the same ranks are far nearer."
        }
        Mode::Inputs => {
            "The budget moves across depth inside each type of weight alone: errors of outputs do not predict the loss \
             across the types of a transformer, where a plan that is allocated freely by them can be worse than uniform. \
             This plan is not shown to beat uniform."
        }
        Mode::Gradients => {
            "Errors are the second-order rise of the loss with layers, positions, inputs and gradients taken as \
             independent. In a transformer positions are not, so that the sum may order plans wrongly."
        }
        Mode::Alpha => {
            "The sum of alpha times error predicts the loss as well as alpha does: best where it was measured near the size \
             that is used, worse far from it."
        }
    }];
    claims.push(
        "By its own sum a plan is never worse than uniform, so that this comparison says nothing about the model: measure \
         both on data that no fit and no alpha has seen, and keep the better one.",
    );
    if plan.budgets.iter().any(|found| found.optimal == Some(true)) {
        claims.push(
            "An optimum that is proved is one of the predicted sum, not of the model: the errors that are added up matter \
             more.",
        );
    }
    claims.push(if plan.knowledge.held_out.is_some() {
        "Errors are on inputs that no fit has seen."
    } else if plan.knowledge.moments.is_some() {
        "Errors are on the inputs that the fits were made with, and so smaller than on others; moments of others say by how \
         much."
    } else {
        "Errors are those of the entries."
    });
    claims
}
