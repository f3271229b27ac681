//! The recurrence of LSQR (Paige, Saunders 1982, "LSQR: an algorithm for sparse linear equations and sparse least squares").

use super::algebra::norm;

/// The state of min ‖A y - b‖ between two products with A and Aᵀ, which the caller computes.
///
/// The caller starts with `β u = b` and `α v = Aᵀ u`, u and v of norm 1. A step is `β u ← A v - α u`, normalised, and then
/// [`advance`](Lsqr::advance) with `Aᵀ u`.
pub(crate) struct Lsqr {
    /// The solution so far.
    pub y: Vec<f64>,
    /// v.
    pub v: Vec<f64>,
    /// α.
    pub alpha: f64,
    direction: Vec<f64>,
    phi: f64,
    rho: f64,
}

impl Lsqr {
    /// Starts from v and α, and the norm β of b.
    pub fn new(v: Vec<f64>, alpha: f64, beta: f64) -> Lsqr {
        Lsqr {
            y: vec![0.0; v.len()],
            direction: v.clone(),
            v,
            alpha,
            phi: beta,
            rho: alpha,
        }
    }

    /// Takes `Aᵀ u` and the β by which u was divided, and returns the norm of the gradient as the recurrence has it.
    pub fn advance(&mut self, beta: f64, adjoint: impl IntoIterator<Item = f64>) -> f64 {
        for (v, x) in self.v.iter_mut().zip(adjoint) {
            *v = x - beta * *v;
        }
        self.alpha = norm(&self.v);
        if self.alpha > 0.0 {
            self.v.iter_mut().for_each(|v| *v /= self.alpha);
        }
        let length = self.rho.hypot(beta);
        let (c, s) = (self.rho / length, beta / length);
        let theta = s * self.alpha;
        self.rho = -c * self.alpha;
        let step = c * self.phi / length;
        self.phi *= s;
        for ((y, d), v) in self.y.iter_mut().zip(&mut self.direction).zip(&self.v) {
            *y += step * *d;
            *d = v - theta / length * *d;
        }
        self.phi * self.alpha * c.abs()
    }
}
