//! What chance gives: a family's fits to the entries of a matrix in random order.

use super::{FamilyKind, FamilySettings, LeftOut, Member, best};
use crate::fit::Concentration;

/// Operations that the shuffles of one family and matrix may take, unless these are the fewest.
const SHUFFLE_OPERATIONS: f64 = 3e8;

/// Fewest shuffles that a family is fitted to.
const FEWEST_SHUFFLES: usize = 3;

/// Numbers that a fit may hold beside copies of the matrix.
const WORKSPACE: f64 = 256e6;

/// A family and how often it is fitted to a matrix of some shape.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planned {
    pub kind: FamilyKind,
    /// Operations of one fit, about.
    pub operations: f64,
    /// Shuffles fitted.
    pub shuffles: usize,
}

/// Returns the families to be fitted to an m × n matrix, and those that would take too long or too much memory.
///
/// The settings' number of shuffles is fitted where these are cheap, fewer where one fit takes more than
/// some 10⁷ operations, but no fewer than three.
pub(super) fn planned(m: usize, n: usize, settings: &FamilySettings) -> (Vec<Planned>, Vec<LeftOut>) {
    let budgets = settings.parameters(m * n);
    let mut plans = Vec::new();
    let mut left_out = Vec::new();
    for &family in &settings.families {
        let operations = family.operations(m, n, &budgets);
        let workspace = family.workspace(m, n);
        let most = settings.operations.unwrap_or(f64::INFINITY);
        let reason = if operations > most {
            Some(format!(
                "one fit would take some {operations:.0e} operations, above the limit of {most:.0e}"
            ))
        } else if settings.operations.is_some() && workspace > WORKSPACE {
            let gigabytes = 8e-9 * workspace;
            Some(format!("one fit would take some {gigabytes:.1} GB of memory, above the limit of 2 GB"))
        } else {
            None
        };
        if let Some(reason) = reason {
            left_out.push(LeftOut { family, reason });
            continue;
        }
        let affordable = (SHUFFLE_OPERATIONS / operations) as usize;
        let fewest = FEWEST_SHUFFLES.min(settings.shuffles);
        plans.push(Planned {
            kind: family,
            operations,
            shuffles: affordable.clamp(fewest, settings.shuffles),
        });
    }
    (plans, left_out)
}

/// What a family explains of the entries of a matrix in random order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chance {
    /// Mean share of ‖W‖² over the shuffles.
    pub mean: f64,
    /// Standard deviation of one shuffle's share about the true mean, as the gain over the mean of these feels it.
    pub deviation: f64,
}

impl Chance {
    /// Compares shuffles within one budget: members of each shuffle, and the member of the matrix itself.
    ///
    /// The deviation is the larger of that over the shuffles and of the bound that the concentration of the entries
    /// gives for a projection on as many terms: few shuffles may all miss what is rare, as a large entry in a small
    /// block, and the bound knows nothing of a family that chooses among members. The mean of S shuffles adds
    /// its own error, a factor √(1 + 1/S). `None` without shuffles.
    pub fn of(
        shuffles: &[Vec<Member>],
        allowed: usize,
        rounding: f64,
        own: &Member,
        entries: usize,
        concentration: Concentration,
    ) -> Option<Chance> {
        let share = |members: &Vec<Member>| {
            let residual = best(members, allowed, rounding).map_or(1.0, |x| x.relative_residual);
            1.0 - residual * residual
        };
        let shares: Vec<f64> = shuffles.iter().map(share).collect();
        if shares.is_empty() {
            return None;
        }
        let count = shares.len() as f64;
        let mean = shares.iter().sum::<f64>() / count;
        let squares = shares.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
        let spread = (squares / (count - 1.0).max(1.0)).sqrt();
        let bound = concentration.share_deviation(own.parameters, entries, own.leverage);
        let deviation = spread.max(bound) * (1.0 + count.recip()).sqrt();
        Some(Chance { mean, deviation })
    }
}
