//! A study, run: from its plan to its report.

use super::aggregate::aggregate;
use super::execute::{Executed, Execution};
use super::observe::{observe, runs};
use super::plan::StudyPlan;
use super::result::{DataReport, SCHEMA_VERSION, StudyReport};
use super::verdict::{claims, whole};

impl Execution<'_> {
    /// Makes the runs of `plan` that are not kept yet, measures all and judges the claims. A run that fails or diverges is
    /// reported; it does not end the study. The second result are remarks: measures that could not be taken.
    pub fn study(&self, plan: &StudyPlan) -> (StudyReport, Vec<String>) {
        let executed: Executed = self.run(plan);
        let done = runs(plan, &executed, self.store);
        let (observations, problems) = observe(plan, &done);
        let claims = claims(plan, &done, &observations);
        let data = plan.data.iter().map(|(set, found)| DataReport {
            set: set.clone(),
            origin: found.as_ref().ok().map(|data| data.origin.clone()),
            problem: found.as_ref().err().cloned(),
        });
        let report = StudyReport {
            schema_version: SCHEMA_VERSION,
            program: format!("spectra {}", env!("CARGO_PKG_VERSION")),
            id: plan.id.clone(),
            study: plan.study.clone(),
            quick: plan.quick,
            complete: executed.complete,
            verdict: whole(&claims),
            data: data.collect(),
            runs: done.iter().map(|run| run.report()).collect(),
            choices: executed.choices,
            values: aggregate(&done, &observations),
            claims,
            observations,
        };
        (report, problems)
    }
}
