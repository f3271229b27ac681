//! A weight that a layer can be made of.

use crate::operator::LinearOperator;

/// An operator and the parameters it starts from.
pub struct Weight {
    /// The matrix, outputs × inputs.
    pub operator: Box<dyn LinearOperator>,
    /// The initial parameters.
    pub initial: Vec<f64>,
}

impl Weight {
    pub(in crate::family) fn new(
        operator: impl LinearOperator + 'static,
        initial: Vec<f64>,
    ) -> Weight {
        let (own, given) = (operator.parameters(), initial.len());
        assert!(
            own == given,
            "weight: {given} values for {own} of {operator}"
        );
        Weight {
            operator: Box::new(operator),
            initial,
        }
    }

    /// Of a fixed matrix.
    pub(in crate::family) fn fixed(operator: impl LinearOperator + 'static) -> Weight {
        Weight::new(operator, Vec::new())
    }
}
