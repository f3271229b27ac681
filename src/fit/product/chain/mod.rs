//! A product of sums beside its target: value and residual.

mod derivatives;
mod moves;

use super::{Link, Target};
use crate::linalg::Real;
use crate::linalg::algebra::multiply;
use crate::operator::basis::{Basis, Transposed};
pub(super) use derivatives::Precision;
use faer::{Mat, MatRef};
pub(super) use moves::LONGER;
use std::sync::Arc;

/// Sizes of a target that single precision holds, and the products of parts of its factors with it.
const SINGLE_RANGE: f64 = 1e9;

/// One factor Σₖ g(aₖ) Mₖ.
#[derive(Debug, Clone, Copy)]
pub(super) struct Factor<'a> {
    pub basis: &'a dyn Basis,
    pub link: Link,
}

/// The problem of fitting `L F₁ F₂ … F_p R` to a target T, with L and R given or absent.
///
/// Kept the way that T has no fewer rows than columns (transposed, factors reversed, where it has),
/// so that products run from the thin side.
#[derive(Debug)]
pub(super) struct Chain<'a> {
    bases: Vec<Side<'a>>,
    links: Vec<Link>,
    left: Option<Mat<f64>>,
    pub(super) right: Option<Mat<f64>>,
    target: Mat<f64>,
    target_norm: f64,
    reversed: bool,
}

/// A factor's terms, as they are or turned.
#[derive(Debug)]
pub(super) enum Side<'a> {
    Plain(&'a dyn Basis),
    Transposed(Transposed<'a>),
}

/// Coefficients, factor by factor in the order of the product as given.
pub type Coefficients = Vec<Vec<f64>>;

/// A place in the space of coefficients.
#[derive(Debug, Clone)]
pub(super) struct Point {
    /// Coefficients, in the chain's own order.
    pub(super) a: Vec<Vec<f64>>,
    /// The factors F.
    pub(super) factors: Vec<Arc<Mat<f64>>>,
    /// Value less target.
    pub(super) residual: Mat<f64>,
    /// Frobenius norm of the residual over the target's.
    pub relative: f64,
}

impl Point {
    /// ‖value - target‖².
    pub fn squared(&self) -> f64 {
        self.residual.squared_norm_l2()
    }
}

impl<'a> Chain<'a> {
    /// Poses the problem of fitting `target` by the product of `factors`.
    pub fn new(factors: &[Factor<'a>], target: Target<'_>) -> Chain<'a> {
        let Target { w, inputs } = target;
        let target = inputs.map_or_else(|| w.to_owned(), |z| times(w, z.as_ref()));
        let reversed = target.nrows() < target.ncols();
        let plain = |f: &Factor<'a>| (Side::Plain(f.basis), f.link);
        let turned = |f: &Factor<'a>| (Side::Transposed(Transposed(f.basis)), f.link);
        let (bases, links) = if reversed {
            factors.iter().rev().map(turned).unzip()
        } else {
            factors.iter().map(plain).unzip()
        };
        let target_norm = target.norm_l2();
        Chain {
            bases,
            links,
            left: inputs
                .filter(|_| reversed)
                .map(|z| z.transpose().to_owned()),
            right: inputs.filter(|_| !reversed).cloned(),
            target: if reversed {
                target.transpose().to_owned()
            } else {
                target
            },
            target_norm,
            reversed,
        }
    }

    /// Number of factors.
    pub fn len(&self) -> usize {
        self.bases.len()
    }

    /// Terms of each factor, in the chain's own order.
    pub fn terms(&self) -> Vec<usize> {
        self.bases.iter().map(|basis| basis.get().terms()).collect()
    }

    /// Whether every coefficient is its own value, so that factors may trade scale.
    pub fn is_linear(&self) -> bool {
        self.links.iter().all(|link| *link == Link::Identity)
    }

    /// Whether no number of a product leaves the range of single precision: the target is near 1, and
    /// the factors share its scale.
    pub fn suits_single(&self) -> bool {
        let size = self.target_norm / (self.target.nrows() as f64).sqrt();
        self.is_linear() && (SINGLE_RANGE.recip()..SINGLE_RANGE).contains(&size)
    }

    /// Numbers in the matrix of derivatives and the residual.
    pub fn jacobian_size(&self) -> usize {
        let rows = self.target.nrows() * self.target.ncols();
        rows.saturating_mul(1 + self.terms().iter().sum::<usize>())
    }

    /// Relative residual below which the product equals the target to rounding: each product adds
    /// at most its inner size times ε.
    pub fn rounding(&self) -> f64 {
        let inner: usize = self
            .bases
            .iter()
            .map(|b| b.get().shape().1 + b.get().terms())
            .sum();
        inner as f64 * f64::EPSILON
    }

    /// The point of coefficients given in the order of the product.
    pub fn point(&self, coefficients: &Coefficients) -> Point {
        let mut a = coefficients.clone();
        if self.reversed {
            a.reverse();
        }
        self.at(a)
    }

    /// The coefficients of a point, in the order of the product.
    pub fn coefficients(&self, point: &Point) -> Coefficients {
        let mut a = point.a.clone();
        if self.reversed {
            a.reverse();
        }
        a
    }

    fn at(&self, a: Vec<Vec<f64>>) -> Point {
        let factors = (0..self.len()).map(|j| self.factor(j, &a[j])).collect();
        self.valued(a, factors, self.right.as_ref(), self.len())
    }

    fn factor(&self, j: usize, a: &[f64]) -> Arc<Mat<f64>> {
        let values: Vec<f64> = a.iter().map(|&a| self.links[j].value(a)).collect();
        Arc::new(self.bases[j].get().combine(&values))
    }

    /// The point of `factors`, with the product `right` of what stands to the right of the first `count`.
    fn valued(
        &self,
        a: Vec<Vec<f64>>,
        factors: Vec<Arc<Mat<f64>>>,
        right: Option<&Mat<f64>>,
        count: usize,
    ) -> Point {
        let mut value = right.cloned();
        for factor in factors[..count].iter().rev() {
            value = Some(before(factor, value.as_ref()));
        }
        let value = value.expect("a factor");
        let value = match &self.left {
            Some(left) => before(left, Some(&value)),
            None => value,
        };
        let residual = value - &self.target;
        let relative = residual.norm_l2() / self.target_norm;
        Point {
            a,
            factors,
            residual,
            relative,
        }
    }
}

impl Side<'_> {
    pub fn get(&self) -> &dyn Basis {
        match self {
            Side::Plain(basis) => *basis,
            Side::Transposed(basis) => basis,
        }
    }
}

/// `left` times `right`, of which nothing is an identity.
pub(super) fn before<T: Real>(left: &Mat<T>, right: Option<&Mat<T>>) -> Mat<T> {
    match right {
        Some(right) => times(left.as_ref(), right.as_ref()),
        None => left.clone(),
    }
}

pub(super) fn times<T: Real>(a: MatRef<'_, T>, b: MatRef<'_, T>) -> Mat<T> {
    let mut out = Mat::zeros(a.nrows(), b.ncols());
    multiply(out.as_mut(), a, b);
    out
}
