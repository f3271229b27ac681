//! Levenberg-Marquardt over all coefficients at once.

use super::{Limits, Observer, Outcome, iterate};
use crate::fit::product::chain::{Chain, Point};
use crate::linalg::Triangle;
use crate::linalg::algebra::product;
use faer::Mat;

/// First damping, in units of the columns' norms.
pub const FIRST_DAMPING: f64 = 1e-3;
/// Damping beyond which a step is too short to change anything.
const LARGEST_DAMPING: f64 = 1e16;
/// Damping below which a step is the undamped one.
const SMALLEST_DAMPING: f64 = 1e-16;
/// Least scale of a column in units of the largest.
const LEAST_SCALE: f64 = 1e-2;

/// Minimises ‖L F₁ … F_p R - T‖ from `point`.
///
/// Each iteration reduces the derivatives and the residual to a triangle once, 2 m n P² operations
/// for P coefficients, and tries dampings on the triangle alone, scaled by the columns' norms
/// (Moré 1978) and updated by the gain (Nielsen 1999). The normal equations are never formed.
/// Derivatives are made in single precision as long as their steps gain; a step is measured in double.
pub fn levenberg(
    chain: &Chain<'_>,
    point: Point,
    limits: &Limits,
    observe: &mut Observer<'_>,
) -> Outcome {
    let (mut damping, mut growth) = (FIRST_DAMPING, 2.0);
    let mut scales = Vec::new();
    iterate(chain, point, limits, observe, |point, idle| {
        let mut triangle = chain.linearised_enough(point, idle > 0);
        enlarge(&mut scales, &triangle.r);
        while damping <= LARGEST_DAMPING {
            let model = Model {
                triangle: &triangle,
                scales: &scales,
                damping,
            };
            let step = model.minimiser();
            let next = chain.moved(point, &step);
            let gain = model.gain(&step, point.squared() - next.squared());
            if gain > 0.0 {
                damping *= (1.0 - (2.0 * gain - 1.0).powi(3)).max(1.0 / 3.0);
                damping = damping.max(SMALLEST_DAMPING);
                growth = 2.0;
                return Some(next);
            }
            if triangle.epsilon > f64::EPSILON && growth > 2.0 {
                triangle = chain.linearised::<f64>(point);
            }
            damping *= growth;
            growth *= 2.0;
        }
        None
    })
}

/// Raises `scales` to the norms of the columns of `r` (Moré 1978): a slope that vanishes for a while
/// must not free its coefficient to jump.
fn enlarge(scales: &mut Vec<f64>, r: &Mat<f64>) {
    scales.resize(r.ncols(), 0.0);
    for (scale, column) in scales.iter_mut().zip(r.col_iter()) {
        *scale = scale.max(column.norm_l2());
    }
    let largest = scales.iter().copied().fold(0.0, f64::max);
    let least = if largest > 0.0 {
        LEAST_SCALE * largest
    } else {
        1.0
    };
    scales
        .iter_mut()
        .for_each(|scale| *scale = scale.max(least));
}

/// The damped problem ‖R δ + c‖² + damping ‖D δ‖² of a step δ.
struct Model<'a> {
    triangle: &'a Triangle,
    /// The diagonal of D.
    scales: &'a [f64],
    damping: f64,
}

impl Model<'_> {
    fn minimiser(&self) -> Vec<f64> {
        let n = self.scales.len();
        let root = self.damping.sqrt();
        let stacked = Mat::from_fn(2 * n, n + 1, |i, j| match (i < n, j < n) {
            (true, true) => self.triangle.r[(i, j)] / self.scales[j],
            (true, false) => -self.triangle.c[i],
            (false, true) if i - n == j => root,
            (false, _) => 0.0,
        });
        let step = Triangle::of(stacked.as_ref()).back_substituted();
        let scaled = step.into_iter().zip(self.scales);
        scaled.map(|(x, s)| x / s).collect()
    }

    /// Returns what the minimiser gained of the squared residual over what the model promised: 1 where the model is right.
    fn gain(&self, step: &[f64], gained: f64) -> f64 {
        let n = step.len();
        let column = Mat::from_fn(n, 1, |i, _| step[i]);
        let moved = product(self.triangle.r.as_ref(), column.as_ref());
        let square = |x: f64| x * x;
        // ‖c‖² - ‖R δ + c‖² = ‖R δ‖² + 2 damping ‖D δ‖² at the minimiser.
        let scaled = step.iter().zip(self.scales).map(|(x, s)| square(x * s));
        let kept: f64 = scaled.sum();
        let promised = moved.squared_norm_l2() + 2.0 * self.damping * kept;
        if gained.is_finite() && promised > 0.0 {
            gained / promised
        } else {
            -1.0
        }
    }
}
