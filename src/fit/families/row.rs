//! A family's row at one budget: its fits to a matrix and to its controls, and what they say together.

use super::controls::{Chance, ChanceContext, Planned};
use super::{FamilyFit, FamilySettings, Member, best};
use crate::family::projection::Choice;
use crate::family::random_subspace::null_share;
use crate::fit::{Concentration, Shares, Verdict, VerdictKind};
use faer::MatRef;

/// Fields that all rows of a matrix share.
pub(super) struct Matrix<'a> {
    entries: usize,
    /// Residuals below this are equal.
    rounding: f64,
    /// What makes the matrix too plain to judge.
    plain: Option<&'static str>,
    concentration: Concentration,
    settings: &'a FamilySettings,
}

impl<'a> Matrix<'a> {
    /// Takes what the rows need to know of `w`.
    pub fn new(w: MatRef<'_, f64>, settings: &'a FamilySettings) -> Matrix<'a> {
        Matrix {
            entries: w.nrows() * w.ncols(),
            rounding: w.nrows().max(w.ncols()) as f64 * f64::EPSILON,
            plain: plain(w),
            concentration: Concentration::of(w),
            settings,
        }
    }

    /// Returns the row of a family and budget, from its members near the matrix, its rotation and its shuffles.
    pub fn row(
        &self,
        plan: &Planned,
        budget: f64,
        allowed: usize,
        members: &[Vec<Member>],
    ) -> FamilyFit {
        let entries = self.entries;
        let within = |members: &Vec<Member>| best(members, allowed, self.rounding).cloned();
        let (own, rotated) = (within(&members[0]), within(&members[1]));
        let residual = |member: &Option<Member>| member.as_ref().map(|x| x.relative_residual);
        let share = |residual: f64| 1.0 - residual * residual;
        let shuffled = |members: &Vec<Member>| residual(&within(members)).unwrap_or(1.0);
        let shuffled: Vec<f64> = members[2..].iter().map(shuffled).collect();
        let shares: Vec<f64> = shuffled.iter().map(|&residual| share(residual)).collect();
        let thresholds = &self.settings.thresholds;
        let context = ChanceContext {
            entries,
            concentration: &self.concentration,
            thresholds,
        };
        let judged = own.as_ref().map(|own| {
            let chance = Chance::of(&shares, own, plan.kind.choice == Choice::Adaptive, &context);
            Shares {
                own: share(own.relative_residual),
                shuffled: chance.mean,
                rotated: residual(&rotated).map_or(0.0, share),
                null: 1.0 - null_share(own.parameters, entries),
                gain_by_chance: chance.gain,
            }
        });
        let undefined = |text: String| Verdict {
            kind: VerdictKind::Undefined,
            text,
        };
        let verdict = match (&judged, self.plain) {
            (None, _) => undefined(format!("no member of at most {allowed} parameters")),
            (Some(_), Some(plain)) => undefined(plain.into()),
            (Some(shares), None) => shares.verdict(thresholds, plan.kind.is_drawn()),
        };
        let parameters = own.as_ref().map(|x| x.parameters);
        FamilyFit {
            family: plan.kind,
            budget,
            parameters,
            degrees_of_freedom: own.as_ref().map(|x| x.degrees_of_freedom),
            compression_rate: parameters.map(|k| k as f64 / entries as f64),
            relative_residual: residual(&own),
            null_residual: parameters.map(|k| null_share(k, entries).sqrt()),
            shuffled_residual: root_mean_square(&shuffled).filter(|_| parameters.is_some()),
            shuffles: plan.shuffles,
            least_gain: judged.map(|shares| shares.least_gain(thresholds)),
            rotated_residual: residual(&rotated),
            verdict,
            search: plan.kind.search,
            detail: own.map(|x| x.detail),
        }
    }
}

/// Returns the root of the mean square; of equal numbers that number to the last bit. `None` of no numbers.
fn root_mean_square(numbers: &[f64]) -> Option<f64> {
    let largest = numbers.iter().copied().reduce(f64::max)?;
    if largest == 0.0 {
        return Some(0.0);
    }
    let squares: f64 = numbers.iter().map(|x| (x / largest).powi(2)).sum();
    Some(largest * (squares / numbers.len() as f64).sqrt())
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Catches a mean that rounds where all shuffles leave the same, as those of a constant matrix do.
    #[test]
    fn the_mean_of_equal_residuals_is_exact() {
        assert_eq!(root_mean_square(&[]), None);
        assert_eq!(root_mean_square(&[0.0; 3]), Some(0.0));
        assert_eq!(root_mean_square(&[4.4e-17; 7]), Some(4.4e-17));
        let found = root_mean_square(&[3.0, 1.0]).unwrap();
        assert!((found - 5.0f64.sqrt()).abs() < 1e-15);
    }
}
