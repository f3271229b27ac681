//! What is measured on a run: a file a kind.

mod column;
mod compare;
mod decay;
mod eigenvalues;
mod record;
mod subject;
mod weights;

pub(super) use subject::{Shared, Subject};

use super::cell::{Cell, filled};
use super::file::{Measure, What};
use super::plan::{Run, StudyPlan};
use super::result::Curve;

/// The numbers of `measure` on `subject`; `other` is the run that a comparison names, if there is one.
///
/// # Errors
///
/// A sentence that says why there is no number.
pub(super) fn take(
    measure: &Measure,
    subject: &Subject<'_>,
    other: Option<&Subject<'_>>,
    shared: &Shared,
) -> Result<Curve, String> {
    let what = measure.what().expect("measures were checked");
    let mut curve = match what {
        What::Column(name) => column::take(name, measure.at, subject, shared)?,
        What::Weights(kind, settings) => {
            let settings = resolved(settings, subject.variables)?;
            match kind {
                "compare" => compare::take(settings, measure.at, subject, other, shared)?,
                "decay" => decay::take(settings, measure.at, subject, shared)?,
                "eigenvalues" => eigenvalues::take(settings, subject)?,
                kind => weights::take(kind, settings, subject, shared)?,
            }
        }
        What::Ratio(_) | What::Difference(_) => unreachable!("made of other measures"),
    };
    if measure.percent {
        curve.values.iter_mut().for_each(|x| *x *= 100.0);
    }
    Ok(curve)
}

/// Whether `measure` can be taken of a run, as far as that is known before it.
///
/// # Errors
///
/// A sentence.
fn check(measure: &Measure, run: &Run, variables: &Cell) -> Result<(), String> {
    match measure.what().expect("measures were checked") {
        What::Column(name) => column::check(name, run),
        What::Weights(kind, settings) => {
            let settings = resolved(settings, variables)?;
            match kind {
                "compare" => compare::check(settings, run),
                "decay" => decay::check(settings, run),
                "eigenvalues" => eigenvalues::check(settings, run),
                kind => weights::check(kind, settings, run),
            }
        }
        What::Ratio(_) | What::Difference(_) => Ok(()),
    }
}

/// Checks every measure on a run of every cell.
///
/// # Errors
///
/// One sentence that names measure and group.
pub(super) fn check_measures(plan: &StudyPlan) -> Result<(), String> {
    for measure in &plan.study.measures {
        for group in plan
            .groups
            .iter()
            .filter(|group| measure.is_of(&group.name))
        {
            for cell in &group.cells {
                for candidate in &cell.candidates {
                    let Some((_, run)) = candidate.runs.first() else {
                        continue;
                    };
                    let mut variables = cell.variables.clone();
                    variables.extend(candidate.variables.clone());
                    check(measure, run, &variables).map_err(|problem| {
                        format!("measure {}, group {}: {problem}", measure.name, group.name)
                    })?;
                }
            }
        }
    }
    Ok(())
}

/// Settings of a measure with the variables filled in.
fn resolved(settings: &toml::Table, variables: &Cell) -> Result<toml::Value, String> {
    filled(&toml::Value::Table(settings.clone()), variables)
}
