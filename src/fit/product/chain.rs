//! A product of sums beside its target: value, residual and derivatives.

use super::Link;
use super::linear::products_into;
use crate::linalg::algebra::multiply;
use crate::operator::basis::{Basis, Transposed};
use faer::{Mat, MatMut, MatRef};

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
    right: Option<Mat<f64>>,
    target: Mat<f64>,
    target_norm: f64,
    reversed: bool,
}

#[derive(Debug)]
enum Side<'a> {
    Plain(&'a dyn Basis),
    Transposed(Transposed<'a>),
}

/// Coefficients, factor by factor in the order of the product as given.
pub type Coefficients = Vec<Vec<f64>>;

/// A place in the space of coefficients.
#[derive(Debug, Clone)]
pub(super) struct Point {
    /// Coefficients, in the chain's own order.
    a: Vec<Vec<f64>>,
    /// The factors F.
    factors: Vec<Mat<f64>>,
    /// Value less target.
    residual: Mat<f64>,
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
    /// Fits `W` by the product of `factors`; with `inputs` Z (n × s) in the norm ‖(W - Ŵ) Z‖.
    pub fn new(factors: &[Factor<'a>], w: MatRef<'_, f64>, inputs: Option<&Mat<f64>>) -> Chain<'a> {
        let target = inputs.map_or_else(|| w.to_owned(), |z| times(w, z.as_ref()));
        let reversed = target.nrows() < target.ncols();
        let plain = |f: &Factor<'a>| (Side::Plain(f.basis), f.link);
        let turned = |f: &Factor<'a>| (Side::Transposed(Transposed(f.basis)), f.link);
        let (bases, links) = match reversed {
            true => factors.iter().rev().map(turned).unzip(),
            false => factors.iter().map(plain).unzip(),
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
        self.with_factors(a, factors)
    }

    fn factor(&self, j: usize, a: &[f64]) -> Mat<f64> {
        let values: Vec<f64> = a.iter().map(|&a| self.links[j].value(a)).collect();
        self.bases[j].get().combine(&values)
    }

    fn with_factors(&self, a: Vec<Vec<f64>>, factors: Vec<Mat<f64>>) -> Point {
        let (last, rest) = factors.split_last().expect("a factor");
        let mut value = match &self.right {
            Some(right) => times(last.as_ref(), right.as_ref()),
            None => last.clone(),
        };
        for factor in rest.iter().rev().chain(&self.left) {
            value = times(factor.as_ref(), value.as_ref());
        }
        let residual = value - &self.target;
        let relative = residual.norm_l2() / self.target_norm;
        Point {
            a,
            factors,
            residual,
            relative,
        }
    }

    /// The point moved by `step`, all coefficients in one row.
    pub fn moved(&self, point: &Point, step: &[f64]) -> Point {
        let mut step = step.iter();
        let moved = |a: &Vec<f64>| {
            a.iter()
                .map(|a| a + step.next().expect("as long"))
                .collect()
        };
        self.at(point.a.iter().map(moved).collect())
    }

    /// The point with factor `j` replaced.
    pub fn replaced(&self, point: &Point, j: usize, a: Vec<f64>) -> Point {
        let mut next = point.clone();
        next.factors[j] = self.factor(j, &a);
        next.a[j] = a;
        self.with_factors(next.a, next.factors)
    }

    /// The point multiplied by the scale that is best for it, which the factors share.
    pub fn best_scale(&self, point: Point) -> Point {
        let value = &point.residual + &self.target;
        let energy = value.squared_norm_l2();
        if !self.is_linear() || energy == 0.0 {
            return point;
        }
        let inner: f64 = value
            .col_iter()
            .zip(self.target.col_iter())
            .map(|(x, t)| x.transpose() * t)
            .sum();
        let scale = (inner / energy).abs().powf(1.0 / self.len() as f64);
        let scales = (0..self.len()).map(|j| match j {
            0 if inner < 0.0 => -scale,
            _ => scale,
        });
        self.scaled(point, scales)
    }

    /// The same product with factors of one root mean square, which their scales are free to have.
    pub fn balanced(&self, point: Point) -> Point {
        let sizes: Vec<f64> = point
            .factors
            .iter()
            .map(|f| f.norm_l2() / (f.nrows() as f64).sqrt())
            .collect();
        if !self.is_linear() || sizes.contains(&0.0) {
            return point;
        }
        let mean = sizes.iter().map(|s| s.ln()).sum::<f64>() / sizes.len() as f64;
        let scales = sizes.iter().map(|size| mean.exp() / size);
        self.scaled(point, scales)
    }

    fn scaled(&self, mut point: Point, scales: impl Iterator<Item = f64>) -> Point {
        for ((a, factor), scale) in point.a.iter_mut().zip(&mut point.factors).zip(scales) {
            a.iter_mut().for_each(|a| *a *= scale);
            *factor *= faer::Scale(scale);
        }
        self.with_factors(point.a, point.factors)
    }

    /// Derivatives of the value by every coefficient, one column each, and the residual as a last
    /// column: m n × (Σ K + 1), column by column.
    pub fn jacobian(&self, point: &Point) -> Vec<f64> {
        let (m, n) = self.target.shape();
        let mut columns = vec![0.0; self.jacobian_size()];
        let (lefts, rights) = (self.lefts(point), self.rights(point));
        let mut rest = columns.as_mut_slice();
        for (j, (left, right)) in lefts.iter().zip(&rights).enumerate() {
            let (block, after) = rest.split_at_mut(m * n * point.a[j].len());
            rest = after;
            self.derivatives(point, j, left.as_ref(), right.as_ref(), block);
        }
        copy(&point.residual, rest);
        columns
    }

    /// Derivatives by the coefficients of factor `j` alone, with what stands to its left and right,
    /// and the target as a last column: the least-squares problem of one alternating step.
    pub fn design(&self, point: &Point, j: usize, left: Option<&Mat<f64>>) -> Vec<f64> {
        let (m, n) = self.target.shape();
        let mut columns = vec![0.0; m * n * (point.a[j].len() + 1)];
        let (block, last) = columns.split_at_mut(m * n * point.a[j].len());
        let rights = self.rights(point);
        self.derivatives(point, j, left, rights[j].as_ref(), block);
        copy(&self.target, last);
        columns
    }

    /// What stands to the left of each factor; nothing is an identity.
    pub fn lefts(&self, point: &Point) -> Vec<Option<Mat<f64>>> {
        let mut lefts = vec![self.left.clone()];
        for factor in point.factors.iter().take(self.len() - 1) {
            let next = match lefts.last().and_then(Option::as_ref) {
                Some(left) => times(left.as_ref(), factor.as_ref()),
                None => factor.clone(),
            };
            lefts.push(Some(next));
        }
        lefts
    }

    /// What stands to the right of each factor; nothing is an identity.
    fn rights(&self, point: &Point) -> Vec<Option<Mat<f64>>> {
        let mut rights = vec![self.right.clone()];
        for factor in point.factors.iter().skip(1).rev() {
            let next = match rights.last().and_then(Option::as_ref) {
                Some(right) => times(factor.as_ref(), right.as_ref()),
                None => factor.clone(),
            };
            rights.push(Some(next));
        }
        rights.reverse();
        rights
    }

    fn derivatives(
        &self,
        point: &Point,
        j: usize,
        left: Option<&Mat<f64>>,
        right: Option<&Mat<f64>>,
        out: &mut [f64],
    ) {
        let (m, n) = self.target.shape();
        let basis = self.bases[j].get();
        match left {
            Some(left) => {
                let (rows, columns) = (left.ncols(), basis.terms() * n);
                let mut terms = vec![0.0; rows * columns];
                products_into(basis, right, &mut terms);
                let terms = MatRef::from_column_major_slice(&terms, rows, columns);
                let block = MatMut::from_column_major_slice_mut(&mut *out, m, columns);
                multiply(block, left.as_ref(), terms);
            }
            None => products_into(basis, right, out),
        }
        let link = self.links[j];
        if link != Link::Identity {
            for (column, a) in out.chunks_exact_mut(m * n).zip(&point.a[j]) {
                let slope = link.derivative(*a);
                column.iter_mut().for_each(|x| *x *= slope);
            }
        }
    }
}

impl Side<'_> {
    fn get(&self) -> &dyn Basis {
        match self {
            Side::Plain(basis) => *basis,
            Side::Transposed(basis) => basis,
        }
    }
}

fn times(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Mat<f64> {
    let mut out = Mat::zeros(a.nrows(), b.ncols());
    multiply(out.as_mut(), a, b);
    out
}

fn copy(matrix: &Mat<f64>, out: &mut [f64]) {
    let mut view = MatMut::from_column_major_slice_mut(out, matrix.nrows(), matrix.ncols());
    view.copy_from(matrix);
}
