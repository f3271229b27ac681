//! A training step and a test as plans.

use super::group::{Group, Part};
use super::layer::{Drawn, Mode, Tape};
use super::network::Network;
use super::recipe::{Norm, Optimizer, Penalty};
use super::update::Updated;
use super::variable::Variable;
use crate::program::{
    Axis, Buffer, Combination, CrossEntropy, Function, Map, Plan, Record, Reduce, View, Zip,
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
    /// Numbers that a step and a test share, in one order: weights, biases, running means and variances.
    pub shared: Vec<Variable>,
    /// Sums that the optimizer keeps.
    pub memory: Vec<Variable>,
    /// The rate, and for Adam ε.
    pub rate: Option<Buffer>,
    /// Inputs that are drawn anew for each step.
    pub drawn: Vec<Drawn>,
}

/// A penalty on the parameters of one layer.
#[derive(Debug, Clone)]
pub(super) struct Penalized {
    /// Their range among all parameters.
    pub range: Range<usize>,
    /// Which norm, how strong.
    pub penalty: Penalty,
    /// α where an entry is penalized, else 0.
    pub strengths: Vec<f64>,
}

/// The forward pass of a batch, up to the loss of each sample.
struct Forward {
    x: View,
    classes: View,
    weights: View,
    biases: View,
    scores: View,
    losses: View,
    shared: Vec<Variable>,
    drawn: Vec<Drawn>,
}

/// Writes the forward pass of `samples` down; parameters are states while the network learns.
fn forward(record: &mut Record, network: &Network, samples: usize, mode: Mode) -> Forward {
    let x = record.input("x", network.input.numbers(), samples);
    let classes = record.input("classes", 1, samples);
    let [weights, biases] = network.parameters();
    let mut parameters = |part: Part, count| match mode {
        Mode::Training => record.state(&part.to_string(), count, 1),
        Mode::Test => record.input(&part.to_string(), count, 1),
    };
    let weights = parameters(Part::Weights, weights);
    let biases = parameters(Part::Biases, biases);
    let mut tape = Tape {
        record,
        samples,
        mode,
        drawn: Vec::new(),
        running: Vec::new(),
    };
    let scores = network.emit(&mut tape, x, weights, biases);
    let (drawn, running) = (tape.drawn, tape.running);
    let mut shared = vec![
        Variable::of(Group::WEIGHTS, weights),
        Variable::of(Group::BIASES, biases),
    ];
    shared.extend(running.into_iter().map(Variable::running));
    Forward {
        x,
        classes,
        weights,
        biases,
        scores,
        losses: record.push(CrossEntropy::new(scores, classes)),
        shared,
        drawn,
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
    let Forward {
        x,
        classes,
        weights,
        biases,
        scores,
        losses,
        shared,
        drawn,
    } = forward(&mut record, network, samples, Mode::Training);
    let share = 1.0 / samples as f64;
    let sum = record.push(Reduce::new(Axis::Columns, losses));
    let mean = record.push(Map::new(Function::Scale(share), sum));
    let each = record.constant("share", 1, samples, vec![share; samples]);
    // a network without weights or without biases has an empty column of them
    let groups = [
        (Part::Weights, weights, 1.0),
        (Part::Biases, biases, optimizer.bias_rate()),
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
    for ((part, parameters, faster), gradient) in groups.into_iter().zip(gradients) {
        let group = Updated {
            part,
            parameters,
            gradient,
            faster,
        };
        memory.extend(group.update(&mut record, optimizer, settings));
    }
    let loss = record.output("loss", mean);
    let scores = record.output("scores", scores);
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
    let forward = forward(&mut record, network, samples, Mode::Test);
    let loss = record.output("losses", forward.losses);
    let scores = record.output("scores", forward.scores);
    Step {
        plan: Plan::new(&record),
        x: forward.x.buffer,
        classes: forward.classes.buffer,
        loss,
        scores,
        shared: forward.shared,
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
