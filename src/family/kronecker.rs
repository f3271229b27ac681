//! Sums of Kronecker products (Van Loan, Pitsianis 1993, "Approximation with Kronecker products").

use super::low_rank::{ranks, tail_energies};
use super::projection::candidate::{Candidate, chosen};
use super::projection::{Choice, FamilyKind, Member, Projection, Search, entries};
use super::{Entry, Family};
use crate::linalg::algebra::{eigenvalues, product, sum_of_squares, thin_svd};
use faer::{Mat, MatRef};

/// The family.
pub const FAMILY: Family = Family {
    projection: Some(FamilyKind::KRONECKER),
    ..Family::NONE
};

impl FamilyKind {
    /// Sums of Kronecker products.
    pub const KRONECKER: FamilyKind = Entry(&Projection {
        tag: "kronecker",
        name: "Kronecker",
        about: "Sums of Kronecker products",
        members: |w, budgets, _| members(w, budgets),
        operations: |m, n, budgets| 0.1 * operations(m, n, budgets),
        search: Search::Exact,
        choice: Choice::Adaptive,
    });
}

/// Factors `B` (down × across) and `C` (m / down × n / across) of `B ⊗ C`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactorShape {
    /// Rows of `B`, a divisor of m.
    pub down: usize,
    /// Columns of `B`, a divisor of n.
    pub across: usize,
}

impl FactorShape {
    /// Returns the entries of `B`.
    fn entries(self) -> usize {
        self.down * self.across
    }

    /// Returns the entries of both factors of an m × n product.
    fn price(self, m: usize, n: usize) -> usize {
        self.entries() + m * n / self.entries()
    }
}

/// Returns for each budget the nearest sum of every factor shape and number of terms.
///
/// `Σ Bₖ ⊗ Cₖ` is of low rank once rearranged: a row for each entry of `B`, a column for each entry
/// of `C`. r terms store r (p + q) numbers, p and q the entries of the factors, with
/// r (p + q - r) degrees of freedom; what is left is Σ sᵢ² over i > r. Left out are a scalar times a matrix, and a
/// column times a row, which is low rank.
///
/// All shapes are compared by the eigenvalues of the smaller Gram matrix of the rearranged matrix, m n min(p, q)
/// multiplications and 4/3 min(p, q)³ operations each. The squares cost half of the digits, so the shapes chosen are
/// decomposed again, by singular values.
///
/// # Panics
///
/// When an entry is not finite.
pub fn members(w: MatRef<'_, f64>, budgets: &[usize]) -> Vec<Member> {
    let (m, n) = w.shape();
    let flat = entries(w);
    let energy = sum_of_squares(&flat);
    let shapes = affordable_shapes(m, n, budgets);
    let candidates: Vec<Candidate<FactorShape>> = shapes
        .iter()
        .flat_map(|&shape| candidates(&flat, energy, (m, n), shape, budgets))
        .collect();
    let shapes = chosen(&candidates, budgets, 0.0);
    let members = |shape: FactorShape| {
        let price = shape.price(m, n);
        let tails = tail_energies(rearranged(&flat, n, shape, m / shape.down).as_ref());
        let side = shape.entries().max(m * n / shape.entries());
        let ranks = ranks(&tails, side, price, budgets);
        ranks.into_iter().map(move |terms| {
            let (stored, free) = (terms * price, terms * (price - terms));
            let detail = detail(m, n, shape, terms);
            Member::new(stored, free, tails[terms], tails[0], detail)
        })
    };
    shapes.into_iter().flat_map(members).collect()
}

/// Returns about how many operations [`members`] takes, most of them in products of matrices.
pub(super) fn operations(m: usize, n: usize, budgets: &[usize]) -> f64 {
    let one = |shape: &FactorShape| {
        let first = shape.entries() as f64;
        let entries = (m * n) as f64;
        let least = first.min(entries / first);
        2.0 * entries * least + 4.0 / 3.0 * least.powi(3)
    };
    affordable_shapes(m, n, budgets).iter().map(one).sum()
}

/// Returns what every number of terms worth trying leaves: those that the budgets allow, and the fewest that leave nothing.
fn candidates(
    entries: &[f64],
    energy: f64,
    (m, n): (usize, usize),
    shape: FactorShape,
    budgets: &[usize],
) -> Vec<Candidate<FactorShape>> {
    let price = shape.price(m, n);
    let blocks = rearranged(entries, n, shape, m / shape.down);
    let (first, second) = blocks.shape();
    let gram = if first <= second {
        product(blocks.as_ref(), blocks.transpose())
    } else {
        product(blocks.transpose(), blocks.as_ref())
    };
    let mut left = vec![energy];
    for value in eigenvalues(gram.as_ref()) {
        left.push((left[left.len() - 1] - value).max(0.0));
    }
    let side = first.max(second);
    // Of squares half of the digits: tails are not known below n ε ‖W‖².
    let known: Vec<f64> = left
        .iter()
        .map(|&rest| {
            if rest > 4.0 * side as f64 * f64::EPSILON * energy {
                rest
            } else {
                0.0
            }
        })
        .collect();
    let terms = ranks(&known, side, price, budgets).into_iter();
    terms
        .map(|terms| Candidate {
            parameters: terms * price,
            rest: known[terms],
            member: shape,
        })
        .collect()
}

/// The nearest sum of `terms` Kronecker products of this shape to `w`.
///
/// # Panics
///
/// When the shape does not divide that of `w`, or an entry is not finite.
pub fn approximation(w: MatRef<'_, f64>, shape: FactorShape, terms: usize) -> Mat<f64> {
    let (m, n) = w.shape();
    let FactorShape { down, across } = shape;
    assert!(
        down > 0 && across > 0 && m % down == 0 && n % across == 0,
        "{m} × {n} as Kronecker product with a factor of {down} × {across}"
    );
    let (height, width) = (m / down, n / across);
    let (v, s, u) = thin_svd(rearranged(&entries(w), n, shape, height).as_ref());
    Mat::from_fn(m, n, |i, j| {
        let (first, second) = (
            i / height * across + j / width,
            i % height * width + j % width,
        );
        let term = |k: usize| u[(first, k)] * s[k] * v[(second, k)];
        (0..terms.min(s.len())).map(term).sum()
    })
}

fn detail(m: usize, n: usize, shape: FactorShape, terms: usize) -> String {
    let FactorShape { down, across } = shape;
    let plural = if terms == 1 { "" } else { "s" };
    let (height, width) = (m / down, n / across);
    format!("{terms} term{plural} of {down}x{across} by {height}x{width}")
}

/// 1 … n.
pub(super) fn divisors(n: usize) -> impl DoubleEndedIterator<Item = usize> {
    (1..=n).filter(move |d| n.is_multiple_of(*d))
}

/// Returns all shapes within the largest budget but those of a scalar and of low rank.
fn affordable_shapes(m: usize, n: usize, budgets: &[usize]) -> Vec<FactorShape> {
    let most = budgets.iter().copied().max().unwrap_or(0);
    let all = divisors(m).flat_map(|down| divisors(n).map(move |across| (down, across)));
    let trivial = [(1, 1), (m, n), (m, 1), (1, n)];
    all.filter(|pair| !trivial.contains(pair))
        .map(|(down, across)| FactorShape { down, across })
        .filter(|shape| shape.price(m, n) <= most)
        .collect()
}

/// Returns a column for each block of a matrix of `n` columns, the block's entries row by row: the transpose of
/// Van Loan and Pitsianis's matrix. `height` is that of a block.
fn rearranged(entries: &[f64], n: usize, shape: FactorShape, height: usize) -> Mat<f64> {
    let width = n / shape.across;
    let mut blocks = Mat::zeros(height * width, shape.entries());
    for (i, row) in entries.chunks_exact(n).enumerate() {
        let (down, offset) = (i / height * shape.across, i % height * width);
        for (across, run) in row.chunks_exact(width).enumerate() {
            let block = blocks.col_as_slice_mut(down + across);
            block[offset..offset + width].copy_from_slice(run);
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::projection::check;

    const SHAPE: FactorShape = FactorShape { down: 2, across: 3 };

    fn kronecker(b: &Mat<f64>, c: &Mat<f64>) -> Mat<f64> {
        let (height, width) = c.shape();
        Mat::from_fn(b.nrows() * height, b.ncols() * width, |i, j| {
            b[(i / height, j / width)] * c[(i % height, j % width)]
        })
    }

    /// Against alternating least squares over B and C from many starts, which is slow and obvious.
    #[test]
    fn one_term_is_the_best_product() {
        let w = check::sample(6, 6);
        let near = approximation(w.as_ref(), SHAPE, 1);
        let mut best = f64::INFINITY;
        for seed in 0..20 {
            let mut c = check::seeded(3, 2, seed);
            let mut b = Mat::zeros(2, 3);
            for _ in 0..400 {
                let norm = check::inner(&c, &c);
                b = Mat::from_fn(2, 3, |k, l| {
                    check::inner(&w.submatrix(3 * k, 2 * l, 3, 2).to_owned(), &c) / norm
                });
                let norm = check::inner(&b, &b);
                c = Mat::from_fn(3, 2, |i, j| {
                    let part = Mat::from_fn(2, 3, |k, l| w[(3 * k + i, 2 * l + j)]);
                    check::inner(&part, &b) / norm
                });
            }
            best = best.min(check::distance(&w, &kronecker(&b, &c)));
        }
        let found = check::distance(&w, &near);
        assert!((found - best).abs() < 1e-9 * best, "{found} {best}");
    }

    /// Catches prices, degrees of freedom and residuals of another member than the one named.
    #[test]
    fn residuals_are_those_of_the_matrices() {
        let w = check::sample(6, 10);
        let budgets: Vec<usize> = (16..=60).collect();
        let members = members(w.as_ref(), &budgets);
        let mut seen = 0;
        for down in [1, 2, 3, 6] {
            for across in [1, 2, 5, 10] {
                for terms in 1..6 {
                    let shape = FactorShape { down, across };
                    let named = detail(6, 10, shape, terms);
                    for member in members.iter().filter(|x| x.detail == named) {
                        seen += 1;
                        let near = approximation(w.as_ref(), shape, terms);
                        check::residual(&w, &near, member);
                        let price = down * across + 60 / (down * across);
                        assert_eq!(member.parameters, terms * price);
                        assert_eq!(member.degrees_of_freedom, terms * (price - terms));
                    }
                }
            }
        }
        assert_eq!(seen, members.len());
        assert!(seen > 4);
    }

    /// The shape is found among all, with two terms and their number.
    #[test]
    fn finds_a_planted_member() {
        let product = |seed| {
            let b = check::seeded(4, 5, seed);
            kronecker(&b, &check::seeded(6, 8, seed + 10))
        };
        let w = product(1) + product(2);
        check::recovered(&members(w.as_ref(), &[300]), 300, 136, 132);
    }

    /// Within every budget no shape and number of terms comes nearer, each by a decomposition of its own: catches shapes that
    /// are not tried, among them those whose first term is not the best.
    #[test]
    fn the_best_of_all_shapes() {
        for (m, n) in [(6, 10), (10, 12), (4, 27), (9, 9)] {
            let noise = check::sample(m, n);
            let w = Mat::from_fn(m, n, |i, j| {
                noise[(i, j)] + ((i % 3) * (j % 4)) as f64 * 0.4
            });
            for budget in 1..=m * n {
                let found = members(w.as_ref(), &[budget]);
                let found = crate::family::projection::best(&found, budget, 1e-14)
                    .map(|x| x.relative_residual);
                let mut least: Option<f64> = None;
                for shape in affordable_shapes(m, n, &[m * n]) {
                    let terms = budget / shape.price(m, n);
                    if terms > 0 {
                        let off = check::distance(&w, &approximation(w.as_ref(), shape, terms));
                        let off = off / check::inner(&w, &w).sqrt();
                        least = Some(least.map_or(off, |x| x.min(off)));
                    }
                }
                let rounding = (m * n) as f64 * f64::EPSILON;
                let equal = match (found, least) {
                    (Some(a), Some(b)) => (a - b).abs() < rounding,
                    (a, b) => a.is_none() && b.is_none(),
                };
                assert!(equal, "{m} × {n}, {budget}: {found:?} {least:?}");
            }
        }
    }
}
