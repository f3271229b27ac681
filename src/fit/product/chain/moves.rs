//! Points made of other points: steps, scales, and lines through two.

use super::{Chain, Point, before};
use crate::linalg::algebra::dot;
use faer::Mat;
use std::sync::Arc;

/// How much farther than the last one the next point of an extrapolation is.
pub const LONGER: f64 = 1.5;

impl Chain<'_> {
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

    /// The best point found on the line from one point through the next, as far beyond it as that gains.
    /// No term is looked at: factors are linear in their coefficients.
    pub fn extrapolated(&self, from: &Point, to: Point) -> Point {
        let (mut reach, mut relative) = (1.0, to.relative);
        while self.is_linear() {
            let value = self.value_between(from, &to, LONGER * reach);
            let next = (value - &self.target).norm_l2() / self.target_norm;
            if next.is_nan() || next >= relative {
                break;
            }
            (reach, relative) = (LONGER * reach, next);
        }
        if reach == 1.0 {
            return to;
        }
        let between = |x: f64, y: f64| x + reach * (y - x);
        let coefficients = |(x, y): (&Vec<f64>, &Vec<f64>)| -> Vec<f64> {
            x.iter().zip(y).map(|(x, y)| between(*x, *y)).collect()
        };
        let factor = |(x, y): (&Arc<Mat<f64>>, &Arc<Mat<f64>>)| {
            let both = faer::zip!(&**x, &**y);
            Arc::new(both.map(|faer::unzip!(x, y)| between(*x, *y)))
        };
        let a = from.a.iter().zip(&to.a).map(coefficients).collect();
        let factors = from.factors.iter().zip(&to.factors).map(factor);
        let best = self.valued(a, factors.collect(), self.right.as_ref(), self.len());
        if best.relative < to.relative {
            best
        } else {
            to
        }
    }

    /// The value on the line from one point to another, at 0 and 1, without its factors.
    fn value_between(&self, from: &Point, to: &Point, reach: f64) -> Mat<f64> {
        let mut value = self.right.clone();
        for (x, y) in from.factors.iter().zip(&to.factors).rev() {
            let (x, y) = (before(x, value.as_ref()), before(y, value.as_ref()));
            let both = faer::zip!(&x, &y);
            value = Some(both.map(|faer::unzip!(x, y)| x + reach * (y - x)));
        }
        let value = value.expect("a factor");
        match &self.left {
            Some(left) => before(left, Some(&value)),
            None => value,
        }
    }

    /// The point with the coefficients `a` of factor `j`, to the right of which stands `right`.
    pub fn replaced(
        &self,
        point: &Point,
        j: usize,
        a: Vec<f64>,
        right: Option<&Mat<f64>>,
    ) -> Point {
        let mut next = point.clone();
        next.factors[j] = self.factor(j, &a);
        next.a[j] = a;
        self.valued(next.a, next.factors, right, j + 1)
    }

    /// The point multiplied by the scale that is best for it, which the last factor takes.
    pub fn best_scale(&self, point: Point) -> Point {
        let value = &point.residual + &self.target;
        let energy = value.squared_norm_l2();
        if !self.is_linear() || energy == 0.0 {
            return point;
        }
        let column = |j: usize| dot(value.col_as_slice(j), self.target.col_as_slice(j));
        let inner: f64 = (0..value.ncols()).map(column).sum();
        let last = self.len() - 1;
        let a = point.a[last].iter().map(|a| a * (inner / energy)).collect();
        self.replaced(&point, last, a, self.right.as_ref())
    }

    /// The same product with factors of one root mean square, as near as powers of 2 come, which their
    /// scales are free to have. No product is rounded anew.
    pub fn balanced(&self, mut point: Point) -> Point {
        let size = |f: &Arc<Mat<f64>>| libm::log2(f.norm_l2()) - 0.5 * libm::log2(f.nrows() as f64);
        let sizes: Vec<f64> = point.factors.iter().map(size).collect();
        let mean = sizes.iter().sum::<f64>() / sizes.len() as f64;
        if !self.is_linear() || !mean.is_finite() {
            return point;
        }
        // Rounded sums, so that the exponents add to 0.
        let (mut sum, mut rounded) = (0.0, 0.0);
        for ((a, factor), size) in point.a.iter_mut().zip(&mut point.factors).zip(sizes) {
            sum += mean - size;
            let exponent = (sum.round() - rounded) as i32;
            rounded = sum.round();
            if exponent != 0 {
                let scale = libm::ldexp(1.0, exponent);
                a.iter_mut().for_each(|a| *a *= scale);
                *Arc::make_mut(factor) *= faer::Scale(scale);
            }
        }
        point
    }
}
