//! All families beside one another, on a matrix and on its nulls.

use super::random_subspace::{null_share, share_deviation};
use super::{FamilyFit, FamilyKind, FamilySettings, Finding, Member, best};
use crate::fit::{Shares, Verdict, VerdictKind, rotated, shuffled};
use crate::weights::normalise;
use faer::MatRef;
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Fits every family of `settings` to `w`, to its shuffled entries and to `w` rotated, within each
/// budget; and says of each family what it has found.
///
/// Fits run side by side, each on one thread, so the result does not depend on their number.
/// `progress` is told how many of how many fits are done, from any thread.
///
/// ```
/// use faer::Mat;
/// use spectra::fit::VerdictKind;
/// use spectra::fit::families::{FamilyKind, FamilySettings, compare_families};
///
/// // A wave along the rows: one coefficient of the cosine transform, and of rank one.
/// let wave = |j: usize| (std::f64::consts::PI * 3.0 * (j as f64 + 0.5) / 32.0).cos();
/// let w = Mat::from_fn(24, 32, |_, j| wave(j));
/// let (fits, findings) = compare_families(w.as_ref(), &FamilySettings::default(), |_, _| ());
/// let of = |kind| findings.iter().find(|f| f.family == kind).unwrap().verdict.kind;
/// assert_eq!(of(FamilyKind::Dct), VerdictKind::Coordinates);
/// assert_eq!(of(FamilyKind::LowRank), VerdictKind::LowRank);
/// assert_eq!(fits[0].family, FamilyKind::LowRank);
/// ```
///
/// # Panics
///
/// When an entry is not finite.
pub fn compare_families(
    w: MatRef<'_, f64>,
    settings: &FamilySettings,
    progress: impl Fn(usize, usize) + Sync,
) -> (Vec<FamilyFit>, Vec<Finding>) {
    let (m, n) = w.shape();
    let mut own = super::entries(w);
    normalise(&mut own);
    let own = MatRef::from_row_major_slice(&own, m, n);
    let (shuffled, rotated) = rayon::join(
        || shuffled(own, settings.seed),
        || rotated(own, settings.seed),
    );
    let matrices = [own, shuffled.as_ref(), rotated.as_ref()];
    let budgets = settings.parameters(m * n);
    let fits: Vec<(FamilyKind, MatRef<'_, f64>)> = settings
        .families
        .iter()
        .flat_map(|&kind| matrices.map(|w| (kind, w)))
        .collect();
    let done = AtomicUsize::new(0);
    let members: Vec<Vec<Member>> = fits
        .par_iter()
        .with_max_len(1)
        .map(|(kind, w)| {
            let members = kind.members(*w, &budgets, settings);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, fits.len());
            members
        })
        .collect();
    let plain = plain(own);
    let mut rows = Vec::new();
    for (kind, members) in settings.families.iter().zip(members.chunks_exact(3)) {
        for (&budget, &allowed) in settings.budgets.iter().zip(&budgets) {
            let rounding = m.max(n) as f64 * f64::EPSILON;
            let within = |members: &Vec<Member>| best(members, allowed, rounding).cloned();
            let found = [&members[0], &members[1], &members[2]].map(within);
            rows.push(row(*kind, budget, allowed, m * n, found, plain, settings));
        }
    }
    let findings = findings(&rows);
    (rows, findings)
}

/// What makes a matrix too plain to judge.
fn plain(w: MatRef<'_, f64>) -> Option<&'static str> {
    let first = w[(0, 0)];
    let constant = w.row_iter().all(|row| row.iter().all(|&x| x == first));
    match constant {
        true if first == 0.0 => Some("all zero: every family holds it"),
        true => Some("constant entries: a shuffle changes nothing"),
        false => None,
    }
}

fn row(
    family: FamilyKind,
    budget: f64,
    allowed: usize,
    entries: usize,
    [own, shuffled, rotated]: [Option<Member>; 3],
    plain: Option<&str>,
    settings: &FamilySettings,
) -> FamilyFit {
    let residual = |member: &Option<Member>| member.as_ref().map(|x| x.relative_residual);
    let (shuffled, rotated) = (residual(&shuffled), residual(&rotated));
    let undefined = |text: String| Verdict {
        kind: VerdictKind::Undefined,
        text,
    };
    let verdict = match (&own, plain) {
        (None, _) => undefined(format!("no member of at most {allowed} parameters")),
        (Some(_), Some(plain)) => undefined(plain.into()),
        (Some(own), None) => {
            let share = |residual: f64| 1.0 - residual * residual;
            let shares = Shares {
                own: share(own.relative_residual),
                shuffled: shuffled.map_or(0.0, share),
                rotated: rotated.map_or(0.0, share),
                null: 1.0 - null_share(own.parameters, entries),
                deviation: share_deviation(own.parameters, entries),
            };
            shares.verdict(&settings.thresholds, family.is_drawn())
        }
    };
    let parameters = own.as_ref().map(|x| x.parameters);
    FamilyFit {
        family,
        budget,
        parameters,
        degrees_of_freedom: own.as_ref().map(|x| x.degrees_of_freedom),
        compression_rate: parameters.map(|k| k as f64 / entries as f64),
        relative_residual: residual(&own),
        null_residual: parameters.map(|k| null_share(k, entries).sqrt()),
        shuffled_residual: shuffled,
        rotated_residual: rotated,
        verdict,
        detail: own.map(|x| x.detail),
    }
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
    use crate::fit::families::{check, low_rank};
    use faer::Mat;

    fn compared(w: &Mat<f64>) -> (Vec<FamilyFit>, Vec<Finding>) {
        compare_families(w.as_ref(), &FamilySettings::default(), |_, _| ())
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
            let sees = [FamilyKind::LowRank, FamilyKind::Monarch];
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
        assert_eq!(rows.len(), 6 * FamilyKind::ALL.len());
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
