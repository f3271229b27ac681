//! All families beside one another, on a matrix and on its controls.

use super::controls::{Planned, planned};
use super::row::Matrix;
use super::{FamilyFit, FamilySettings, Finding, LeftOut, Member};
use crate::family::projection::entries;
use crate::fit::{VerdictKind, numbered_shuffle, rotated};
use crate::weights::normalise;
use faer::{Mat, MatRef};
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// Matrices held at once: the matrix itself, its rotation and shuffles of it.
pub(super) const BATCH: usize = 4;

/// Every family's fits to a matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// One row a family and budget, family by family, budgets ascending.
    pub families: Vec<FamilyFit>,
    /// The finding of each family.
    pub findings: Vec<Finding>,
    /// Families whose fits would take too long.
    pub left_out: Vec<LeftOut>,
}

/// Fits every family of `settings` to `w`, to some twenty shuffles of its entries and to `w` rotated, within each
/// budget; and says of each family what it has found.
///
/// Families whose fit is expensive are fitted to fewer shuffles, at least three; below ten a bound from the entries
/// themselves says what chance gives, see [`crate::fit::Concentration`].
/// Fits run side by side, each on one thread, so the result does not depend on their number.
/// `progress` is told which part of the work is done, from any thread.
///
/// ```
/// use faer::Mat;
/// use spectra::fit::VerdictKind;
/// use spectra::fit::families::{FamilyKind, FamilySettings, compare_families};
///
/// // A wave along the rows: one coefficient of the cosine transform, and of rank one.
/// let wave = |j: usize| (std::f64::consts::PI * 3.0 * (j as f64 + 0.5) / 32.0).cos();
/// let w = Mat::from_fn(24, 32, |_, j| wave(j));
/// let found = compare_families(w.as_ref(), &FamilySettings::default(), |_| ());
/// let of = |kind| found.findings.iter().find(|f| f.family == kind).unwrap().verdict.kind;
/// assert_eq!(of(FamilyKind::DCT), VerdictKind::Coordinates);
/// assert_eq!(of(FamilyKind::LOW_RANK), VerdictKind::LowRank);
/// assert_eq!(found.families[0].family, FamilyKind::LOW_RANK);
/// ```
///
/// # Panics
///
/// When an entry is not finite.
pub fn compare_families(
    w: MatRef<'_, f64>,
    settings: &FamilySettings,
    progress: impl Fn(f64) + Sync,
) -> Compared {
    let (m, n) = w.shape();
    let mut own = entries(w);
    normalise(&mut own);
    let own = MatRef::from_row_major_slice(&own, m, n);
    let (plans, left_out) = planned(m, n, settings);
    let budgets = settings.parameters(m * n);
    let fits = fit_all(own, &plans, &budgets, settings, progress);
    let matrix = Matrix::new(own, settings);
    let mut families = Vec::new();
    for (plan, members) in plans.iter().zip(&fits) {
        for (&budget, &allowed) in settings.budgets.iter().zip(&budgets) {
            families.push(matrix.row(plan, budget, allowed, members));
        }
    }
    let findings = findings(&families);
    Compared {
        families,
        findings,
        left_out,
    }
}

/// Returns for each family its members near the matrix, near the rotated matrix, and near each shuffle.
fn fit_all(
    own: MatRef<'_, f64>,
    plans: &[Planned],
    budgets: &[usize],
    settings: &FamilySettings,
    progress: impl Fn(f64) + Sync,
) -> Vec<Vec<Vec<Member>>> {
    let matrices = |plan: &Planned| 2 + plan.shuffles;
    let count = plans.iter().map(matrices).max().unwrap_or(0);
    let work = |plan: &Planned| plan.operations as u64 + 1;
    let total: u64 = plans
        .iter()
        .map(|plan| work(plan) * matrices(plan) as u64)
        .sum();
    let done = AtomicU64::new(0);
    let mut fits: Vec<Vec<Vec<Member>>> = vec![Vec::new(); plans.len()];
    let numbers: Vec<usize> = (0..count).collect();
    for batch in numbers.chunks(BATCH) {
        let drawn: Vec<Mat<f64>> = batch
            .par_iter()
            .map(|&number| match number {
                0 => own.to_owned(),
                1 => rotated(own, settings.seed),
                _ => numbered_shuffle(own, settings.seed, number as u64 - 2),
            })
            .collect();
        let mut tasks: Vec<(usize, MatRef<'_, f64>)> = Vec::new();
        for (family, plan) in plans.iter().enumerate() {
            let wanted = batch
                .iter()
                .zip(&drawn)
                .filter(|(number, _)| **number < matrices(plan));
            tasks.extend(wanted.map(|(_, w)| (family, w.as_ref())));
        }
        let found: Vec<Vec<Member>> = tasks
            .par_iter()
            .with_max_len(1)
            .map(|&(family, w)| {
                let plan = &plans[family];
                let members = (plan.kind.members)(w, budgets, settings.projection_options());
                let done = done.fetch_add(work(plan), Ordering::Relaxed) + work(plan);
                progress(done as f64 / total as f64);
                members
            })
            .collect();
        for ((family, _), members) in tasks.iter().zip(found) {
            fits[*family].push(members);
        }
    }
    fits
}

/// Of each family its clearest verdict, at the budget where it gains most.
fn findings(rows: &[FamilyFit]) -> Vec<Finding> {
    let clear = |row: &FamilyFit| match row.verdict.kind {
        VerdictKind::Undefined => 0,
        VerdictKind::NoGain => 1,
        VerdictKind::Entries => 2,
        VerdictKind::Coordinates | VerdictKind::LowRank | VerdictKind::Both => 3,
    };
    let gain = |row: &FamilyFit| {
        let chance = [row.null_residual, row.shuffled_residual];
        let chance = chance.into_iter().flatten().fold(f64::INFINITY, f64::min);
        let own = row.relative_residual.unwrap_or(f64::INFINITY);
        chance * chance - own * own
    };
    let most = |rows: &[FamilyFit]| {
        // Of equal gains the smallest budget.
        let best = rows.iter().rev().max_by(|a, b| {
            let clearer = clear(a).cmp(&clear(b));
            clearer.then_with(|| gain(a).total_cmp(&gain(b)))
        });
        best.map(|row| Finding {
            family: row.family,
            budget: row.budget,
            verdict: row.verdict.clone(),
        })
    };
    let families = rows.chunk_by(|a, b| a.family == b.family);
    families.filter_map(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::low_rank;
    use crate::family::projection::check;
    use crate::fit::families::FamilyKind;

    fn compared(w: &Mat<f64>) -> (Vec<FamilyFit>, Vec<Finding>) {
        let found = compare_families(w.as_ref(), &FamilySettings::default(), |_| ());
        (found.families, found.findings)
    }

    /// Noise has nothing to find: catches an adaptive family's freedom taken for a gain.
    #[test]
    fn noise_gains_nothing() {
        for finding in compared(&check::sample(48, 80)).1 {
            let kind = finding.verdict.kind;
            let plain = [VerdictKind::NoGain, VerdictKind::Entries].contains(&kind);
            assert!(plain, "{finding:?}");
        }
    }

    /// A planted low rank is low rank to the families that see it, and to none coordinates.
    #[test]
    fn low_rank_survives_a_rotation() {
        let w = low_rank::approximation(check::sample(48, 80).as_ref(), 2);
        for finding in compared(&w).1 {
            let kind = finding.verdict.kind;
            assert_ne!(kind, VerdictKind::Coordinates, "{finding:?}");
            let sees = [FamilyKind::LOW_RANK, FamilyKind::MONARCH];
            if sees.contains(&finding.family) {
                assert_eq!(kind, VerdictKind::LowRank, "{finding:?}");
            }
        }
    }

    /// More parameters never fit worse, in any family and on any null.
    #[test]
    fn residuals_fall_with_the_budget() {
        let wave = |i: usize, j: usize| ((i * i + 3 * j) as f64 / 50.0).sin();
        let noise = check::sample(30, 48);
        let w = Mat::from_fn(30, 48, |i, j| wave(i, j) + 0.3 * noise[(i, j)]);
        let (rows, _) = compared(&w);
        assert_eq!(rows.len(), 6 * FamilyKind::all().len());
        for rows in rows.chunk_by(|a, b| a.family == b.family) {
            for pair in rows.windows(2) {
                let fall = |of: fn(&FamilyFit) -> Option<f64>| {
                    let (before, after) = (of(&pair[0]), of(&pair[1]));
                    assert!(before.is_none() || after <= before, "{pair:?}");
                };
                fall(|x| x.relative_residual);
                fall(|x| x.shuffled_residual);
                fall(|x| x.rotated_residual);
                let allowed = (pair[1].budget * 30.0 * 48.0) as usize;
                assert!(pair[1].parameters.is_none_or(|k| k <= allowed));
            }
        }
    }

    /// Zero, constant, and entries whose squares leave the range of numbers.
    #[test]
    fn odd_values_have_defined_answers() {
        for row in compared(&Mat::zeros(6, 9)).0 {
            assert!(row.relative_residual.is_none_or(|r| r == 0.0), "{row:?}");
            assert_eq!(row.verdict.kind, VerdictKind::Undefined);
        }
        let constant = Mat::from_fn(12, 12, |_, _| 0.3);
        for row in compared(&constant).0 {
            assert_eq!(row.verdict.kind, VerdictKind::Undefined);
            let (own, other) = (row.relative_residual, row.shuffled_residual);
            assert_eq!(own, other);
        }
        let w = check::sample(12, 12);
        let scaled = |unit: f64| Mat::from_fn(12, 12, |i, j| w[(i, j)] * unit);
        let expected = compared(&w);
        for unit in [2f64.powi(-600), 2f64.powi(900)] {
            assert_eq!(compared(&scaled(unit)), expected, "{unit}");
        }
    }
}
