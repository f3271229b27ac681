//! Monarch matrices: block-wise rank one after a fixed permutation (Dao et al. 2022, "Monarch:
//! expressive structured matrices for efficient and accurate training").

use super::kronecker::divisors;
use super::projection::candidate::{Candidate, chosen};
use super::projection::{Choice, FamilyKind, Member, Projection, Search, entries};
use super::{Entry, Family};
use crate::linalg::algebra::{add_scaled, dot, product, sum_of_squares, thin_svd};
use crate::linalg::singular_values;
use faer::{Mat, MatRef, Par};

/// The family.
pub const FAMILY: Family = Family {
    projection: Some(FamilyKind::MONARCH),
    ..Family::NONE
};

impl FamilyKind {
    /// Monarch matrices.
    pub const MONARCH: FamilyKind = Entry(&Projection {
        tag: "monarch",
        name: "Monarch",
        about: "Blocks of rank one after a fixed permutation",
        members: |w, budgets, _| members(w, budgets),
        operations: |m, n, budgets| operations(m, n, budgets),
        search: Search::BestFound,
        choice: Choice::Adaptive,
    });
}

/// Steps of the power method in each block of every grouping.
const STEPS: usize = 2;

/// Groupings projected for each budget.
const PROJECTED: usize = 4;

/// `P L Pᵀ R` with block-diagonal `L` and `R`: rows i with equal i mod `row_groups`, and columns cut
/// into `column_groups` runs, make blocks that are each of rank one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grouping {
    /// Blocks of `L`, a divisor of m.
    pub row_groups: usize,
    /// Blocks of `R`, a divisor of n.
    pub column_groups: usize,
}

impl Grouping {
    /// Entries of `L` and `R`: m b + n q, for q groups of rows and b of columns.
    fn parameters(self, m: usize, n: usize) -> usize {
        m * self.column_groups + n * self.row_groups
    }

    /// (m/q + n/b - 1) for each of the q b blocks.
    fn degrees_of_freedom(self, m: usize, n: usize) -> usize {
        let (q, b) = (self.row_groups, self.column_groups);
        q * b * (m / q + n / b - 1)
    }

    /// The rows of each block of a matrix given row by row.
    fn blocks(
        self,
        entries: &[f64],
        n: usize,
    ) -> impl Iterator<Item = impl Iterator<Item = &[f64]> + Clone> {
        let Grouping {
            row_groups,
            column_groups,
        } = self;
        let width = n / column_groups;
        (0..row_groups * column_groups).map(move |block| {
            let (row, column) = (block / column_groups, block % column_groups * width);
            let rows = entries.chunks_exact(n).skip(row).step_by(row_groups);
            rows.map(move |row| &row[column..column + width])
        })
    }
}

/// Returns for each budget the nearest members found.
///
/// For every pair of groupings within the budget the leading energy of its blocks is estimated from below by a few
/// steps of the power method, which are exact for blocks of rank one. The groupings that promise most are then
/// projected by singular value decompositions: what is left is Σ sᵢ² over i > 1, block by block. A grouping that divides another
/// is held by it and is projected only where it leaves nothing.
///
/// # Panics
///
/// When an entry is not finite.
pub fn members(w: MatRef<'_, f64>, budgets: &[usize]) -> Vec<Member> {
    let (m, n) = w.shape();
    let flat = entries(w);
    let energy = sum_of_squares(&flat);
    let candidates: Vec<Candidate<Grouping>> = affordable_groupings(m, n, budgets)
        .into_iter()
        .map(|grouping| Candidate {
            parameters: grouping.parameters(m, n),
            rest: energy - leading_energy(&flat, n, grouping),
            member: grouping,
        })
        .collect();
    let rounding = 4.0 * (m + n) as f64 * f64::EPSILON * energy;
    let mut chosen = chosen(&candidates, budgets, rounding);
    for &budget in budgets {
        for grouping in most_promising(&candidates, budget) {
            if !chosen.contains(&grouping) {
                chosen.push(grouping);
            }
        }
    }
    let chosen = chosen.into_iter();
    chosen
        .map(|grouping| {
            let width = n / grouping.column_groups;
            let blocks = grouping.blocks(&flat, n);
            let blocks = blocks.map(|rows| rows.collect::<Vec<_>>().concat());
            let rest = blocks.map(|block| beyond_first(&block, width)).sum();
            let (stored, free) = (grouping.parameters(m, n), grouping.degrees_of_freedom(m, n));
            Member::new(stored, free, rest, energy, detail(m, n, grouping))
        })
        .collect()
}

/// Returns about how many operations [`members`] takes.
pub(super) fn operations(m: usize, n: usize, budgets: &[usize]) -> f64 {
    let groupings = affordable_groupings(m, n, budgets).len() as f64;
    let passes = 4.0 * STEPS as f64 * groupings + 30.0 * (PROJECTED * budgets.len()) as f64;
    passes * (m * n) as f64
}

/// Returns the groupings within a budget that leave least by their estimates and are held by no other of these.
fn most_promising(candidates: &[Candidate<Grouping>], budget: usize) -> Vec<Grouping> {
    let affordable = candidates.iter().filter(|c| c.parameters <= budget);
    let mut affordable: Vec<&Candidate<Grouping>> = affordable.collect();
    affordable.sort_by(|a, b| a.rest.total_cmp(&b.rest));
    let held = |one: &Grouping, by: &Grouping| {
        one != by
            && by.row_groups.is_multiple_of(one.row_groups)
            && by.column_groups.is_multiple_of(one.column_groups)
    };
    let groupings = affordable.iter().map(|c| c.member);
    let finest = groupings.filter(|one| !affordable.iter().any(|by| held(one, &by.member)));
    finest.take(PROJECTED).collect()
}

/// The nearest Monarch matrix to `w` with these groups.
///
/// # Panics
///
/// When the groups do not divide the sides, or an entry is not finite.
pub fn approximation(w: MatRef<'_, f64>, grouping: Grouping) -> Mat<f64> {
    let (m, n) = w.shape();
    let Grouping {
        row_groups: q,
        column_groups: b,
    } = grouping;
    assert!(
        q > 0 && b > 0 && m % q == 0 && n % b == 0,
        "{m} × {n} in {q} groups of rows and {b} of columns"
    );
    let flat = entries(w);
    let near: Vec<Mat<f64>> = grouping
        .blocks(&flat, n)
        .map(|rows| {
            let block = rows.collect::<Vec<_>>().concat();
            let block = MatRef::from_row_major_slice(&block, m / q, n / b);
            let (u, s, v) = thin_svd(block);
            let first = Mat::from_fn(m / q, 1, |i, _| u[(i, 0)] * s[0]);
            product(first.as_ref(), v.subcols(0, 1).transpose())
        })
        .collect();
    let width = n / b;
    Mat::from_fn(m, n, |i, j| near[i % q * b + j / width][(i / q, j % width)])
}

fn detail(m: usize, n: usize, grouping: Grouping) -> String {
    let (q, b) = (grouping.row_groups, grouping.column_groups);
    format!(
        "{q} x {b} blocks of {} x {}, each of rank one",
        m / q,
        n / b
    )
}

/// Returns every pair of divisors of both sides within the largest budget.
fn affordable_groupings(m: usize, n: usize, budgets: &[usize]) -> Vec<Grouping> {
    let most = budgets.iter().copied().max().unwrap_or(0);
    let pairs = divisors(m).flat_map(|rows| divisors(n).map(move |columns| (rows, columns)));
    let groupings = pairs.map(|(row_groups, column_groups)| Grouping {
        row_groups,
        column_groups,
    });
    groupings
        .filter(|grouping| grouping.parameters(m, n) <= most)
        .collect()
}

/// `Σ s₁²` over the blocks, from below.
fn leading_energy(entries: &[f64], n: usize, grouping: Grouping) -> f64 {
    let blocks = grouping.blocks(entries, n);
    blocks.map(largest_energy).sum()
}

/// `s₁²` of a block of these rows, from below, by the power method.
fn largest_energy<'a>(rows: impl Iterator<Item = &'a [f64]> + Clone) -> f64 {
    let heaviest = rows.clone().max_by(|a, b| dot(a, a).total_cmp(&dot(b, b)));
    let mut right = heaviest.unwrap_or(&[]).to_vec();
    let mut value = 0.0;
    for _ in 0..STEPS {
        let length = dot(&right, &right).sqrt();
        if length == 0.0 {
            return 0.0;
        }
        let left: Vec<f64> = rows.clone().map(|row| dot(row, &right) / length).collect();
        value = dot(&left, &left);
        right.fill(0.0);
        for (row, x) in rows.clone().zip(left) {
            add_scaled(&mut right, x, row);
        }
    }
    value
}

/// `Σ sᵢ²` over i > 1.
fn beyond_first(block: &[f64], width: usize) -> f64 {
    let block = MatRef::from_row_major_slice(block, block.len() / width, width);
    let values = singular_values(block, Par::Seq);
    let values = values.unwrap_or_else(|error| panic!("Monarch blocks: {error}"));
    values.iter().skip(1).rev().map(|s| s * s).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::projection::check;

    /// `P L Pᵀ R` multiplied out: a product of R's block, the permutation and L's block.
    fn multiplied(m: usize, n: usize, q: usize, b: usize, seed: u64) -> Mat<f64> {
        let mut right = Mat::zeros(b * q, n);
        let blocks = check::seeded(q, n, seed);
        for j in 0..n {
            for row in 0..q {
                right[(j / (n / b) * q + row, j)] = blocks[(row, j)];
            }
        }
        let permuted = Mat::from_fn(q * b, n, |i, j| right[(i % b * q + i / b, j)]);
        let mut left = Mat::zeros(m, q * b);
        let blocks = check::seeded(m, b, seed + 1);
        for i in 0..m {
            for column in 0..b {
                left[(i, i / (m / q) * b + column)] = blocks[(i, column)];
            }
        }
        let grouped = left * permuted;
        Mat::from_fn(m, n, |i, j| grouped[(i % q * (m / q) + i / q, j)])
    }

    /// The product of the two block-diagonal factors is its own nearest member, found among all
    /// groupings: catches another permutation than Monarch's.
    #[test]
    fn finds_a_planted_member() {
        let (m, n, q, b) = (12, 20, 4, 5);
        let w = multiplied(m, n, q, b, 3);
        let grouping = Grouping {
            row_groups: q,
            column_groups: b,
        };
        let off = check::distance(&w, &approximation(w.as_ref(), grouping));
        assert!(off < 1e-13 * check::inner(&w, &w).sqrt(), "{off}");
        let budget = m * b + n * q;
        let found = members(w.as_ref(), &[budget]);
        check::recovered(&found, budget, budget, q * b * (3 + 4 - 1));
    }

    /// Against the best rank one of each block by alternating least squares.
    #[test]
    fn blocks_are_their_best_rank_one() {
        let w = check::sample(6, 8);
        let grouping = Grouping {
            row_groups: 2,
            column_groups: 2,
        };
        let near = approximation(w.as_ref(), grouping);
        let mut rest = 0.0;
        for rows in grouping.blocks(&entries(w.as_ref()), 8) {
            let block = rows.collect::<Vec<_>>().concat();
            let block = MatRef::from_row_major_slice(&block, 3, 4).to_owned();
            let mut best = f64::INFINITY;
            for start in 0..block.ncols() {
                let mut u = block.col(start).to_owned();
                let mut v = block.transpose() * &u;
                for _ in 0..2000 {
                    v = block.transpose() * &u * faer::Scale(1.0 / u.squared_norm_l2());
                    u = &block * &v * faer::Scale(1.0 / v.squared_norm_l2());
                }
                let near = Mat::from_fn(block.nrows(), block.ncols(), |i, j| u[i] * v[j]);
                best = best.min(check::distance(&block, &near).powi(2));
            }
            rest += best;
        }
        let found = check::distance(&w, &near).powi(2);
        assert!((found - rest).abs() < 1e-9 * rest, "{found} {rest}");
        for member in members(w.as_ref(), &[20, 28, 40]) {
            let groups: Vec<Grouping> = (1..=6)
                .flat_map(|q| (1..=8).map(move |b| (q, b)))
                .filter(|(q, b)| 6 % q == 0 && 8 % b == 0)
                .map(|(row_groups, column_groups)| Grouping {
                    row_groups,
                    column_groups,
                })
                .collect();
            let grouping = groups.iter().find(|g| detail(6, 8, **g) == member.detail);
            let near = approximation(w.as_ref(), *grouping.unwrap());
            check::residual(&w, &near, &member);
        }
    }

    /// A member of every pair of groupings is found within the budget that just holds it, on sides with factors 2 and 3,
    /// where neither of 6 and 4 groups divides the other: catches groupings that are not tried.
    #[test]
    fn finds_planted_members_of_every_grouping() {
        for (m, n) in [(24, 24), (12, 18)] {
            for q in divisors(m) {
                for b in divisors(n) {
                    let budget = m * b + n * q;
                    if budget < m * n {
                        let w = multiplied(m, n, q, b, 7);
                        let found = members(w.as_ref(), &[budget]);
                        let best = crate::family::projection::best(&found, budget, 1e-13).unwrap();
                        assert!(best.relative_residual < 1e-13, "{q}, {b}: {best:?}");
                    }
                }
            }
        }
    }
}
