//! Butterfly matrices (Dao et al. 2019), fitted by the hierarchical method (Le, Riccietti, Gribonval
//! 2022, "Spurious valleys, NP-hardness, and tractability of sparse matrix factorization with fixed
//! support"; Zheng, Riccietti, Gribonval 2023, "Efficient identification of butterfly sparse matrix
//! factorizations").

use super::projection::{Choice, FamilyKind, Member, Projection, Search, entries};
use super::{Entry, Family};
use crate::linalg::algebra::{product, sum_of_squares, thin_svd};
use faer::{Mat, MatRef};

/// The family.
pub const FAMILY: Family = Family {
    projection: Some(FamilyKind::BUTTERFLY),
    ..Family::NONE
};

impl FamilyKind {
    /// Butterfly matrices.
    pub const BUTTERFLY: FamilyKind = Entry(&Projection {
        tag: "butterfly",
        name: "butterfly",
        about: "Products of log2 n sparse factors, two entries a row",
        members: |w, budgets, _| members(w, budgets),
        operations: |m, n, budgets| operations(m, n, budgets),
        search: Search::BestFound,
        choice: Choice::Adaptive,
    });
}

/// A product `X₁ X₂ … X_J` of sparse factors of order N = 2ᴶ, cut to its first m rows and n columns.
///
/// Row `i` of factor ℓ has two entries, in the columns that are `i` with bit J - ℓ cleared and set:
/// the support is I ⊗ 1₂ₓ₂ ⊗ I with identities of order 2^(ℓ-1) and 2^(J-ℓ). A product with a vector costs
/// 4 N log₂ N operations.
#[derive(Debug, Clone, PartialEq)]
pub struct Butterfly {
    rows: usize,
    columns: usize,
    factors: Vec<Vec<[f64; 2]>>,
}

impl Butterfly {
    /// A butterfly near `w`, and `w` itself to rounding where it is one.
    ///
    /// With factors cut into a left and a right half, the product of each half is fixed up to scale by
    /// blocks of `w` of rank one: rows equal modulo a power of two, columns in a run. Each block is
    /// replaced by its nearest of rank one, and the halves, which part into smaller butterflies,
    /// are cut in turn. With two factors that is the nearest product of all; with more it is near it.
    ///
    /// N is the smallest power of two that holds both sides. Rows and columns beyond `w` are free:
    /// zeros in their place leave every block's nearest as it is. N blocks of order √N at the first cut,
    /// O(N²) operations where all are of rank one and O(N^2.5) where not.
    ///
    /// # Panics
    ///
    /// When both sides are below 2, or an entry is not finite.
    pub fn nearest(w: MatRef<'_, f64>) -> Butterfly {
        let (rows, columns) = w.shape();
        let order = order(rows, columns);
        assert!(
            order > 1 && rows > 0 && columns > 0,
            "butterfly of {rows} × {columns}: no factors"
        );
        let padded = |i, j| {
            if i < rows && j < columns {
                w[(i, j)]
            } else {
                0.0
            }
        };
        Butterfly {
            rows,
            columns,
            factors: split(&Mat::from_fn(order, order, padded)),
        }
    }

    /// Factor ℓ = 1 … J at place ℓ - 1: the two entries of each of its N rows.
    #[must_use]
    pub fn factors(&self) -> &[Vec<[f64; 2]>] {
        &self.factors
    }

    /// The product, m × n: 4 N n log₂ N operations.
    #[must_use]
    pub fn matrix(&self) -> Mat<f64> {
        let order = self.factors[0].len();
        let mut whole = Mat::zeros(order, self.columns);
        let mut carried = vec![0.0; order];
        for j in 0..self.columns {
            let column = whole.col_as_slice_mut(j);
            column[j] = 1.0;
            for (level, factor) in self.factors.iter().enumerate().rev() {
                let stride = order >> (level + 1);
                carried.copy_from_slice(column);
                for (i, (x, [first, second])) in column.iter_mut().zip(factor).enumerate() {
                    *x = first * carried[i & !stride] + second * carried[i | stride];
                }
            }
        }
        whole.submatrix(0, 0, self.rows, self.columns).to_owned()
    }
}

/// The factors of a matrix whose order is a power of two.
fn split(w: &Mat<f64>) -> Vec<Vec<[f64; 2]>> {
    let n = w.nrows();
    if n == 2 {
        return vec![vec![[w[(0, 0)], w[(0, 1)]], [w[(1, 0)], w[(1, 1)]]]];
    }
    let levels = n.ilog2();
    let height = 1 << (levels / 2);
    let width = n / height;
    // Block (r, b): rows r, r + width, …; columns from b width.
    let mut lefts = vec![Mat::zeros(height, height); width];
    let mut rights = vec![Mat::zeros(width, width); height];
    let mut block = Mat::zeros(height, width);
    for (b, right) in rights.iter_mut().enumerate() {
        for (r, left) in lefts.iter_mut().enumerate() {
            for j in 0..width {
                for i in 0..height {
                    block[(i, j)] = w[(i * width + r, b * width + j)];
                }
            }
            let (u, v) = rank_one(&block);
            left.col_as_slice_mut(b).copy_from_slice(&u);
            for (j, v) in v.into_iter().enumerate() {
                right[(r, j)] = v;
            }
        }
    }
    let mut factors = vec![vec![[0.0; 2]; n]; levels as usize];
    let (first, second) = factors.split_at_mut(height.ilog2() as usize);
    for (r, left) in lefts.iter().enumerate() {
        for (whole, part) in first.iter_mut().zip(split(left)) {
            for (i, row) in part.into_iter().enumerate() {
                whole[i * width + r] = row;
            }
        }
    }
    for (b, right) in rights.iter().enumerate() {
        for (whole, part) in second.iter_mut().zip(split(right)) {
            whole[b * width..(b + 1) * width].copy_from_slice(&part);
        }
    }
    factors
}

/// Vectors `u`, `v` of one length with `u vᵀ` nearest to `a`.
///
/// From the heaviest row one round of alternating least squares, which is exact for rank one; where
/// more than rounding is left, the singular value decomposition.
fn rank_one(a: &Mat<f64>) -> (Vec<f64>, Vec<f64>) {
    let (m, n) = a.shape();
    let weight = |i: usize| a.row(i).squared_norm_l2();
    let heaviest = (0..m).max_by(|&i, &j| weight(i).total_cmp(&weight(j)));
    let start = Mat::from_fn(n, 1, |j, _| a[(heaviest.expect("a row"), j)]);
    let energy = start.squared_norm_l2();
    if energy == 0.0 {
        return (vec![0.0; m], vec![0.0; n]);
    }
    let u = product(a.as_ref(), start.as_ref()) * faer::Scale(1.0 / energy);
    let v = product(a.transpose(), u.as_ref()) * faer::Scale(1.0 / u.squared_norm_l2());
    let (u, v) = (u.col_as_slice(0).to_vec(), v.col_as_slice(0).to_vec());
    let residual = |j: usize| -> f64 {
        let column = a.col(j).iter().zip(&u);
        column.map(|(x, u)| (x - u * v[j]).powi(2)).sum()
    };
    let rest: f64 = (0..n).map(residual).sum();
    let rounding = (m.max(n) as f64 * f64::EPSILON).powi(2) * a.squared_norm_l2();
    let (u, v) = if rest <= rounding {
        (u, v)
    } else {
        let (u, s, v) = thin_svd(a.as_ref());
        let scaled = v.col(0).iter().map(|x| s[0] * x);
        (u.col_as_slice(0).to_vec(), scaled.collect())
    };
    let share = (sum_of_squares(&v) / sum_of_squares(&u)).sqrt().sqrt();
    (
        u.into_iter().map(|x| x * share).collect(),
        v.into_iter().map(|x| x / share).collect(),
    )
}

/// The smallest power of two that holds both sides.
fn order(rows: usize, columns: usize) -> usize {
    rows.max(columns).next_power_of_two()
}

/// Entries of the factors that reach the first m rows and n columns, 2 N log₂ N where these are all;
/// and that number less the scales that neighbouring factors trade, one for each of the indices
/// between them.
fn counts(m: usize, n: usize) -> (usize, usize) {
    let order = order(m, n);
    let runs = |level: u32| n.div_ceil(order >> level);
    let levels = order.ilog2();
    // Factor ℓ joins rows that meet a kept row, in runs of 2 N / 2^ℓ, to columns that meet a kept
    // column, in runs of N / 2^ℓ.
    let entries = |level: u32| runs(level) * m.min(order >> (level - 1));
    let between = |level: u32| runs(level) * m.min(order >> level);
    let stored: usize = (1..=levels).map(entries).sum();
    let traded: usize = (1..levels).map(between).sum();
    (stored, stored - traded)
}

/// The butterfly near `w`, and that near its transpose transposed, whose factors come in the other
/// order: those within the largest budget.
///
/// None where both sides are below 2.
///
/// # Panics
///
/// When an entry is not finite.
pub fn members(w: MatRef<'_, f64>, budgets: &[usize]) -> Vec<Member> {
    let most = budgets.iter().copied().max().unwrap_or(0);
    let energy = sum_of_squares(&entries(w));
    let mut members = Vec::new();
    for (w, order_of_factors) in [(w, ""), (w.transpose(), ", transposed")] {
        let (m, n) = w.shape();
        let order = order(m, n);
        let (stored, free) = counts(m, n);
        if order < 2 || stored > most {
            continue;
        }
        let near = Butterfly::nearest(w).matrix();
        let rest = sum_of_squares(&entries((near - w).as_ref()));
        let detail = format!(
            "{} factors of order {order}{order_of_factors}",
            order.ilog2()
        );
        members.push(Member::new(stored, free, rest, energy, detail));
    }
    members
}

/// Returns about how many operations [`members`] takes: singular vectors of N blocks of order √N, twice.
pub(super) fn operations(m: usize, n: usize, budgets: &[usize]) -> f64 {
    let most = budgets.iter().copied().max().unwrap_or(0);
    let order = order(m, n);
    if order < 2 || counts(m, n).0.min(counts(n, m).0) > most {
        return (m * n) as f64;
    }
    2.0 * 20.0 * (order as f64).powf(2.5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::projection::check;
    use crate::linalg::singular_values;
    use faer::Par;

    /// ‖W - Ŵ‖ / ‖W‖.
    fn off(w: &Mat<f64>) -> f64 {
        let near = Butterfly::nearest(w.as_ref()).matrix();
        check::distance(w, &near) / check::inner(w, w).sqrt()
    }

    /// The support of factor `level` of order `n`, as Kronecker products: the slow twin of strides.
    fn in_support(n: usize, level: usize, i: usize, j: usize) -> bool {
        let inner = n >> level;
        i / (2 * inner) == j / (2 * inner) && i % inner == j % inner
    }

    /// Dense factors multiplied out, entries `value(level, i, j)` on the supports.
    fn multiplied(n: usize, value: impl Fn(usize, usize, usize) -> f64) -> Mat<f64> {
        let levels = 1..=n.ilog2() as usize;
        let factor = |level| {
            Mat::from_fn(n, n, |i, j| {
                if in_support(n, level, i, j) {
                    value(level, i, j)
                } else {
                    0.0
                }
            })
        };
        levels.map(factor).fold(Mat::identity(n, n), |a, b| a * b)
    }

    /// Signs and powers of two are exact at every step: catches a wrong stride, and a scale that rounds.
    #[test]
    fn hadamard_of_1024_is_exact() {
        let sign = |i: usize, j: usize| 1.0 - 2.0 * f64::from((i & j).count_ones() % 2);
        assert!(off(&Mat::from_fn(1024, 1024, sign)) <= 5e-15);
        let w = Mat::from_fn(1024, 1024, |i, j| sign(i, j) / 32.0);
        assert!(off(&w) <= 5e-15);
    }

    /// Every block of a planted product is of rank one to the rounding of its dot products, J sums of
    /// two, and each of the ⌈log₂ J⌉ cuts adds vectors of at most N^½ sums.
    #[test]
    fn finds_planted_products() {
        for n in [2, 4, 8, 32, 128] {
            let noise = check::seeded(n, 4 * n, 5);
            let planted = multiplied(n, |level, i, j| noise[(i, 2 * (level % 2) * n + j)]);
            // The real counterpart of Cooley and Tukey's factors: rotations by their angles.
            let rotated = multiplied(n, |level, i, j| {
                let inner = n >> level;
                let angle = std::f64::consts::PI * (i % inner) as f64 / (2 * inner) as f64;
                match (i / inner % 2, j / inner % 2) {
                    (0, 0) | (1, 1) => angle.cos(),
                    (0, _) => -angle.sin(),
                    _ => angle.sin(),
                }
            });
            let levels = f64::from(n.ilog2());
            let tolerance =
                f64::EPSILON * (2.0 * levels + levels.log2().ceil() * (n as f64).sqrt());
            for w in [planted, rotated] {
                let off = off(&w);
                assert!(off <= tolerance, "{n}: {off} > {tolerance}");
            }
        }
    }

    /// Of order 4 the first cut is the whole problem: Σ sᵢ², i > 1, of its four blocks is what is left.
    #[test]
    fn two_factors_are_the_best() {
        for (m, n) in [(4, 4), (3, 4), (4, 3), (3, 3)] {
            let w = check::sample(m, n);
            let mut rest = 0.0;
            for (r, b) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                let whole = |i, j| if i < m && j < n { w[(i, j)] } else { 0.0 };
                let block = Mat::from_fn(2, 2, |i, j| whole(2 * i + r, 2 * b + j));
                let values = singular_values(block.as_ref(), Par::Seq).unwrap();
                rest += values[1].powi(2);
            }
            let found = check::distance(&w, &Butterfly::nearest(w.as_ref()).matrix()).powi(2);
            assert!(
                (found - rest).abs() <= 100.0 * f64::EPSILON * rest,
                "{found} {rest}"
            );
        }
    }

    /// Against the number of entries that change the window, and the rank of the derivatives: catches
    /// entries of no use that are counted, and scales that are counted twice.
    #[test]
    fn counts_are_those_of_the_derivatives() {
        for (m, n) in [
            (2, 2),
            (4, 4),
            (8, 8),
            (3, 3),
            (5, 7),
            (7, 5),
            (2, 6),
            (1, 8),
            (8, 1),
        ] {
            let order = order(m, n);
            let noise = check::seeded(order, order * 4, 9);
            let value = |level: usize, i, j| noise[(i, level * order + j)];
            let mut derivatives = Vec::new();
            for level in 1..=order.ilog2() as usize {
                for (i, j) in (0..order).flat_map(|i| (0..order).map(move |j| (i, j))) {
                    let only = |l, a, b| {
                        if l == level {
                            f64::from((a, b) == (i, j))
                        } else {
                            value(l, a, b)
                        }
                    };
                    let all = multiplied(order, only);
                    derivatives.push(all.submatrix(0, 0, m, n).to_owned());
                }
            }
            derivatives.retain(|d| d.norm_l2() > 0.0);
            let matrix = Mat::from_fn(m * n, derivatives.len(), |e, k| {
                derivatives[k][(e % m, e / m)]
            });
            let values = singular_values(matrix.as_ref(), Par::Seq).unwrap();
            let rank = values.iter().filter(|s| **s > 1e-10 * values[0]).count();
            assert_eq!(counts(m, n), (derivatives.len(), rank), "{m} × {n}");
        }
        assert_eq!(counts(1024, 1024).0, 2 * 1024 * 10);
    }

    /// Residuals are those of the matrices, in both orders of the factors.
    #[test]
    fn members_are_near_and_found() {
        let (m, n) = (12, 30);
        let w = check::sample(m, n);
        let found = members(w.as_ref(), &[m * n]);
        check::residual(&w, &Butterfly::nearest(w.as_ref()).matrix(), &found[0]);
        let turned = w.transpose().to_owned();
        check::residual(
            &turned,
            &Butterfly::nearest(turned.as_ref()).matrix(),
            &found[1],
        );
        let planted = Butterfly::nearest(check::sample(16, 16).as_ref()).matrix();
        let found = members(planted.transpose(), &[128]);
        check::recovered(&found, 128, 128, 128 - 48);
        assert!(members(planted.as_ref(), &[127]).is_empty());
        assert!(members(check::sample(1, 1).as_ref(), &[1]).is_empty());
    }
}
