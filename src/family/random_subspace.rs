//! The null line: K dense Gaussian terms that know nothing of the matrix.

use super::projection::{Choice, FamilyKind, Member, Projection, Search};
use super::{Entry, Family};
use faer::MatRef;

/// The family.
pub const FAMILY: Family = Family {
    projection: Some(FamilyKind::RANDOM_SUBSPACE),
    ..Family::NONE
};

impl FamilyKind {
    /// Dense Gaussian terms, the null line.
    pub const RANDOM_SUBSPACE: FamilyKind = Entry(&Projection {
        tag: "random-subspace",
        name: "random subspace",
        about: "Dense Gaussian terms, in expectation",
        members: |w, budgets, _| members(w, budgets),
        operations: |m, n, _| (m * n) as f64,
        search: Search::Exact,
        choice: Choice::NullLine,
    });
}

/// A member for each budget: the expected fit of K independent Gaussian matrices.
///
/// The best fit leaves, of any `W`, the share of ‖W‖² outside a uniformly random subspace of
/// dimension K: Beta((mn - K)/2, K/2), with mean 1 - K/mn and standard deviation
/// [`share_deviation`]. No term is drawn; the residual is the root of that mean.
pub fn members(w: MatRef<'_, f64>, budgets: &[usize]) -> Vec<Member> {
    let entries = w.nrows() * w.ncols();
    let is_zero = w.row_iter().all(|row| row.iter().all(|&x| x == 0.0));
    let energy = if is_zero { 0.0 } else { 1.0 };
    let allowed = budgets.iter().map(|&budget| budget.min(entries));
    allowed
        .filter(|&terms| terms > 0)
        .map(|terms| {
            let left = energy * null_share(terms, entries);
            Member::new(
                terms,
                terms,
                left,
                energy,
                format!("expected of {terms} terms"),
            )
        })
        .collect()
}

/// `1 - K/N`: the expected share of ‖W‖² that K random terms of N entries leave.
pub fn null_share(terms: usize, entries: usize) -> f64 {
    entries.saturating_sub(terms) as f64 / entries as f64
}

/// Standard deviation of that share, √(2 κ (1 - κ) / (N + 2)) with κ = K/N.
pub fn share_deviation(terms: usize, entries: usize) -> f64 {
    let left = null_share(terms, entries);
    (2.0 * left * (1.0 - left) / (entries as f64 + 2.0)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::projection::check;
    use faer::Mat;
    use faer::prelude::SolveLstsq;

    /// Fits drawn one by one: catches a wrong mean or spread of the null line.
    #[test]
    fn the_null_line_is_the_mean_of_fits() {
        let (m, n, terms) = (3, 5, 4);
        let w = check::sample(m, n);
        let flat = Mat::from_fn(m * n, 1, |i, _| w[(i % m, i / m)]);
        let shares: Vec<f64> = (0..2000)
            .map(|seed| {
                let basis = check::seeded(m * n, terms, seed);
                let fit = &basis * basis.qr().solve_lstsq(&flat);
                check::distance(&flat, &fit).powi(2) / check::inner(&flat, &flat)
            })
            .collect();
        let expected = null_share(terms, m * n);
        let deviation = share_deviation(terms, m * n);
        let squares = shares.iter().map(|s| ((s - expected) / deviation).powi(2));
        check::mean_is(squares.collect(), 1.0);
        check::mean_is(shares, expected);
        let found = &members(w.as_ref(), &[terms])[0];
        assert!((found.relative_residual.powi(2) - expected).abs() < 1e-15);
    }
}
