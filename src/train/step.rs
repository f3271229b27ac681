//! A training step and a test as plans.

use super::layer::{Drawn, Mode, Running, Tape};
use super::network::Network;
use super::recipe::{Momentum, Norm, Optimizer, Penalty};
use crate::program::{
    AdamStep, Axis, Buffer, Combination, CrossEntropy, Descent, Function, Map, Plan, Record,
    Reduce, View, Zip,
};
use std::ops::Range;

/// A plan with the buffers that the host knows.
pub(super) struct Step {
    pub plan: Plan,
    /// features × samples.
    pub x: Buffer,
    /// 1 × samples.
    pub classes: Buffer,
    /// The mean loss of the batch; of a test, the loss of each sample.
    pub loss: Buffer,
    /// outputs × samples.
    pub scores: Buffer,
    /// What a step and a test share, in one order: weights, biases, running means and variances.
    pub shared: Vec<Variable>,
    /// What the optimizer remembers.
    pub memory: Vec<Variable>,
    /// The rate, and for Adam ε.
    pub rate: Option<Buffer>,
    /// What is drawn anew for each step.
    pub drawn: Vec<Drawn>,
}

/// Numbers that last.
#[derive(Debug, Clone)]
pub(super) struct Variable {
    pub name: String,
    pub buffer: Buffer,
    pub len: usize,
    /// Where it begins, all of it.
    pub initial: f64,
}

/// A penalty on the parameters of one layer.
#[derive(Debug, Clone)]
pub(super) struct Penalized {
    /// Where they lie.
    pub range: Range<usize>,
    /// Which norm, how strong.
    pub penalty: Penalty,
    /// α where an entry is penalized, else 0.
    pub strengths: Vec<f64>,
}

impl Variable {
    fn of(name: &str, view: View) -> Variable {
        Variable {
            name: name.to_owned(),
            buffer: view.buffer,
            len: view.entries(),
            initial: 0.0,
        }
    }

    fn running(running: &Running) -> Variable {
        Variable {
            initial: running.initial,
            ..Variable::of(&running.name, running.view)
        }
    }
}

/// One step of `optimizer` on batches of `samples`: forward, loss, backward, update.
pub(super) fn training(
    network: &Network,
    samples: usize,
    optimizer: &Optimizer,
    penalties: &[Penalized],
) -> Step {
    let mut record = Record::new();
    let x = record.input("x", network.input.numbers(), samples);
    let classes = record.input("classes", 1, samples);
    let [count_weights, count_biases] = network.parameters();
    let weights = record.state("weights", count_weights, 1);
    let biases = record.state("biases", count_biases, 1);
    let mut tape = Tape {
        record: &mut record,
        samples,
        mode: Mode::Training,
        drawn: Vec::new(),
        running: Vec::new(),
    };
    let scores = network.emit(&mut tape, x, weights, biases);
    let (drawn, running) = (tape.drawn, tape.running);
    let losses = record.push(CrossEntropy::new(scores, classes));
    let share = 1.0 / samples as f64;
    let sum = record.push(Reduce::new(Axis::Columns, losses));
    let mean = record.push(Map::new(Function::Scale(share), sum));
    let each = record.constant("share", 1, samples, vec![share; samples]);
    // a network without weights or without biases has an empty column of them
    let groups = [
        ("weights", weights, 1.0),
        ("biases", biases, optimizer.bias_rate()),
    ];
    let groups: Vec<_> = groups.into_iter().filter(|g| g.1.entries() > 0).collect();
    let trained: Vec<View> = groups.iter().map(|group| group.1).collect();
    let gradients = record.backward(losses, each, &trained);
    for penalized in penalties {
        penalize(&mut record, weights, gradients[0], penalized);
    }
    let settings = match optimizer {
        Optimizer::Sgd { .. } => record.input("rate", 1, 1),
        Optimizer::Adam { .. } => record.input("rate", 2, 1),
    };
    let mut memory = Vec::new();
    for ((name, parameters, faster), gradient) in groups.into_iter().zip(gradients) {
        let group = Group {
            name,
            parameters,
            gradient,
            faster,
        };
        memory.extend(group.update(&mut record, optimizer, settings));
    }
    let loss = record.output("loss", mean);
    let scores = record.output("scores", scores);
    let mut shared = vec![
        Variable::of("weights", weights),
        Variable::of("biases", biases),
    ];
    shared.extend(running.iter().map(Variable::running));
    Step {
        plan: Plan::new(&record),
        x: x.buffer,
        classes: classes.buffer,
        loss,
        scores,
        shared,
        memory,
        rate: Some(settings.buffer),
        drawn,
    }
}

/// Scores and losses of batches of `samples`.
pub(super) fn test(network: &Network, samples: usize) -> Step {
    let mut record = Record::new();
    let x = record.input("x", network.input.numbers(), samples);
    let classes = record.input("classes", 1, samples);
    let [count_weights, count_biases] = network.parameters();
    let weights = record.input("weights", count_weights, 1);
    let biases = record.input("biases", count_biases, 1);
    let mut tape = Tape {
        record: &mut record,
        samples,
        mode: Mode::Test,
        drawn: Vec::new(),
        running: Vec::new(),
    };
    let scores = network.emit(&mut tape, x, weights, biases);
    let running = tape.running;
    let losses = record.push(CrossEntropy::new(scores, classes));
    let loss = record.output("losses", losses);
    let scores = record.output("scores", scores);
    let mut shared = vec![
        Variable::of("weights", weights),
        Variable::of("biases", biases),
    ];
    shared.extend(running.iter().map(Variable::running));
    Step {
        plan: Plan::new(&record),
        x: x.buffer,
        classes: classes.buffer,
        loss,
        scores,
        shared,
        memory: Vec::new(),
        rate: None,
        drawn: Vec::new(),
    }
}

/// `gradient ← gradient + α sign w` or `α w`, where α is not 0.
fn penalize(record: &mut Record, weights: View, gradient: View, penalized: &Penalized) {
    let Penalized {
        range,
        penalty,
        strengths,
    } = penalized;
    let own = weights.row_range(range.clone());
    let slope = match penalty.norm {
        Norm::L1 => record.push(Map::new(Function::Sign, own)),
        Norm::L2 => own,
    };
    let strengths = record.constant("penalty", strengths.len(), 1, strengths.clone());
    let slope = Zip::new(Combination::Multiply, slope, strengths);
    record.add(gradient.row_range(range.clone()), slope);
}

/// Parameters that go at one rate.
struct Group {
    name: &'static str,
    parameters: View,
    gradient: View,
    /// Times the rate of the others.
    faster: f64,
}

impl Group {
    /// Changes the parameters; what is remembered for the next step.
    fn update(self, record: &mut Record, optimizer: &Optimizer, settings: View) -> Vec<Variable> {
        let Group {
            name,
            parameters,
            gradient,
            faster,
        } = self;
        let count = parameters.rows;
        let state = |record: &mut Record, what: &str| {
            let name = format!("{what} of {name}");
            let view = record.state(&name, count, 1);
            (view, Variable::of(&name, view))
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
                let (velocity, variable) = state(record, "velocity");
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
                let (mean, first) = state(record, "mean gradient");
                let (square, second) = state(record, "mean square");
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

/// What the plan's rate input takes in iteration `t`, from 0, at `rate`.
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
