//! Block-diagonal after a search for permutations of rows and columns.

use super::block_diagonal::{block_of, detail, parameters};
use super::projection::assignment::{balanced, exchange, largest_first};
use super::projection::spectral::Spectral;
use super::projection::{Choice, FamilyKind, Member, Projection, Search, entries};
use super::{Entry, Family};
use crate::linalg::algebra::sum_of_squares;
use crate::random::Stream;
use faer::{Mat, MatRef};
use rand::seq::SliceRandom;

/// The family.
pub const FAMILY: Family = Family {
    projection: Some(FamilyKind::PERMUTED_BLOCKS),
    ..Family::NONE
};

impl FamilyKind {
    /// Equal blocks after permutations of rows and columns.
    pub const PERMUTED_BLOCKS: FamilyKind = Entry(&Projection {
        tag: "permuted-blocks",
        name: "permuted blocks",
        about: "Equal blocks after a search for permutations of rows and columns",
        members: |w, budgets, options| members(w, budgets, options.seed),
        operations: |m, n, budgets| operations(m, n, budgets),
        search: Search::BestFound,
        choice: Choice::Adaptive,
    });
}

/// First word of the path of a random start.
const START: u64 = 114;

/// Most random starts of a search.
const STARTS: usize = 30;

/// Rounds after which the starts are compared.
const TRIAL_ROUNDS: usize = 3;

/// Starts that go on to the end.
const FINALISTS: usize = 3;

/// Most rounds of these; they end before when a round changes nothing.
const ROUNDS: usize = 12;

/// To which of equal blocks each row and each column belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// Block of each row.
    pub rows: Vec<usize>,
    /// Block of each column.
    pub columns: Vec<usize>,
}

/// Returns a member for each budget and for each number of blocks between that divides both sides: the best partition
/// that the search finds (the problem itself is NP-hard).
///
/// The search assigns rows to blocks with the columns' blocks fixed, then columns with the rows' fixed, in turn: items are
/// exchanged between every two blocks as is best for these two. It starts from the contiguous blocks, from a
/// spectral partition (singular vectors of the normalised squares, Dhillon 2001, pointed at by pivots, Damle, Minden,
/// Ying 2019) and from random partitions drawn from `seed`, 30 of them and fewer for more than 2¹⁴ entries.
/// After three rounds the best starts go on until nothing improves, and the best of these is kept. So no member
/// is worse than contiguous blocks. The permutations, m + n indices, are not counted as parameters.
///
/// O(m n min(m, n)) once, and O(m n) a round.
pub fn members(w: MatRef<'_, f64>, budgets: &[usize], seed: u64) -> Vec<Member> {
    let (m, n) = w.shape();
    let squares: Vec<f64> = entries(w).iter().map(|x| x * x).collect();
    let energy = sum_of_squares(&entries(w));
    let counts = counts(m, n, budgets);
    if counts.is_empty() {
        return Vec::new();
    }
    let spectral = Spectral::of(&squares, m, n);
    let counts = counts.into_iter();
    counts
        .map(|blocks| {
            let (_, outside) = search(&squares, m, n, blocks, &spectral, seed);
            let stored = parameters(m, n, blocks);
            let words = format!("{}, {} indices beside", detail(m, n, blocks), m + n);
            Member::new(stored, stored, outside, energy, words)
        })
        .collect()
}

/// Returns about how many operations [`members`] takes.
pub(super) fn operations(m: usize, n: usize, budgets: &[usize]) -> f64 {
    let entries = (m * n) as f64;
    let rounds = (TRIAL_ROUNDS * (2 + starts(m * n)) + FINALISTS * ROUNDS) as f64;
    let exchanges = |blocks: usize| (m + n) as f64 * 20.0 * blocks as f64;
    let search = |blocks: usize| rounds * (4.0 * entries + exchanges(blocks));
    let searches: f64 = counts(m, n, budgets).into_iter().map(search).sum();
    searches + 2.0 * entries * m.min(n) as f64
}

/// Returns the best partition found of `w` in `blocks` blocks.
///
/// # Panics
///
/// When there is no block, or more than rows or columns.
pub fn partition(w: MatRef<'_, f64>, blocks: usize, seed: u64) -> Partition {
    let (m, n) = w.shape();
    assert!(
        (1..=m.min(n)).contains(&blocks),
        "{m} × {n} in {blocks} permuted blocks"
    );
    let squares: Vec<f64> = entries(w).iter().map(|x| x * x).collect();
    let spectral = Spectral::of(&squares, m, n);
    search(&squares, m, n, blocks, &spectral, seed).0
}

/// Returns how many random starts a search of so many entries makes.
fn starts(entries: usize) -> usize {
    const ENTRIES: usize = 1 << 14;
    (STARTS * ENTRIES / entries.max(1)).clamp(2, STARTS)
}

impl Partition {
    /// The entries of `w` inside the blocks.
    pub fn approximation(&self, w: MatRef<'_, f64>) -> Mat<f64> {
        Mat::from_fn(w.nrows(), w.ncols(), |i, j| {
            let inside = self.rows[i] == self.columns[j];
            if inside { w[(i, j)] } else { 0.0 }
        })
    }

    fn contiguous(m: usize, n: usize, blocks: usize) -> Partition {
        let side = |length| (0..length).map(|i| block_of(i, length, blocks)).collect();
        Partition {
            rows: side(m),
            columns: side(n),
        }
    }

    /// Returns random blocks of the sizes of the contiguous ones.
    fn random(m: usize, n: usize, blocks: usize, stream: &mut Stream) -> Partition {
        let mut partition = Partition::contiguous(m, n, blocks);
        partition.rows.shuffle(stream);
        partition.columns.shuffle(stream);
        partition
    }

    /// Energy outside the blocks.
    fn outside(&self, squares: &[f64]) -> f64 {
        let rows = squares.chunks_exact(self.columns.len()).zip(&self.rows);
        let outside = |(row, block): (&[f64], &usize)| -> f64 {
            let other = row.iter().zip(&self.columns).filter(|(_, c)| *c != block);
            other.map(|(x, _)| x).sum()
        };
        rows.map(outside).sum()
    }

    /// Improves rows and columns in turn, at most so many times.
    fn refine(&mut self, squares: &[f64], blocks: usize, rounds: usize) {
        for _ in 0..rounds {
            let n = self.columns.len();
            let mut weights = vec![0.0; self.rows.len() * blocks];
            for (row, weights) in squares
                .chunks_exact(n)
                .zip(weights.chunks_exact_mut(blocks))
            {
                for (x, &block) in row.iter().zip(&self.columns) {
                    weights[block] += x;
                }
            }
            let rows = exchange(&mut self.rows, &weights, blocks);
            let mut sums = vec![0.0; blocks * n];
            for (row, &block) in squares.chunks_exact(n).zip(&self.rows) {
                for (sum, x) in sums[block * n..(block + 1) * n].iter_mut().zip(row) {
                    *sum += x;
                }
            }
            let weights: Vec<f64> = (0..n * blocks)
                .map(|k| sums[k % blocks * n + k / blocks])
                .collect();
            let columns = exchange(&mut self.columns, &weights, blocks);
            if !rows && !columns {
                break;
            }
        }
    }
}

/// Returns the best partition of all starts, and the energy outside its blocks.
fn search(
    squares: &[f64],
    m: usize,
    n: usize,
    blocks: usize,
    spectral: &Spectral,
    seed: u64,
) -> (Partition, f64) {
    let contiguous = Partition::contiguous(m, n, blocks);
    if blocks == 1 {
        return (contiguous, 0.0);
    }
    let (rows, columns) = spectral.scores(blocks);
    let order = largest_first(&rows, &columns, m, n, blocks);
    let spectral = Partition {
        rows: balanced(&rows, m, &order),
        columns: balanced(&columns, n, &order),
    };
    let random = (0..starts(m * n)).map(|start| {
        let path = [START, m as u64, n as u64, blocks as u64, start as u64];
        Partition::random(m, n, blocks, &mut Stream::new(seed, &path))
    });
    let refined = |mut partition: Partition, rounds: usize| {
        partition.refine(squares, blocks, rounds);
        let outside = partition.outside(squares);
        (partition, outside)
    };
    let starts = [contiguous, spectral].into_iter().chain(random);
    let mut trials: Vec<(Partition, f64)> =
        starts.map(|start| refined(start, TRIAL_ROUNDS)).collect();
    trials.sort_by(|a, b| a.1.total_cmp(&b.1));
    let finalists = trials.into_iter().take(FINALISTS);
    let ends = finalists.map(|(partition, _)| refined(partition, ROUNDS));
    let best = ends.reduce(|a, b| if b.1 < a.1 { b } else { a });
    best.expect("the contiguous start")
}

/// The fewest blocks within each budget, and the numbers between that divide both sides: more
/// blocks than the smallest budget asks for are held by a divisor of their number.
fn counts(m: usize, n: usize, budgets: &[usize]) -> Vec<usize> {
    let fits = |blocks: usize, budget| parameters(m, n, blocks) <= budget;
    let fewest = budgets
        .iter()
        .filter_map(|&budget| (1..=m.min(n)).find(|&blocks| fits(blocks, budget)));
    let mut counts: Vec<usize> = fewest.collect();
    let bounds = counts
        .iter()
        .min()
        .copied()
        .zip(counts.iter().max().copied());
    if let Some((least, most)) = bounds {
        let both = |blocks: &usize| m.is_multiple_of(*blocks) && n.is_multiple_of(*blocks);
        counts.extend((least..=most).filter(both));
    }
    counts.sort_unstable();
    counts.dedup();
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::{block_diagonal, projection::check};

    fn hidden(m: usize, n: usize, blocks: usize, seed: u64) -> Mat<f64> {
        let order = |length: usize, path: u64| {
            let mut order: Vec<usize> = (0..length).collect();
            order.shuffle(&mut Stream::new(seed, &[path]));
            order
        };
        let (rows, columns) = (order(m, 1), order(n, 2));
        let w = check::seeded(m, n, seed);
        Mat::from_fn(m, n, |i, j| {
            let inside = block_of(rows[i], m, blocks) == block_of(columns[j], n, blocks);
            if inside { w[(i, j)] } else { 0.0 }
        })
    }

    /// Blocks behind random permutations are found, also where they differ by one row.
    #[test]
    fn finds_planted_members() {
        for (m, n, blocks, seed) in [
            (40, 60, 10, 1),
            (32, 32, 8, 2),
            (60, 24, 4, 3),
            (29, 43, 5, 4),
        ] {
            let w = hidden(m, n, blocks, seed);
            let budget = parameters(m, n, blocks);
            let found = members(w.as_ref(), &[budget], 1);
            check::recovered(&found, budget, budget, budget);
        }
    }

    /// Against every partition of 6 rows and 6 columns into two or three blocks.
    #[test]
    fn near_the_best_of_all_partitions() {
        for blocks in [2usize, 3] {
            let all: Vec<Vec<usize>> = (0..blocks.pow(6))
                .map(|code| (0..6).map(|i| code / blocks.pow(i) % blocks).collect())
                .filter(|labels: &Vec<usize>| {
                    (0..blocks).all(|b| labels.iter().filter(|&&l| l == b).count() == 6 / blocks)
                })
                .collect();
            let mut ratios = Vec::new();
            for seed in 0..20 {
                let w = check::seeded(6, 6, seed);
                let squares: Vec<f64> = entries(w.as_ref()).iter().map(|x| x * x).collect();
                let mut best = f64::INFINITY;
                for rows in &all {
                    for columns in &all {
                        let (rows, columns) = (rows.clone(), columns.clone());
                        best = best.min(Partition { rows, columns }.outside(&squares));
                    }
                }
                let found = partition(w.as_ref(), blocks, 1).outside(&squares);
                assert!(found >= best * (1.0 - 1e-14));
                ratios.push(found / best);
            }
            let mean = ratios.iter().sum::<f64>() / 20.0;
            assert!(mean < 1.01, "{mean}");
        }
    }

    /// Catches a search that ends worse than where it began, blocks that grow, and residuals of another
    /// partition.
    #[test]
    fn never_worse_than_contiguous() {
        let w = check::sample(20, 30);
        let budgets = [60, 150, 300];
        let contiguous = block_diagonal::members(w.as_ref(), &budgets);
        for member in members(w.as_ref(), &budgets, 1) {
            let plain = contiguous
                .iter()
                .find(|x| x.parameters == member.parameters);
            assert!(member.relative_residual <= plain.unwrap().relative_residual);
            let blocks = (1..=20).find(|&b| parameters(20, 30, b) == member.parameters);
            let found = partition(w.as_ref(), blocks.unwrap(), 1);
            for block in 0..blocks.unwrap() {
                let of = |labels: &[usize]| labels.iter().filter(|&&l| l == block).count();
                let (rows, columns) = (of(&found.rows), of(&found.columns));
                assert!(rows.abs_diff(20 / blocks.unwrap()) <= 1, "{rows}");
                assert!(columns.abs_diff(30 / blocks.unwrap()) <= 1, "{columns}");
            }
            check::residual(&w, &found.approximation(w.as_ref()), &member);
        }
    }
}
