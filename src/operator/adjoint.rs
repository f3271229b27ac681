//! Transposes.

use super::LinearOperator;
use super::linear_operator::act;
use crate::program::{Map, Record, View};
use faer::Mat;
use std::fmt;

/// `Aᵀ`: the derivative of `A X` in `X`, so that no family writes its transpose down.
///
/// Cost: that of A.
pub struct Adjoint {
    of: Box<dyn LinearOperator>,
}

impl Adjoint {
    /// The transpose of `of`.
    pub fn new(of: Box<dyn LinearOperator>) -> Adjoint {
        Adjoint { of }
    }
}

/// `Aᵀ U` in a buffer of its own.
pub(super) fn act_adjoint(
    operator: &dyn LinearOperator,
    record: &mut Record,
    parameters: View,
    u: View,
) -> View {
    let (_, n) = operator.shape();
    // the action is linear: where it is differentiated does not matter, and no plan computes it
    let x = record.zeros(n, u.columns);
    let y = act(operator, record, parameters, x);
    record.backward(y, u, &[x])[0]
}

impl LinearOperator for Adjoint {
    fn shape(&self) -> (usize, usize) {
        let (m, n) = self.of.shape();
        (n, m)
    }

    fn parameters(&self) -> usize {
        self.of.parameters()
    }

    fn emit(&self, record: &mut Record, parameters: View, x: View, y: View) {
        let result = act_adjoint(self.of.as_ref(), record, parameters, x);
        record.add(y, Map::copy(result));
    }

    fn dense(&self, parameters: &[f64]) -> Mat<f64> {
        self.of.dense(parameters).transpose().to_owned()
    }
}

impl fmt::Display for Adjoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let formula = self.of.to_string();
        if formula.contains(' ') {
            write!(f, "({formula})ᵀ")
        } else {
            write!(f, "{formula}ᵀ")
        }
    }
}
