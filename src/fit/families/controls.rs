//! Controls for chance: a family's fits to the entries of a matrix in random order.

use super::{FamilyKind, FamilySettings, LeftOut, Member};
use crate::fit::{Concentration, Thresholds};

/// Operations that the shuffles of one family and matrix may take, unless these are the fewest.
const SHUFFLE_OPERATIONS: f64 = 3e8;

/// Fewest shuffles that a family is fitted to.
const FEWEST_SHUFFLES: usize = 3;

/// A family and how often it is fitted to a matrix of some shape.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planned {
    pub kind: FamilyKind,
    /// Operations of one fit, about.
    pub operations: f64,
    /// Shuffles fitted.
    pub shuffles: usize,
}

/// Returns the families to be fitted to an m × n matrix, and those that would take too long.
///
/// The settings' number of shuffles is fitted where these are cheap, fewer where one fit takes more than
/// some 10⁷ operations, but no fewer than three.
pub(super) fn planned(
    m: usize,
    n: usize,
    settings: &FamilySettings,
) -> (Vec<Planned>, Vec<LeftOut>) {
    let budgets = settings.parameters(m * n);
    let mut plans = Vec::new();
    let mut left_out = Vec::new();
    for &family in &settings.families {
        let operations = (family.operations)(m, n, &budgets);
        let most = settings.operations.unwrap_or(f64::INFINITY);
        if operations > most {
            let reason = format!(
                "one fit would take some {operations:.0e} operations, above the limit of {most:.0e}"
            );
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

/// Shares that a family explains of the entries of a matrix in random order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chance {
    /// Mean share of ‖W‖² over the shuffles.
    pub mean: f64,
    /// A gain over that mean that a further shuffle makes with a probability of at most e^-L, L = z² / 2 for z standard errors.
    pub gain: f64,
}

/// Fewest shuffles whose spread is taken at its word.
const SHUFFLES_OF_A_SPREAD: usize = 10;

impl Chance {
    /// Compares the shares of ‖W‖² that a family explains of the shuffles within one budget.
    ///
    /// A linear family projects on `own.parameters` terms, so its gain is bounded by the entries themselves
    /// ([`Concentration::gain_by_chance`]); few shuffles may all miss what is rare, as a large entry in a small block. The larger of
    /// that bound and of z standard deviations over the shuffles counts. A family that chooses among members varies far less than
    /// that bound, as large entries are held wherever they stand. With ten shuffles or more its gain is the
    /// quantile of Student's distribution that stands for z, times the deviation over the shuffles, and the outlying
    /// share of the largest entry beside, for two of these that meet; with fewer shuffles the bound counts.
    /// The mean of S shuffles adds its own error, a factor √(1 + 1/S).
    ///
    /// Without shuffles the mean is that of random terms.
    pub fn of(shares: &[f64], own: &Member, adaptive: bool, context: &ChanceContext<'_>) -> Chance {
        let ChanceContext {
            entries,
            concentration,
            thresholds,
        } = *context;
        let bound =
            concentration.gain_by_chance(own.parameters, own.leverage, thresholds.exponent());
        if shares.is_empty() {
            return Chance {
                mean: own.parameters as f64 / entries as f64,
                gain: bound,
            };
        }
        let count = shares.len() as f64;
        let mean = shares.iter().sum::<f64>() / count;
        let squares = shares.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
        let spread = (squares / (count - 1.0).max(1.0)).sqrt() * (1.0 + count.recip()).sqrt();
        let z = thresholds.standard_errors;
        let gain = if adaptive && shares.len() >= SHUFFLES_OF_A_SPREAD {
            student_quantile(z, count - 1.0) * spread + concentration.outlying_share()
        } else {
            bound.max(z * spread)
        };
        Chance { mean, gain }
    }
}

/// Settings that all rows of a matrix share for [`Chance`].
#[derive(Debug, Clone, Copy)]
pub(super) struct ChanceContext<'a> {
    pub entries: usize,
    pub concentration: &'a Concentration,
    pub thresholds: &'a Thresholds,
}

/// Returns the quantile of Student's distribution with `degrees` of freedom that has the tail of the normal quantile `z`
/// (Cornish and Fisher's expansion; Abramowitz, Stegun 26.7.5), within 1 % at z = 4 for nine degrees and more.
fn student_quantile(z: f64, degrees: f64) -> f64 {
    let [first, second, third] = [
        (z.powi(3) + z) / 4.0,
        (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0,
        (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0,
    ];
    z + first / degrees + second / degrees.powi(2) + third / degrees.powi(3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use faer::Mat;

    /// An embedding's expensive families are named with their reason, the others stay, and nothing is left out without a
    /// limit: catches a family that vanishes, and a butterfly that
    /// would hold gigabytes.
    #[test]
    fn expensive_families_are_left_out_by_name() {
        let mut settings = FamilySettings::default();
        let (plans, left_out) = planned(30_000, 384, &settings);
        let names: Vec<FamilyKind> = left_out.iter().map(|l| l.family).collect();
        assert_eq!(
            names,
            [
                FamilyKind::KRONECKER,
                FamilyKind::MONARCH,
                FamilyKind::BUTTERFLY
            ]
        );
        let says = |l: &LeftOut| l.reason.contains("operations, above the limit of 5e10");
        assert!(left_out.iter().all(says), "{left_out:?}");
        assert_eq!(plans.len() + left_out.len(), FamilyKind::all().len());
        assert!(
            plans
                .iter()
                .all(|plan| plan.shuffles == 3 || plan.kind == FamilyKind::RANDOM_SUBSPACE)
        );
        settings.operations = None;
        assert!(planned(30_000, 384, &settings).1.is_empty());
        settings = FamilySettings::default();
        let (plans, left_out) = planned(64, 64, &settings);
        assert!(left_out.is_empty());
        let cheap = [
            FamilyKind::LOW_RANK,
            FamilyKind::DCT,
            FamilyKind::BLOCK_TOEPLITZ,
        ];
        let cheap = plans.iter().filter(|plan| cheap.contains(&plan.kind));
        assert!(cheap.clone().all(|plan| plan.shuffles == 20), "{plans:?}");
    }

    /// Mean, spread and bound by hand: catches a spread without the error of the mean, a linear family whose bound is left
    /// out, and three shuffles taken at their word.
    #[test]
    fn chance_is_the_mean_and_spread_of_shuffles() {
        let own = Member::new(10, 10, 0.5, 1.0, String::new());
        let heavy = Mat::from_fn(10, 10, |i, j| if i == j { 9.0 } else { 1.0 });
        let concentration = Concentration::of(heavy.as_ref());
        let context = ChanceContext {
            entries: 100,
            concentration: &concentration,
            thresholds: &Thresholds::default(),
        };
        let bound = concentration.gain_by_chance(10, 1.0, 8.0);
        let wide = Chance::of(&[0.1, 0.3, 0.5], &own, true, &context);
        assert!((wide.mean - 0.3).abs() < 1e-15);
        assert!((wide.gain - bound.max(0.8 * (4.0f64 / 3.0).sqrt())).abs() < 1e-15);
        let narrow: Vec<f64> = (0..20).map(|k| 0.2 + 0.001 * f64::from(k % 2)).collect();
        let deviation = (20.0f64 / 19.0 * 2.5e-7).sqrt() * 1.05f64.sqrt();
        assert_eq!(Chance::of(&narrow, &own, false, &context).gain, bound);
        let adaptive = Chance::of(&narrow, &own, true, &context).gain;
        let expected = student_quantile(4.0, 19.0) * deviation + concentration.outlying_share();
        assert!((adaptive - expected).abs() < 1e-12, "{adaptive} {expected}");
        assert_eq!(Chance::of(&[], &own, true, &context).mean, 0.1);
    }

    /// The tail beyond 4 standard errors, 3.167e-5, by quadrature of the density: catches a wrong coefficient.
    #[test]
    fn student_quantiles_have_the_tail_of_the_normal() {
        for (degrees, constant) in [(9.0f64, 0.388_034_908_871_67), (19.0, 0.393_727_693_000_64)] {
            let from = student_quantile(4.0, degrees);
            // Simpson in u = 1 / t, whose integrand vanishes at 0.
            let density = |u: f64| {
                if u == 0.0 {
                    return 0.0;
                }
                let t = u.recip();
                constant * (1.0 + t * t / degrees).powf(-0.5 * (degrees + 1.0)) * t * t
            };
            let (steps, end) = (2000, from.recip());
            let weight = |k: usize| {
                if k == 0 || k == steps {
                    1.0
                } else {
                    (2 + k % 2 * 2) as f64
                }
            };
            let sum: f64 = (0..=steps)
                .map(|k| weight(k) * density(end * k as f64 / steps as f64))
                .sum();
            let tail = sum * end / steps as f64 / 3.0;
            assert!((tail / 3.167_124e-5 - 1.0).abs() < 0.1, "{degrees}: {tail}");
        }
    }
}
