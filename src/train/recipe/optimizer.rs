//! Rules of a step.

use serde::{Deserialize, Serialize};

/// The rule of a step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case",
    deny_unknown_fields
)]
pub enum Optimizer {
    /// Gradient descent with momentum.
    Sgd {
        /// How much of the last step stays.
        #[serde(default)]
        momentum: f64,
        /// The form of momentum.
        #[serde(default)]
        form: Momentum,
        /// λ of the penalty `λ/2 ‖w‖²`, on weights and biases.
        #[serde(default)]
        decay: f64,
        /// The rate of biases is that many times the rate of weights.
        #[serde(default = "one")]
        bias_rate: f64,
    },
    /// Adam (Kingma, Ba 2015), with decay in the gradient.
    Adam {
        /// β₁.
        #[serde(default = "beta1")]
        beta1: f64,
        /// β₂.
        #[serde(default = "beta2")]
        beta2: f64,
        /// ε.
        #[serde(default = "epsilon")]
        epsilon: f64,
        /// λ of the penalty `λ/2 ‖w‖²`, on weights and biases.
        #[serde(default)]
        decay: f64,
        /// The rate of biases is that many times the rate of weights.
        #[serde(default = "one")]
        bias_rate: f64,
    },
}

/// The position of the rate in a step with momentum; the two forms differ while the rate changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Momentum {
    /// `v ← μ v + rate · g`, `w ← w − v`.
    Caffe,
    /// `v ← μ v + g`, `w ← w − rate · v`.
    #[default]
    Pytorch,
}

impl Default for Optimizer {
    fn default() -> Optimizer {
        Optimizer::Sgd {
            momentum: 0.9,
            form: Momentum::default(),
            decay: 0.0,
            bias_rate: 1.0,
        }
    }
}

impl Optimizer {
    /// How much faster biases go than weights.
    pub fn bias_rate(&self) -> f64 {
        match *self {
            Optimizer::Sgd { bias_rate, .. } | Optimizer::Adam { bias_rate, .. } => bias_rate,
        }
    }

    /// Whether every number is in its range.
    pub(super) fn is_sound(&self) -> bool {
        let share = |x: f64| (0.0..1.0).contains(&x);
        let positive = |x: f64| x.is_finite() && x >= 0.0;
        match *self {
            Optimizer::Sgd {
                momentum,
                decay,
                bias_rate,
                ..
            } => share(momentum) && positive(decay) && positive(bias_rate),
            Optimizer::Adam {
                beta1,
                beta2,
                epsilon,
                decay,
                bias_rate,
            } => {
                let betas = share(beta1) && share(beta2);
                betas
                    && epsilon > 0.0
                    && epsilon.is_finite()
                    && positive(decay)
                    && positive(bias_rate)
            }
        }
    }
}

fn one() -> f64 {
    1.0
}

fn beta1() -> f64 {
    0.9
}

fn beta2() -> f64 {
    0.999
}

fn epsilon() -> f64 {
    1e-8
}
