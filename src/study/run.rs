//! A study, run: from its plan to its report.

use super::aggregate::aggregate;
use super::done::{Done, runs};
use super::execute::{Executed, Execution};
use super::observe::observe;
use super::plan::StudyPlan;
use super::result::{DataReport, RunEnd, SCHEMA_VERSION, StudyReport};
use super::verdict::{claims, whole};
use crate::survey::PROGRAM;

impl Execution<'_> {
    /// Makes the runs of `plan` that are not kept yet, measures all and judges the claims. A run that fails or diverges is
    /// reported; it does not end the study.
    pub fn study(&self, plan: &StudyPlan) -> StudyReport {
        let executed: Executed = self.run(plan);
        let done = runs(plan, &executed, self.store);
        let (observations, remarks) = observe(plan, &done, self.listener);
        let is_done = |run: &Done<'_>| matches!(run.ended.0, RunEnd::Finished | RunEnd::Diverged);
        let claims = claims(plan, &done, &observations);
        let data = plan.data.iter().map(|(set, found)| DataReport {
            set: set.clone(),
            origin: found.as_ref().ok().map(|data| data.origin.clone()),
            problem: found.as_ref().err().cloned(),
        });
        StudyReport {
            schema_version: SCHEMA_VERSION,
            program: PROGRAM.to_owned(),
            id: plan.id.clone(),
            study: plan.study.clone(),
            quick: plan.quick,
            shortened: plan.shortened,
            complete: executed.complete && done.iter().all(is_done),
            verdict: whole(&claims),
            data: data.collect(),
            runs: done.iter().map(|run| run.report()).collect(),
            choices: executed.choices,
            values: aggregate(&done, &observations),
            claims,
            remarks,
            observations,
        }
    }
}
