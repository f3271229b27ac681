//! Weighted sums of terms as operators that do not store every term.

use super::TermSet;
use crate::operator::basis::{Basis, Gram};
use crate::operator::{
    Adjoint, Dense, Fixed, LinearOperator, Product, RandomSum, Selection, Sum, Tied,
};
use crate::program::Generated;
use crate::random::Distribution;
use std::ops::Range;

/// Returns `scale Σ aₖ Gₖ` of independent entries, which are generated again at every pass.
pub(in crate::family) fn generated(
    set: &TermSet,
    law: Distribution,
    scale: f64,
) -> Box<dyn LinearOperator> {
    let [what, layer, factor, _] = set.place.path(0);
    Box::new(RandomSum::new(Generated {
        law,
        seed: set.place.seed,
        path: [what, layer, factor],
        rows: set.rows,
        columns: set.columns,
        terms: set.count,
        scale,
    }))
}

/// Returns `operator` with parameters `scale N a`, the columns of N being the first normal numbers of each term.
pub(in crate::family) fn normal_parameters(
    operator: impl LinearOperator + 'static,
    set: &TermSet,
    scale: f64,
) -> Box<dyn LinearOperator> {
    let length = operator.parameters();
    let mut values = vec![0.0; length * set.count];
    for (term, values) in values.chunks_exact_mut(length).enumerate() {
        set.place.entries(term).normals(0, values);
    }
    values.iter_mut().for_each(|x| *x *= scale);
    let numbers = Fixed::new(Box::new(Dense::new(length, set.count)), values);
    Box::new(Tied::new(Box::new(operator), Box::new(numbers)))
}

/// Returns `B Q`: coefficients B, m × T, times `scale` times the features of `basis`; the last one may have coefficients in
/// the first rows only.
///
/// # Panics
///
/// When the Gram matrix of `basis` is not one of features.
pub(in crate::family) fn features(basis: &dyn Basis, scale: f64) -> Box<dyn LinearOperator> {
    let ((rows, columns), terms) = (basis.shape(), basis.terms());
    let Gram::RowWise { features, .. } = basis.gram() else {
        panic!("a basis of features")
    };
    let fixed = |range: Range<usize>| -> Box<dyn LinearOperator> {
        let features = features.subrows(range.start, range.len());
        let values = features.col_iter().flat_map(|c| c.iter().copied());
        let values = values.map(|x| scale * x).collect();
        let dense = Dense::new(range.len(), columns);
        Box::new(Fixed::new(Box::new(dense), values))
    };
    let (whole, rest) = (terms / rows, terms % rows);
    let mut parts: Vec<Box<dyn LinearOperator>> = Vec::new();
    if whole > 0 {
        let coefficients = Box::new(Dense::new(rows, whole));
        parts.push(Box::new(Product::new(vec![coefficients, fixed(0..whole)])));
    }
    if rest > 0 {
        let top = Selection::new((0..rest).collect(), rows);
        parts.push(Box::new(Product::new(vec![
            Box::new(Adjoint::new(Box::new(top))),
            Box::new(Dense::new(rest, 1)),
            fixed(whole..whole + 1),
        ])));
    }
    match parts.len() {
        1 => parts.remove(0),
        _ => Box::new(Sum::new(parts)),
    }
}
