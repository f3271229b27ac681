//! The curve of a layer: cost and error of each size.

use super::PlanSettings;
use super::candidate::Candidate;
use super::knowledge::Mode;
use super::point::{Error, Point};
use super::statistics::Statistics;
use crate::compress::{
    Family, LowRank, Moment, Size, is_worth_trying, member_fits, member_stored, members,
};
use crate::linalg::algebra::{energy, multiply};
use faer::{Mat, MatRef};
use rayon::prelude::*;

/// A layer whose curve is made.
pub(super) struct Curve<'a> {
    /// Outputs × inputs.
    pub w: MatRef<'a, f64>,
    pub statistics: &'a Statistics,
    pub candidate: &'a Candidate,
    pub mode: Mode,
    pub settings: &'a PlanSettings,
    /// The factor of errors in units of the loss.
    pub unit: f64,
}

impl Curve<'_> {
    /// Returns the sizes of the layer that cost less than itself, those of each family from the cheapest on.
    pub fn points(&self) -> Vec<Point> {
        let mut points = self.low_rank();
        // Without moments all layers keep one share in low rank.
        if self.mode != Mode::Weights {
            points.extend(self.structured());
        }
        points
    }

    fn low_rank(&self) -> Vec<Point> {
        let (m, n) = self.w.shape();
        let fit = self.statistics.low_rank(self.w);
        let calibration = self.rank_errors(&fit, &self.statistics.inputs, true);
        let held_out = self.statistics.held_out.as_ref();
        let held_out = held_out.map(|moment| self.rank_errors(&fit, moment, false));
        let step = self.settings.multiple_of;
        let storage = self.settings.storage;
        let point = |rank: usize| Point {
            form: Size::new(Family::LowRank, rank),
            cost: self.candidate.rate.of(storage.of_rank(m, n, rank)),
            error: Error {
                calibration: calibration[rank],
                held_out: held_out.as_ref().map(|errors| errors[rank]),
            },
        };
        let dense = self.candidate.dense();
        let points = (step..=m.min(n)).step_by(step).map(point);
        points.take_while(|point| point.cost < dense).collect()
    }

    fn rank_errors(&self, fit: &LowRank, moment: &(Moment, f64), is_own: bool) -> Vec<f64> {
        match fit {
            LowRank::Inputs(fit) if is_own => fit.errors(),
            LowRank::Inputs(fit) => fit.errors_on(self.w, &moment.0),
            LowRank::Loss(fit) => {
                let (gradients, _) = self
                    .statistics
                    .gradients
                    .as_ref()
                    .expect("the fit has them");
                let errors = fit.errors(&moment.0, gradients.as_ref());
                let factor = self.factor(moment.1, errors[0]);
                errors.iter().map(|error| factor * error).collect()
            }
        }
    }

    /// Returns what a loss of `whole` for the zero matrix and all others are multiplied by to be errors, moments of inputs
    /// having had the mean square `scale`.
    fn factor(&self, scale: f64, whole: f64) -> f64 {
        match &self.statistics.gradients {
            Some((_, gradients)) if self.mode != Mode::Alpha => scale * gradients * self.unit,
            _ if whole > 0.0 => whole.recip(),
            _ => 0.0,
        }
    }

    /// Returns the sizes of the other families. One that is farther from the matrix than zero is left out: where inputs are
    /// redundant a regression may have huge weights, which amplify what compressed layers before it have changed.
    fn structured(&self) -> Vec<Point> {
        let sizes = self.candidate.sizes();
        let dense = self.candidate.dense();
        let is_asked = |family: &Family| match &self.settings.families {
            Some(families) => families.contains(family),
            None => is_worth_trying(*family, &sizes),
        };
        let families = Family::ALL.into_iter().filter(is_asked);
        let families = families.filter(|_| !self.candidate.is_table);
        let whole = energy(self.w);
        let inputs = [
            Some(&self.statistics.inputs),
            self.statistics.held_out.as_ref(),
        ];
        let wholes = inputs.map(|moment| moment.map(|moment| self.loss(self.w, &moment.0)));
        let mut points = Vec::new();
        for family in families {
            let cost = |form: &Size| {
                let stored = member_stored(&sizes, *form)?;
                Some(self.candidate.rate.of(stored)).filter(|cost| *cost < dense)
            };
            let step = self.settings.multiple_of;
            let mut forms = members(family, &sizes);
            forms.retain(|form| cost(form).is_some() && form.size.is_multiple_of(step));
            let fits = member_fits(self.w, &self.statistics.inputs.0, &sizes, &forms);
            let point = |(form, fit): (&Size, &Option<crate::compress::Fit>)| {
                let fitted = fit.as_ref()?.dense();
                let (m, n) = self.w.shape();
                let left = Mat::from_fn(m, n, |i, j| self.w[(i, j)] - fitted[(i, j)]);
                let is_near = energy(left.as_ref()) <= whole;
                let error = |place: usize| -> Option<f64> {
                    let moment = inputs[place]?;
                    let factor = self.factor(moment.1, wholes[place]?);
                    Some(factor * self.loss(left.as_ref(), &moment.0))
                };
                is_near.then_some(Point {
                    form: *form,
                    cost: cost(form)?,
                    error: Error {
                        calibration: error(0)?,
                        held_out: error(1),
                    },
                })
            };
            let pairs = forms.par_iter().zip(fits.par_iter());
            points.extend(pairs.filter_map(point).collect::<Vec<Point>>());
        }
        points
    }

    /// Returns tr(D C Dᵀ), or ½ tr(G D C Dᵀ) where gradients are known.
    fn loss(&self, d: MatRef<'_, f64>, moment: &Moment) -> f64 {
        let Some((gradients, _)) = &self.statistics.gradients else {
            return moment.energies(d).iter().sum();
        };
        let m = d.nrows();
        let outputs = moment.energy(d);
        let mut seen = Mat::zeros(m, m);
        multiply(seen.as_mut(), gradients.as_ref(), outputs.as_ref());
        (0..m).map(|i| 0.5 * seen[(i, i)]).sum()
    }
}
