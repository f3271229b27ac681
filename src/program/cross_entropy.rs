//! Softmax and cross-entropy in one.

use super::backward::Adjoints;
use super::rule::Rule;
use super::view::View;
use std::fmt;

/// `yⱼ = log Σᵢ exp(x[i, j]) - x[tⱼ, j]`, 1 × samples: the cross-entropy of the softmax of the scores `x`,
/// classes × samples, at the classes `t`, 1 × samples, numbers that count from 0.
///
/// The largest score is taken off first, so that nothing overflows. Derivative in `x`:
/// [`CrossEntropyGradient`]. Cost: four operations a score. A class that is none gives NaN.
#[derive(Debug, Clone, Copy)]
pub struct CrossEntropy {
    /// x.
    pub scores: View,
    /// t.
    pub classes: View,
}

/// `dx[i, j] = (softmax(x)[i, j] - [i = tⱼ]) dyⱼ`. Cost: six operations a score.
#[derive(Debug, Clone, Copy)]
pub struct CrossEntropyGradient {
    /// x and t.
    pub of: CrossEntropy,
    /// dy, 1 × samples.
    pub dy: View,
}

impl CrossEntropy {
    /// The losses of `scores` at `classes`.
    ///
    /// # Panics
    /// If `classes` is not one row of as many columns, or a view is a batch.
    pub fn new(scores: View, classes: View) -> CrossEntropy {
        let fits = classes.shape() == [1, scores.columns, 1] && scores.batch == 1;
        assert!(fits, "cross-entropy: {scores} at {classes}");
        CrossEntropy { scores, classes }
    }
}

impl Rule for CrossEntropy {
    fn shape(&self) -> [usize; 3] {
        self.classes.shape()
    }

    fn operands(&self) -> Vec<View> {
        vec![self.scores, self.classes]
    }

    fn differentiate(&self, dy: View, adjoints: &mut Adjoints<'_>) {
        adjoints.add(self.scores, || CrossEntropyGradient { of: *self, dy });
        let problem = "cross-entropy: no derivative in the classes";
        adjoints.refuse(self.classes, problem);
    }

    fn flops(&self) -> u64 {
        4 * self.scores.entries() as u64
    }

    fn roundings(&self) -> usize {
        // differences, exponentials, their sum, its logarithm, and what is taken off
        self.scores.rows + 6
    }
}

impl Rule for CrossEntropyGradient {
    fn shape(&self) -> [usize; 3] {
        self.of.scores.shape()
    }

    fn operands(&self) -> Vec<View> {
        vec![self.of.scores, self.of.classes, self.dy]
    }

    fn differentiate(&self, _: View, adjoints: &mut Adjoints<'_>) {
        for operand in self.operands() {
            adjoints.refuse(operand, "cross-entropy: no second derivative at");
        }
    }

    fn flops(&self) -> u64 {
        6 * self.of.scores.entries() as u64
    }

    fn roundings(&self) -> usize {
        self.of.scores.rows + 6
    }
}

impl fmt::Display for CrossEntropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cross-entropy of {} at {}", self.scores, self.classes)
    }
}

impl fmt::Display for CrossEntropyGradient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gradient of {} by {}", self.of, self.dy)
    }
}
