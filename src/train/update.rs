//! Steps of optimizers as primitives.

use super::group::{Group, Memory, Part};
use super::recipe::{Momentum, Optimizer};
use super::variable::Variable;
use crate::program::{AdamStep, Descent, Function, Map, Record, View};

/// Parameters that go at one rate.
pub(super) struct Updated {
    pub part: Part,
    pub parameters: View,
    pub gradient: View,
    /// Times the rate of the others.
    pub faster: f64,
}

impl Updated {
    /// Changes the parameters; returns what is remembered for the next step.
    pub fn update(
        self,
        record: &mut Record,
        optimizer: &Optimizer,
        settings: View,
    ) -> Vec<Variable> {
        let Updated {
            part,
            parameters,
            gradient,
            faster,
        } = self;
        let count = parameters.rows;
        let state = |record: &mut Record, memory: Memory| {
            let group = Group::Memory(memory, part);
            let view = record.state(&group.to_string(), count, 1);
            (view, Variable::of(group, view))
        };
        let scaled = |record: &mut Record, factor: f64, what: View| match factor {
            1.0 => what,
            factor => record.push(Map::new(Function::Scale(factor), what)),
        };
        match *optimizer {
            Optimizer::Sgd {
                momentum,
                form,
                decay,
                ..
            } => {
                let (velocity, variable) = state(record, Memory::Velocity);
                match form {
                    Momentum::Caffe => {
                        let rate = scaled(record, faster, settings);
                        let step = Descent::new(gradient, parameters, rate, decay);
                        record.update(velocity, momentum, step);
                        let step = Map::new(Function::Scale(-1.0), velocity);
                        record.update(parameters, 1.0, step);
                    }
                    Momentum::Pytorch => {
                        let one = record.constant("one", 1, 1, vec![1.0]);
                        let rate = scaled(record, -faster, settings);
                        let step = Descent::new(gradient, parameters, one, decay);
                        record.update(velocity, momentum, step);
                        let step = Descent::new(velocity, velocity, rate, 0.0);
                        record.update(parameters, 1.0, step);
                    }
                }
                vec![variable]
            }
            Optimizer::Adam {
                beta1,
                beta2,
                decay,
                ..
            } => {
                let (mean, first) = state(record, Memory::MeanGradient);
                let (square, second) = state(record, Memory::MeanSquare);
                let one = record.constant("one", 1, 1, vec![1.0]);
                let gradient = match decay {
                    0.0 => gradient,
                    decay => record.push(Descent::new(gradient, parameters, one, decay)),
                };
                let rate =
                    record.push(Map::new(Function::Scale(-faster), settings.row_range(0..1)));
                let both = record.zeros(2, 1);
                record.add(both.row_range(0..1), Map::copy(rate));
                record.add(both.row_range(1..2), Map::copy(settings.row_range(1..2)));
                record.update(mean, beta1, Map::copy(gradient));
                record.update(square, beta2, Map::new(Function::Square, gradient));
                record.update(parameters, 1.0, AdamStep::new(mean, square, both));
                vec![first, second]
            }
        }
    }
}

/// Returns the values of the plan's rate input in iteration `t`, from 0, at `rate`.
///
/// Adam's means are sums here, `m = Σ β₁ⁱ g`, `v = Σ β₂ⁱ g²`; their factors `1 − β` and the corrections
/// for the beginning at zero, `1 − βᵗ⁺¹`, are in the rate and in ε.
pub(super) fn settings(optimizer: &Optimizer, rate: f64, t: u64) -> Vec<f64> {
    match *optimizer {
        Optimizer::Sgd { .. } => vec![rate],
        Optimizer::Adam {
            beta1,
            beta2,
            epsilon,
            ..
        } => {
            let steps = (t + 1) as f64;
            let first = (1.0 - beta1) / (1.0 - libm::pow(beta1, steps));
            let second = ((1.0 - beta2) / (1.0 - libm::pow(beta2, steps))).sqrt();
            vec![rate * first / second, epsilon / second]
        }
    }
}
