//! Families that are combinations of others.

use super::{
    Cyclic, Dense, Diagonal, Fixed, Hadamard, LinearOperator, Product, Scaled, Selection, Signed,
    Stacked,
};
use crate::random::{Distribution, Entries, Stream};
use rand::Rng;
use rand::seq::SliceRandom;

/// `U Vᵀ` of rank `rank`: parameters `U`, then `Vᵀ` (`rank × columns`), column by column. With
/// rank one, `u vᵀ`.
///
/// # Panics
/// If the rank is 0.
pub fn low_rank(rows: usize, columns: usize, rank: usize) -> Product {
    assert!(rank > 0, "low rank: {rows}×{columns} of rank 0");
    Product::new(vec![
        Box::new(Dense::new(rows, rank)),
        Box::new(Dense::new(rank, columns)),
    ])
}

/// A fixed diagonal of independent numbers of `law`, the sequence `path` of `seed`.
pub fn random_diagonal(n: usize, law: Distribution, seed: u64, path: &[u64]) -> Fixed {
    let entries = Entries::new(seed, path);
    let mut values = vec![0.0; n];
    law.fill(&entries, 0, &mut values);
    Fixed::new(Box::new(Diagonal::new(n, n)), values)
}

/// Fastfood: `√N C H G Π H B` with diagonals `C` (rows), `G` (N) and `B` (columns) as parameters in
/// this order, `H` orthonormal Hadamard matrices of the order N, the power of two from
/// `max(rows, columns)` on, and `Π` a permutation drawn from `stream` (Le, Sarlós, Smola 2013).
///
/// With signs in `B`, normals in `G` and ones in `C` the entries have variance 1. Cost:
/// `2 N (log₂ N + 1)` operations a sample and some N more.
pub fn fastfood(rows: usize, columns: usize, mut stream: Stream) -> Scaled {
    let order = rows.max(columns).next_power_of_two();
    let mut permutation: Vec<usize> = (0..order).collect();
    permutation.shuffle(&mut stream);
    let factors: Vec<Box<dyn LinearOperator>> = vec![
        Box::new(Diagonal::new(rows, rows)),
        Box::new(Hadamard::new(rows, order)),
        Box::new(Diagonal::new(order, order)),
        Box::new(Selection::new(permutation, order)),
        Box::new(Hadamard::new(order, columns)),
        Box::new(Diagonal::new(columns, columns)),
    ];
    Scaled::new((order as f64).sqrt(), Box::new(Product::new(factors)))
}

/// Skew-circulant: `A[i, j] = h[i − j]` on and below the diagonal, `−h[N + i − j]` above it, the first rows
/// and columns of one of order `N = max(rows, columns)`, N parameters; by fast transforms where that pays.
///
/// # Panics
/// If it is empty.
pub fn skew_circulant(rows: usize, columns: usize) -> Box<dyn LinearOperator> {
    let fast = Cyclic::new(rows, columns, true);
    if fast.pays() {
        return Box::new(fast);
    }
    let order = rows.max(columns);
    let place = |i, j| ((i + order - j) % order, i < j);
    Box::new(Signed::new(rows, columns, order, place))
}

/// HashedNets: each entry is one of `parameters` numbers, or its negative, evenly drawn from `stream` (Chen
/// et al. 2015, with the second hash `ξ`).
///
/// # Panics
/// If there are no parameters.
pub fn signed_hash(rows: usize, columns: usize, parameters: usize, mut stream: Stream) -> Signed {
    Signed::new(rows, columns, parameters, |_, _| {
        draw_signed(parameters, &mut stream)
    })
}

/// A place below `parameters` and a sign: the word without its lowest bit, multiplied into the range (the
/// bias is below parameters/2⁶³), and that bit.
pub fn draw_signed(parameters: usize, stream: &mut Stream) -> (usize, bool) {
    let word = stream.next_u64();
    let place = (u128::from(word >> 1) * parameters as u128) >> 63;
    (place as usize, word & 1 == 1)
}

/// Diagonals one below the other, the last one cut: `A[i, i mod columns] = p[i]`, one parameter a row.
///
/// # Panics
/// If it has no rows or no columns.
pub fn stacked_diagonals(rows: usize, columns: usize) -> Stacked {
    assert!(columns > 0, "stacked diagonals: {rows}×{columns}");
    let diagonal = |start: usize| -> Box<dyn LinearOperator> {
        Box::new(Diagonal::new(columns.min(rows - start), columns))
    };
    Stacked::new((0..rows).step_by(columns).map(diagonal).collect())
}
