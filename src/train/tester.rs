//! Losses and accuracies of a network as it is.

use super::batches::Normal;
use super::error::TrainError;
use super::network::Network;
use super::step::{self, Step};
use crate::data::Samples;
use crate::program::Exec;
use std::ops::Range;

/// A machine ready to test a network.
pub(super) struct Tester {
    exec: Box<dyn Exec>,
    step: Step,
    batch: usize,
    features: usize,
    classes: usize,
}

/// How a network does on some samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Score {
    /// Mean cross-entropy.
    pub loss: f64,
    /// Share of right answers; of equal scores the first counts.
    pub accuracy: f64,
}

impl Tester {
    /// Tests `network` on batches of `batch`.
    pub fn new(
        network: &Network,
        batch: usize,
        mut exec: Box<dyn Exec>,
    ) -> Result<Tester, TrainError> {
        let step = step::test(network, batch);
        exec.prepare(&step.plan)?;
        Ok(Tester {
            exec,
            step,
            batch,
            features: network.input.numbers(),
            classes: network.outputs(),
        })
    }

    /// Takes over what training changed, in the order of [`Step::shared`].
    pub fn take(&mut self, shared: &[Vec<f64>]) {
        for (variable, values) in self.step.shared.iter().zip(shared) {
            self.exec.write(variable.buffer, values);
        }
    }

    /// Scores the samples of `range`; none if it is empty.
    pub fn score(
        &mut self,
        normal: &mut Normal,
        samples: &Samples,
        range: Range<usize>,
    ) -> Result<Option<Score>, TrainError> {
        let count = range.len();
        let mut x = vec![0.0; self.features * self.batch];
        let mut classes = vec![0.0; self.batch];
        let (mut loss, mut right) = (0.0, 0usize);
        for first in range.clone().step_by(self.batch) {
            // the last batch is filled up with samples that are not counted
            let chosen: Vec<usize> = (first..first + self.batch)
                .map(|i| i.min(range.end - 1))
                .collect();
            normal.fill(samples, &chosen, &mut x, &mut classes);
            self.exec.write_singles(self.step.x, &x);
            self.exec.write_singles(self.step.classes, &classes);
            self.exec.run()?;
            let losses = self.exec.read(self.step.loss)?;
            let scores = self.exec.read(self.step.scores)?;
            let counted = self.batch.min(range.end - first);
            loss += losses[..counted].iter().sum::<f64>();
            let answers = scores.chunks_exact(self.classes).map(first_of_largest);
            let answers = answers.zip(&classes).take(counted);
            let right_one = |(answer, class): &(Option<usize>, &f32)| {
                answer.is_some_and(|answer| answer as f32 == **class)
            };
            right += answers.filter(right_one).count();
        }
        Ok((count > 0).then(|| Score {
            loss: loss / count as f64,
            accuracy: right as f64 / count as f64,
        }))
    }
}

/// Returns the index of the largest score, the first of equal ones; `None` where a score is NaN.
fn first_of_largest(scores: &[f64]) -> Option<usize> {
    let mut best = 0;
    for (place, score) in scores.iter().enumerate() {
        if score.is_nan() {
            return None;
        }
        if *score > scores[best] {
            best = place;
        }
    }
    Some(best)
}
