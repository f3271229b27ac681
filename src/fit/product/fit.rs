//! The fit of one matrix: the best of its starts, and controls.

use super::search::Searcher;
use super::sum::Method;
use super::{FitError, FitProgress, Inputs, ProductFit, ProductPlan, Target};
use crate::device::Device;
use crate::fit::{Concentration, rotated, shuffled};
use crate::linalg::algebra::product;
use faer::{Mat, MatRef};

impl ProductPlan {
    /// Fits `w`; with `inputs` in the norm of the activations it meets. `observe` is told of every
    /// iteration and ends the fit, with the best so far, by returning `false`.
    ///
    /// # Errors
    ///
    /// [`FitError`] when `w` is constant, or does not meet the inputs.
    ///
    /// # Panics
    ///
    /// When `w` has another shape than the plan.
    pub fn fit(
        &self,
        w: MatRef<'_, f64>,
        inputs: Option<&Inputs>,
        observe: &mut dyn FnMut(FitProgress) -> bool,
    ) -> Result<ProductFit, FitError> {
        self.fit_on(None, w, inputs, observe)
    }

    /// [`fit`](ProductPlan::fit), where `device` makes the products of single sums too large to hold, if their entries
    /// are independent.
    ///
    /// # Errors
    ///
    /// As `fit`; [`FitError::Device`] and [`FitError::Inaccurate`] where the device fails.
    ///
    /// # Panics
    ///
    /// As `fit`.
    pub fn fit_on(
        &self,
        device: Option<&mut Device<'_>>,
        w: MatRef<'_, f64>,
        inputs: Option<&Inputs>,
        observe: &mut dyn FnMut(FitProgress) -> bool,
    ) -> Result<ProductFit, FitError> {
        assert_eq!(w.shape(), self.shape, "fit: a matrix of the plan's shape");
        check_entries(w)?;
        let fitted = inputs.map(|inputs| &inputs.fitted);
        if let Some(found) = inputs.map(Inputs::columns).filter(|&n| n != w.ncols()) {
            return Err(FitError::Inputs {
                found,
                columns: w.ncols(),
            });
        }
        let halves = inputs.map(|inputs| [&inputs.fitted, &inputs.held_out]);
        let vanishes = |z: &Mat<f64>| product(w, z.as_ref()).norm_l2() == 0.0;
        if halves.into_iter().flatten().any(vanishes) {
            return Err(FitError::Vanishing);
        }
        let mut searcher = Searcher::new(self, device, observe);
        let target = Target::new(w, fitted);
        let searches = searcher.searches(target)?;
        let restarts = searches.iter().map(|search| search.residual).collect();
        let best = searches
            .into_iter()
            .reduce(|a, b| if b.residual < a.residual { b } else { a });
        let mut best = best.expect("a start");
        if best.method == Method::Levenberg {
            best.condition = searcher.condition(&best, target);
        }
        let controls = self.settings.controls && inputs.is_none() && !searcher.is_interrupted();
        let mut control = |make: fn(MatRef<'_, f64>, u64) -> Mat<f64>| {
            if !controls {
                return Ok(None);
            }
            let matrix = make(w, self.settings.seed);
            let searches = searcher.searches(Target::new(matrix.as_ref(), fitted))?;
            let residuals = searches.iter().map(|search| search.residual);
            Ok(residuals
                .reduce(f64::min)
                .filter(|_| !searcher.is_interrupted()))
        };
        let shuffled = control(shuffled)?;
        let rotated = control(rotated)?;
        let mut fit = ProductFit::of(self, w, inputs, best);
        fit.restarts = restarts;
        fit.shuffled_residual = shuffled;
        fit.rotated_residual = rotated;
        if let (Some(shuffled), Some(rotated), None) = (shuffled, rotated, inputs) {
            let (controls, concentration) = ([shuffled, rotated], Concentration::of(w));
            fit.verdict = Some(fit.judge(controls, &concentration, &self.settings.thresholds));
        }
        Ok(fit)
    }
}

/// Refuses a matrix of which nothing can be learned.
fn check_entries(w: MatRef<'_, f64>) -> Result<(), FitError> {
    let first = w[(0, 0)];
    let mut entries = w.row_iter().flat_map(|row| row.iter());
    if entries.all(|&x| x == first) {
        return Err(FitError::Constant {
            value: first.to_string(),
        });
    }
    Ok(())
}
