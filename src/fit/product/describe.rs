//! A fit in numbers and words.

use super::chain::Chain;
use super::result::{FactorFit, InputsFit, ProductFit};
use super::search::Search;
use super::{Inputs, Link, ProductPlan, Target};
use crate::family::random_subspace::share_deviation;
use crate::fit::{Concentration, Shares, Thresholds, Verdict, VerdictKind};
use faer::MatRef;

impl ProductFit {
    /// Describes what the best search of a plan found, without its starts and controls.
    pub(super) fn of(
        plan: &ProductPlan,
        w: MatRef<'_, f64>,
        inputs: Option<&Inputs>,
        best: Search,
    ) -> ProductFit {
        let stage = &plan.stages[best.stages.len() - 1];
        let factors = stage.factors(&plan.links);
        let on = |inputs| {
            let chain = Chain::new(&factors, Target::new(w, inputs));
            chain.point(&best.coefficients).relative
        };
        let relative = match inputs {
            Some(_) => on(None),
            None => best.residual,
        };
        let (parameters, entries) = (stage.parameters(), w.nrows() * w.ncols());
        let linear = plan.links.iter().all(|link| *link == Link::Identity);
        let traded = if linear { factors.len() - 1 } else { 0 };
        let degrees = parameters - traded;
        let last = best.stages[best.stages.len() - 1];
        ProductFit {
            rows: w.nrows(),
            columns: w.ncols(),
            frobenius_norm: w.norm_l2(),
            distance: relative * w.norm_l2(),
            relative_residual: relative,
            parameters,
            degrees_of_freedom: degrees,
            compression_rate: parameters as f64 / entries as f64,
            null_residual: (1.0 - degrees as f64 / entries as f64).sqrt(),
            shuffled_residual: None,
            rotated_residual: None,
            verdict: None,
            inputs: inputs.map(|inputs| InputsFit {
                samples: inputs.samples,
                fitted_residual: best.residual,
                held_out_residual: on(Some(&inputs.held_out)),
            }),
            method: best.method,
            device: best.device,
            condition: best.condition.filter(|c| c.is_finite()),
            iterations: best.stages.iter().map(|stage| stage.iterations).sum(),
            stopped: last.stopped,
            restarts: Vec::new(),
            stages: best.stages,
            factors: stage
                .bases
                .iter()
                .zip(&plan.links)
                .map(|(planned, &link)| FactorFit {
                    rows: planned.basis.shape().0,
                    columns: planned.basis.shape().1,
                    terms: planned.basis.terms(),
                    family: planned.family,
                    link,
                })
                .collect(),
            coefficients: best.coefficients,
        }
    }

    /// Says what the residuals of the matrix, of its shuffle and of its rotation mean together.
    ///
    /// Terms that are isotropic span a uniformly random subspace, whose share of ‖W‖² varies alike for every W;
    /// how much other terms explain of shuffled entries varies with the concentration of these.
    pub(super) fn judge(
        &self,
        controls: [f64; 2],
        concentration: &Concentration,
        thresholds: &Thresholds,
    ) -> Verdict {
        let residuals = [self.relative_residual, controls[0], controls[1]];
        let [own, shuffled, rotated] = residuals.map(|residual| 1.0 - residual * residual);
        let entries = self.rows * self.columns;
        let one = self.factors.len() == 1;
        let drawn = self
            .factors
            .iter()
            .all(|f| f.family.is_some_and(|family| family.is_isotropic));
        let degrees = self.degrees_of_freedom;
        let mut shares = Shares {
            own,
            shuffled,
            rotated,
            null: degrees as f64 / entries as f64,
            gain_by_chance: if drawn {
                thresholds.standard_errors * share_deviation(degrees, entries)
            } else {
                concentration.gain_by_chance(degrees, 1.0, thresholds.exponent())
            },
        };
        if drawn && !one {
            // A rotation changes nothing in law: two draws of one number, and no coordinates.
            shares.own = 0.5 * (own + rotated);
            shares.rotated = shares.own;
        }
        let mut verdict = shares.verdict(thresholds, one && drawn);
        if !one && verdict.kind == VerdictKind::Entries {
            verdict.text = format!(
                "a product's freedom, not W: {:.1} % explained, {:.1} % with the entries shuffled",
                100.0 * own,
                100.0 * shuffled
            );
        }
        verdict
    }
}
