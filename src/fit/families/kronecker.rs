//! Sums of Kronecker products (Van Loan, Pitsianis 1993, "Approximation with Kronecker products").

use super::low_rank::{ranks, tail_energies};
use super::{Member, entries};
use crate::fit::algebra::{add_scaled, dot, thin_svd};
use faer::{Mat, MatRef};

/// Factors `B` (down × across) and `C` (m / down × n / across) of `B ⊗ C`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactorShape {
    /// Rows of `B`, a divisor of m.
    pub down: usize,
    /// Columns of `B`, a divisor of n.
    pub across: usize,
}

/// Members of the factor shapes that promise most for each budget.
///
/// `Σ Bₖ ⊗ Cₖ` is of low rank once rearranged: a row for each entry of `B`, a column for each entry
/// of `C`. r terms store r (p + q) numbers, p and q the entries of the factors, with
/// r (p + q - r) degrees of freedom. Tried for each budget are the `shapes` whose largest singular
/// value, found by two steps of the power method, stands highest over that of noise, and the one
/// with the smallest factors. Left out are a scalar times a matrix, and a column times a row, which
/// is low rank.
///
/// About 10 m n operations for each pair of divisors, and one set of singular values a shape tried.
///
/// # Panics
///
/// When an entry is not finite.
pub fn members(w: MatRef<'_, f64>, budgets: &[usize], shapes: usize) -> Vec<Member> {
    let (m, n) = w.shape();
    let flat = entries(w);
    let most = budgets.iter().copied().max().unwrap_or(0);
    let price = |shape: FactorShape| {
        let first = shape.down * shape.across;
        first + m * n / first
    };
    let mut scored: Vec<(f64, FactorShape)> = factor_shapes(m, n)
        .into_iter()
        .filter(|&shape| price(shape) <= most)
        .map(|shape| (promise(&flat, m, n, shape), shape))
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut tried: Vec<FactorShape> = Vec::new();
    for &budget in budgets {
        let affordable = scored.iter().map(|s| s.1).filter(|&s| price(s) <= budget);
        tried.extend(affordable.clone().take(shapes));
        tried.extend(affordable.min_by_key(|&shape| price(shape)));
    }
    tried.sort_unstable_by_key(|shape| (shape.down, shape.across));
    tried.dedup();
    let members = |shape: FactorShape| {
        let tails = tail_energies(rearranged(&flat, m, n, shape).as_ref());
        let first = shape.down * shape.across;
        let side = first.max(m * n / first);
        let ranks = ranks(&tails, side, price(shape), budgets);
        ranks.into_iter().map(move |terms| {
            let (stored, free) = (terms * price(shape), terms * (price(shape) - terms));
            let detail = detail(m, n, shape, terms);
            Member::new(stored, free, tails[terms], tails[0], detail)
        })
    };
    tried.into_iter().flat_map(members).collect()
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
    let (u, s, v) = thin_svd(rearranged(&entries(w), m, n, shape).as_ref());
    let (height, width) = (m / down, n / across);
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

/// All shapes but those of a scalar and of low rank.
fn factor_shapes(m: usize, n: usize) -> Vec<FactorShape> {
    let all = divisors(m).flat_map(|down| divisors(n).map(move |across| (down, across)));
    let trivial = [(1, 1), (m, n), (m, 1), (1, n)];
    all.filter(|pair| !trivial.contains(pair))
        .map(|(down, across)| FactorShape { down, across })
        .collect()
}

/// A row for each block of `w`, its entries row by row.
fn rearranged(entries: &[f64], m: usize, n: usize, shape: FactorShape) -> Mat<f64> {
    let FactorShape { down, across } = shape;
    let (height, width) = (m / down, n / across);
    Mat::from_fn(down * across, height * width, |first, second| {
        let i = first / across * height + second / width;
        let j = first % across * width + second % width;
        entries[i * n + j]
    })
}

/// The largest singular value of the rearranged matrix, from below, over that of noise of its norm,
/// both squared: p q σ² / (√p + √q)² ‖W‖².
fn promise(entries: &[f64], m: usize, n: usize, shape: FactorShape) -> f64 {
    const STEPS: usize = 2;
    let (p, q) = {
        let first = shape.down * shape.across;
        (first as f64, (m * n / first) as f64)
    };
    let walk = Walk {
        entries,
        columns: n,
        height: m / shape.down,
        width: n / shape.across,
        across: shape.across,
    };
    let energy = dot(entries, entries);
    let mut second = walk.heaviest_block();
    let mut value = 0.0;
    for _ in 0..STEPS {
        let mut first = walk.forward(&second);
        let length = dot(&first, &first).sqrt();
        if length == 0.0 {
            return 0.0;
        }
        first.iter_mut().for_each(|x| *x /= length);
        second = walk.back(&first);
        value = dot(&second, &second);
    }
    value * p * q / ((p.sqrt() + q.sqrt()).powi(2) * energy)
}

/// Products with the rearranged matrix, which is not formed.
struct Walk<'a> {
    entries: &'a [f64],
    columns: usize,
    height: usize,
    width: usize,
    across: usize,
}

impl Walk<'_> {
    /// Visits each run of entries in one row of a block, with the block's number and the place in it.
    fn each_run(&self, mut visit: impl FnMut(usize, usize, &[f64])) {
        for (i, row) in self.entries.chunks_exact(self.columns).enumerate() {
            let block = i / self.height * self.across;
            let place = i % self.height * self.width;
            for (k, run) in row.chunks_exact(self.width).enumerate() {
                visit(block + k, place, run);
            }
        }
    }

    fn blocks(&self) -> usize {
        self.entries.len() / (self.height * self.width)
    }

    /// `R x`.
    fn forward(&self, x: &[f64]) -> Vec<f64> {
        let mut y = vec![0.0; self.blocks()];
        self.each_run(|block, place, run| y[block] += dot(run, &x[place..]));
        y
    }

    /// `Rᵀ y`.
    fn back(&self, y: &[f64]) -> Vec<f64> {
        let mut x = vec![0.0; self.height * self.width];
        self.each_run(|block, place, run| add_scaled(&mut x[place..], y[block], run));
        x
    }

    /// The entries of the block with the largest norm.
    fn heaviest_block(&self) -> Vec<f64> {
        let mut norms = vec![0.0; self.blocks()];
        self.each_run(|block, _, run| norms[block] += dot(run, run));
        let heaviest = (0..norms.len()).max_by(|&a, &b| norms[a].total_cmp(&norms[b]));
        let block = heaviest.unwrap_or(0);
        let (row, column) = (
            block / self.across * self.height,
            block % self.across * self.width,
        );
        let rows = self.entries.chunks_exact(self.columns).skip(row);
        let runs = rows.map(|row| &row[column..column + self.width]);
        runs.take(self.height).flatten().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::families::check;

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
        let members = members(w.as_ref(), &[20, 30, 45], 3);
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
        check::recovered(&members(w.as_ref(), &[300], 2), 300, 136, 132);
    }
}
