//! Coefficients that are carried from one stage to the next.

use super::chain::Coefficients;
use super::stage::{PlannedBasis, PlannedStage};
use super::sum::linear;
use super::{Link, ProductPlan, Target};

/// Returns the coefficients of one stage as the start of the next: exactly where its basis contains the
/// last one's, else by least squares, factor by factor.
pub(super) fn carried(
    plan: &ProductPlan,
    before: &PlannedStage,
    next: &PlannedStage,
    a: &Coefficients,
) -> Coefficients {
    let factor = |((old, new), (a, link)): (_, (&Vec<f64>, &Link))| {
        let (old, new): (&PlannedBasis, &PlannedBasis) = (old, new);
        let missing = new.basis.terms().checked_sub(old.basis.terms());
        match missing {
            Some(missing) if old.family == new.family => {
                let mut all = a.clone();
                let size = a.iter().map(|a| link.value(*a).abs()).fold(0.0, f64::max);
                all.extend(vec![link.fresh(size); missing]);
                all
            }
            _ => {
                let values: Vec<f64> = a.iter().map(|a| link.value(*a)).collect();
                let matrix = old.basis.combine(&values);
                let target = Target::new(matrix.as_ref(), None);
                let projected = linear(&*new.basis, target, plan.workspace());
                projected
                    .coefficients
                    .into_iter()
                    .map(|x| link.near(x))
                    .collect()
            }
        }
    };
    let bases = before.bases.iter().zip(&next.bases);
    bases.zip(a.iter().zip(&plan.links)).map(factor).collect()
}
