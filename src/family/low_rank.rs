//! Matrices of low rank (Eckart, Young 1936).

use super::projection::{Choice, FamilyKind, Member, Projection, Search};
use super::terms::{BasisFamily, TermSet, Terms};
use super::weight::{Draws, Initial, Slot, TrainedFamily, Weight, WeightError, WeightFamily};
use super::{Entry, Family};
use crate::linalg::algebra::{product, thin_svd};
use crate::linalg::singular_values;
use crate::operator::basis::RankOne;
use crate::operator::recipes;
use crate::operator::{Adjoint, Dense, Diagonal, Fixed, LinearOperator, Product};
use faer::{Mat, MatRef, Par};
use serde::{Deserialize, Serialize};

/// The family.
pub const FAMILY: Family = Family {
    projection: Some(FamilyKind::LOW_RANK),
    terms: Some(BasisFamily::RANK_ONE),
    weight: Some(WeightFamily::of::<LowRankSettings>()),
    ..Family::NONE
};

impl FamilyKind {
    /// Matrices of low rank.
    pub const LOW_RANK: FamilyKind = Entry(&Projection {
        tag: "low-rank",
        name: "low rank",
        about: "Truncated singular value decomposition",
        members: |w, budgets, _| members(w, budgets),
        operations: |m, n, _| 0.3 * (m * n * m.min(n)) as f64,
        search: Search::Exact,
        choice: Choice::Adaptive,
    });
}

impl BasisFamily {
    /// Outer products of Gaussian vectors.
    pub const RANK_ONE: BasisFamily = Entry(&Terms {
        name: "rank-one",
        about: "outer products of Gaussian vectors",
        basis: |set| {
            Ok(Box::new(RankOne::new(
                set.rows,
                set.columns,
                set.count,
                set.place,
            )))
        },
        mean_square_norm: |rows, columns| rows * columns,
        most_terms: |rows, columns| rows * columns,
        is_isotropic: true,
        entries: None,
        sum,
    });
}

/// Returns `scale U diag(a) Vᵀ`.
fn sum(set: &TermSet, scale: f64) -> Option<Box<dyn LinearOperator>> {
    let &TermSet {
        rows,
        columns,
        count,
        place,
        ..
    } = set;
    let (mut left, mut right) = (vec![0.0; rows * count], vec![0.0; columns * count]);
    for term in 0..count {
        let entries = place.entries(term);
        entries.normals(0, &mut left[term * rows..][..rows]);
        entries.normals(rows as u64, &mut right[term * columns..][..columns]);
    }
    left.iter_mut().for_each(|x| *x *= scale);
    let right = Fixed::new(Box::new(Dense::new(columns, count)), right);
    Some(Box::new(Product::new(vec![
        Box::new(Fixed::new(Box::new(Dense::new(rows, count)), left)),
        Box::new(Diagonal::new(count, count)),
        Box::new(Adjoint::new(Box::new(right))),
    ])))
}

/// A member for each budget, and the one whose rank is that of `w` to rounding.
///
/// Rank r stores two factors, r (m + n) numbers, with r (m + n - r) degrees of freedom; what is
/// left is Σ sᵢ² over i > r. O(m n min(m, n)) once.
///
/// # Panics
///
/// When an entry is not finite.
pub fn members(w: MatRef<'_, f64>, budgets: &[usize]) -> Vec<Member> {
    let (m, n) = w.shape();
    let tails = tail_energies(w);
    let detail = |rank| format!("rank {rank}");
    ranks(&tails, m.max(n), m + n, budgets)
        .into_iter()
        .map(|rank| {
            let (stored, free) = (rank * (m + n), rank * (m + n - rank));
            Member::new(stored, free, tails[rank], tails[0], detail(rank))
        })
        .collect()
}

/// `Σ sᵢ²` over i > r, for r = 0 … min(m, n).
pub(super) fn tail_energies(w: MatRef<'_, f64>) -> Vec<f64> {
    let (m, n) = w.shape();
    let values = singular_values(w, Par::Seq);
    let values = values.unwrap_or_else(|error| panic!("low rank of {m} × {n}: {error}"));
    let mut tails = vec![0.0; values.len() + 1];
    for (i, value) in values.iter().enumerate().rev() {
        tails[i] = tails[i + 1] + value * value;
    }
    tails
}

/// The ranks that the budgets allow at `price` parameters each, and the numerical rank of a matrix
/// whose longer side is `side`, where they allow it.
pub(super) fn ranks(tails: &[f64], side: usize, price: usize, budgets: &[usize]) -> Vec<usize> {
    let most = tails.len() - 1;
    let allowed = budgets.iter().map(|budget| (budget / price).min(most));
    let mut ranks: Vec<usize> = allowed.collect();
    let rounding = (side as f64 * f64::EPSILON).powi(2) * tails[0];
    let exact = tails.iter().position(|&tail| tail <= rounding);
    if let (Some(exact), Some(&largest)) = (exact, ranks.iter().max()) {
        ranks.push(exact.min(largest));
    }
    ranks.retain(|&rank| rank > 0);
    ranks.sort_unstable();
    ranks.dedup();
    ranks
}

/// The nearest matrix to `w` of rank at most `rank`: its singular value decomposition cut short.
///
/// # Panics
///
/// When an entry is not finite.
pub fn approximation(w: MatRef<'_, f64>, rank: usize) -> Mat<f64> {
    let (u, s, v) = thin_svd(w);
    let rank = rank.min(s.len());
    let scaled = Mat::from_fn(w.nrows(), rank, |i, j| u[(i, j)] * s[j]);
    product(scaled.as_ref(), v.subcols(0, rank).transpose())
}

/// `family = "low-rank"`: `U V` of rank r, both factors trained, r (m + n) parameters: U, then V.
///
/// V is initialised as a dense layer of n inputs, U as one of r: variances `1/n` and `1/r`, so that `U V` has
/// entries of variance 1/n.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LowRankSettings {
    /// r.
    pub rank: usize,
    /// The initial law of the product's entries, or of both factors'.
    #[serde(default)]
    pub initial: Initial,
}

impl TrainedFamily for LowRankSettings {
    const NAME: &'static str = "low-rank";

    const EXAMPLES: &'static [&'static str] = &["rank = 3"];

    fn build(&self, slot: &Slot, draws: Draws) -> Result<Weight, WeightError> {
        self.initial.check()?;
        let &Slot { rows, columns, .. } = slot;
        let rank = self.rank;
        let most = rows.min(columns);
        if rank == 0 || rank > most {
            return Err(WeightError::Rank {
                rank,
                most,
                rows,
                columns,
            });
        }
        let fans = slot.fans();
        let n = columns as f64;
        let left = |v: f64| v * n / rank as f64;
        let right = |_| 1.0 / n;
        let u = self.initial.draw(fans, left, rows * rank, draws.initial(0));
        let v = self
            .initial
            .draw(fans, right, rank * columns, draws.initial(1));
        Ok(Weight::new(
            recipes::low_rank(rows, columns, rank),
            [u, v].concat(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::projection::check;

    /// Catches ranks priced wrongly, and tails that miss or double a value.
    #[test]
    fn residuals_are_those_of_the_matrices() {
        for (m, n) in [(8, 13), (13, 8), (6, 6)] {
            let w = check::sample(m, n);
            let budgets: Vec<usize> = (1..=4).map(|rank| rank * (m + n) + 1).collect();
            for (rank, member) in (1..).zip(members(w.as_ref(), &budgets)) {
                assert_eq!(member.parameters, rank * (m + n));
                assert_eq!(member.degrees_of_freedom, rank * (m + n - rank));
                check::residual(&w, &approximation(w.as_ref(), rank), &member);
            }
        }
    }

    /// No matrix of rank one near the best one is nearer: catches a decomposition cut at the wrong end.
    #[test]
    fn no_rank_one_matrix_is_nearer() {
        let w = check::sample(5, 4);
        let best = check::distance(&w, &approximation(w.as_ref(), 1));
        for seed in 0..300 {
            let other = approximation(check::seeded(5, 4, seed).as_ref(), 1);
            let inner = check::inner(&w, &other) / check::inner(&other, &other);
            let other = Mat::from_fn(5, 4, |i, j| inner * other[(i, j)]);
            assert!(check::distance(&w, &other) >= best);
        }
    }

    #[test]
    fn finds_a_planted_member() {
        let w = approximation(check::sample(20, 30).as_ref(), 3);
        check::recovered(&members(w.as_ref(), &[300]), 300, 150, 141);
    }
}
