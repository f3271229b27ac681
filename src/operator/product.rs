//! Products of operators.

use super::LinearOperator;
use super::adjoint::act_adjoint;
use super::linear_operator::{act, split, split_values};
use crate::program::{Gemm, Plan, Record, View};
use faer::Mat;
use std::fmt;

/// `A B …`; parameters factor by factor, from the left.
///
/// The order of association is the cheapest of three for the number of samples: the factors act on
/// the samples one after another; or the product is formed as a matrix first, from its right side
/// (`A (B I)`) or from its left (`((I A) B)`), and acts then. So a product of ten 784 × 784 factors
/// that ends in 10 columns is formed in ten columns.
///
/// [`in_sequence`](Product::in_sequence) never forms the matrix.
pub struct Product {
    factors: Vec<Box<dyn LinearOperator>>,
    in_sequence: bool,
}

/// In what order a product is worked out.
#[derive(Debug, Clone, Copy)]
enum Association {
    OnSamples,
    FromRight,
    FromLeft,
}

impl Product {
    /// The product of `factors`.
    ///
    /// # Panics
    /// If there is no factor or the shapes do not chain.
    pub fn new(factors: Vec<Box<dyn LinearOperator>>) -> Product {
        assert!(!factors.is_empty(), "product: no factors");
        for pair in factors.windows(2) {
            let ((m, k), (l, n)) = (pair[0].shape(), pair[1].shape());
            let (a, b) = (&pair[0], &pair[1]);
            assert!(k == l, "product: {a} of {m}×{k} times {b} of {l}×{n}");
        }
        Product {
            factors,
            in_sequence: false,
        }
    }

    /// As [`new`](Product::new), but the factors always act on the samples one after another.
    ///
    /// # Panics
    /// As [`new`](Product::new).
    pub fn in_sequence(factors: Vec<Box<dyn LinearOperator>>) -> Product {
        Product {
            in_sequence: true,
            ..Product::new(factors)
        }
    }

    fn cheapest(&self, samples: usize) -> Association {
        let flops = |association: &Association| {
            let mut record = Record::new();
            let parameters = record.input("parameters", self.parameters(), 1);
            let x = record.input("x", self.shape().1, samples);
            let y = record.zeros(self.shape().0, samples);
            self.emit_as(*association, &mut record, parameters, x, y);
            record.output("y", y);
            Plan::new(&record).cost().flops
        };
        let all = [
            Association::OnSamples,
            Association::FromRight,
            Association::FromLeft,
        ];
        // with as few samples as columns or rows, forming the matrix only adds a product
        let thin = self.shape().0.min(self.shape().1);
        if self.in_sequence || samples <= thin {
            Association::OnSamples
        } else {
            all.into_iter().min_by_key(flops).expect("three of them")
        }
    }

    fn emit_as(
        &self,
        association: Association,
        record: &mut Record,
        parameters: View,
        x: View,
        y: View,
    ) {
        let (m, n) = self.shape();
        let own = split(&self.factors, parameters);
        let factors = self.factors.iter().zip(own);
        match association {
            Association::OnSamples => {
                let (first, own) = (&self.factors[0], parameters);
                let mut x = x;
                for (factor, own) in factors.skip(1).rev() {
                    x = act(factor.as_ref(), record, own, x);
                }
                first.emit(record, own.row_range(0..first.parameters()), x, y);
            }
            Association::FromRight => {
                let mut a = identity(record, n);
                for (factor, own) in factors.rev() {
                    a = act(factor.as_ref(), record, own, a);
                }
                record.add(y, Gemm::new(1.0, a, x));
            }
            Association::FromLeft => {
                let mut a = identity(record, m);
                for (factor, own) in factors {
                    a = act_adjoint(factor.as_ref(), record, own, a);
                }
                record.add(y, Gemm::new(1.0, a.t(), x));
            }
        }
    }
}

fn identity(record: &mut Record, n: usize) -> View {
    let values: Vec<f64> = (0..n * n).map(|i| f64::from(i % (n + 1) == 0)).collect();
    record.constant("identity", n, n, values)
}

impl LinearOperator for Product {
    fn shape(&self) -> (usize, usize) {
        let [first, .., last] = self.factors.as_slice() else {
            return self.factors[0].shape();
        };
        (first.shape().0, last.shape().1)
    }

    fn parameters(&self) -> usize {
        self.factors.iter().map(|factor| factor.parameters()).sum()
    }

    fn emit(&self, record: &mut Record, parameters: View, x: View, y: View) {
        let association = self.cheapest(x.columns);
        self.emit_as(association, record, parameters, x, y);
    }

    fn dense(&self, parameters: &[f64]) -> Mat<f64> {
        let (m, _) = self.shape();
        let own = split_values(&self.factors, parameters);
        let factors = self.factors.iter().zip(own);
        factors.fold(Mat::identity(m, m), |product, (factor, own)| {
            product * factor.dense(own)
        })
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, factor) in self.factors.iter().enumerate() {
            let space = if i > 0 { " " } else { "" };
            let formula = factor.to_string();
            if is_sum(&formula) {
                write!(f, "{space}({formula})")?
            } else {
                write!(f, "{space}{formula}")?
            }
        }
        Ok(())
    }
}

/// Whether a formula has a plus outside all parentheses.
fn is_sum(formula: &str) -> bool {
    let mut depth = 0;
    formula.chars().any(|c| {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            _ => {}
        }
        c == '+' && depth == 0
    })
}
