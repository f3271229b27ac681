//! The best fit in the sketched space: what the sketches of both modes know of a matrix
//! (Kasiviswanathan, Narodytska, Jin 2018, "Network approximation using tensor sketching").

use super::projection::{Choice, FamilyKind, Member, Projection, Search, entries};
use super::{Entry, Family};
use crate::linalg::algebra::{energy, orthonormal_columns, product};
use crate::random::Entries;
use faer::{Mat, MatRef};

/// The family.
pub const FAMILY: Family = Family {
    projection: Some(FamilyKind::SKETCH),
    ..Family::NONE
};

impl FamilyKind {
    /// Best fits from sketches.
    pub const SKETCH: FamilyKind = Entry(&Projection {
        tag: "sketch",
        name: "sketch",
        about: "Best fit from sketches of rows and columns",
        members: |w, budgets, options| members(w, budgets, options.seed),
        operations: |m, n, budgets| 0.1 * (budgets.len() * m * n * m.min(n)) as f64,
        search: Search::Exact,
        choice: Choice::Drawn,
    });
}

/// First words of the signs' paths.
const ROWS: u64 = 112;
const COLUMNS: u64 = 113;

/// A member for each budget.
///
/// With k random signs a row and column, `U₁` (k × m) and `U₂` (k × n), the sketches `U₁ W` and
/// `W U₂ᵀ` are k (m + n) stored numbers, with k (m + n - k) degrees of freedom. The nearest matrix that
/// they determine is `W - (I - P₁) W (I - P₂)`, `P` the projections on the rows of `U`; the unbiased
/// estimate `½ (U₁ᵀ U₁ W + W U₂ᵀ U₂)` is farther than 0 is. For any `W` the expected squared residual
/// is (1 - k/m) (1 - k/n). 8 m n k operations a member.
pub fn members(w: MatRef<'_, f64>, budgets: &[usize], seed: u64) -> Vec<Member> {
    let (m, n) = w.shape();
    let whole = entries(w);
    let whole = energy(MatRef::from_row_major_slice(&whole, m, n));
    let most = m.min(n);
    let allowed = budgets.iter().map(|budget| (budget / (m + n)).min(most));
    let mut counts: Vec<usize> = allowed.filter(|&count| count > 0).collect();
    counts.sort_unstable();
    counts.dedup();
    let Some(&largest) = counts.last() else {
        return Vec::new();
    };
    let [left, right] = frames(m, n, largest, seed);
    let member = |count: usize| {
        let (left, right) = (left.subcols(0, count), right.subcols(0, count));
        let rest = energy(outside(w, left, right).as_ref());
        let (stored, free) = (count * (m + n), count * (m + n - count));
        let detail = format!("{count} signs a row and column");
        Member::new(stored, free, rest, whole, detail)
    };
    counts.into_iter().map(member).collect()
}

/// The nearest matrix to `w` that its sketches with `count` signs determine.
///
/// # Panics
///
/// When there are more signs than rows or columns.
pub fn approximation(w: MatRef<'_, f64>, count: usize, seed: u64) -> Mat<f64> {
    let (m, n) = w.shape();
    assert!(count <= m.min(n), "{count} sketches of {m} × {n}");
    let [left, right] = frames(m, n, count, seed);
    w - outside(w, left.as_ref(), right.as_ref())
}

/// `(I - Q₁ Q₁ᵀ) W (I - Q₂ Q₂ᵀ)`.
fn outside(w: MatRef<'_, f64>, left: MatRef<'_, f64>, right: MatRef<'_, f64>) -> Mat<f64> {
    let rows = w - product(left, product(left.transpose(), w).as_ref());
    let inside = product(product(rows.as_ref(), right).as_ref(), right.transpose());
    rows - inside
}

/// Orthonormal bases of the rows of both sketches; their leading columns are those of smaller ones.
fn frames(m: usize, n: usize, count: usize, seed: u64) -> [Mat<f64>; 2] {
    [(m, ROWS), (n, COLUMNS)].map(|(length, path)| {
        let signs = Entries::new(seed, &[path]);
        let mut all = vec![0.0; length * count];
        signs.signs(0, &mut all);
        orthonormal_columns(Mat::from_fn(length, count, |i, j| all[j * length + i]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::projection::check;

    /// Against least squares on all u eᵀ and e vᵀ but those that others span.
    #[test]
    fn agrees_with_dense_least_squares() {
        let (m, n, count) = (6, 7, 2);
        let w = check::sample(m, n);
        let [left, right] = frames(m, n, count, 3);
        let unit = |i: usize, j: usize| if i == j { 1.0 } else { 0.0 };
        let mut basis = Vec::new();
        for k in 0..count {
            for e in 0..n {
                basis.push(Mat::from_fn(m, n, |i, j| left[(i, k)] * unit(j, e)));
            }
            // Of the m products with v, those with all of the span of the u are there already.
            for e in 0..m - count {
                basis.push(Mat::from_fn(m, n, |i, j| unit(i, e) * right[(j, k)]));
            }
        }
        let near = approximation(w.as_ref(), count, 3);
        check::linear(&w, &basis, &near);
        let members = members(w.as_ref(), &[26, 39], 3);
        check::residual(&w, &near, &members[0]);
        assert_eq!(members[0].degrees_of_freedom, basis.len());
        assert!(members[0].relative_residual > members[1].relative_residual);
        check::recovered(&super::members(near.as_ref(), &[26], 3), 26, 26, 22);
    }

    /// The expected squared residual is (1 - k/m) (1 - k/n) for any matrix, here one of rank one.
    #[test]
    fn knows_nothing_of_the_matrix() {
        let (m, n, k) = (12, 9, 3);
        let w = Mat::from_fn(m, n, |i, j| (i + 1) as f64 * (j as f64 - 3.0));
        let squares = (0..600).map(|seed| {
            let member = &members(w.as_ref(), &[k * (m + n)], seed)[0];
            member.relative_residual.powi(2)
        });
        check::mean_is(squares.collect(), 0.75 * 2.0 / 3.0);
    }
}
