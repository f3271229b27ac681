//! Upper band matrix to bidiagonal matrix with the same singular values, by chasing bulges.
//!
//! Sweep `s` takes row `s` to two entries. A reflector from the right does it and fills a triangle
//! below the diagonal; a reflector from the left clears the first column of that and fills a
//! triangle outside the band, whose first row is cleared by the next step, `B` columns to the
//! right, and so on to the end (Großer & Lang 1999; Haidar, Kurzak & Luszczek 2013). Step `t` of a
//! sweep may be done once the sweep before it has done step `t + 2`; so a group of sweeps runs as a
//! pipeline, each two steps behind the one before, over a window of the band that stays in cache,
//! and groups that follow each other at a distance work on disjoint columns: these are the tasks of
//! the threads. Every number is the result of the same operations whatever their order, to the last
//! bit.

use faer::Par;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::band::Band;
use super::kernels::{add_scaled, reflector_array};
use super::real::Real;

/// Sweeps in a group.
const GROUP: usize = 8;

/// Steps of the pipeline in a task of one thread. With twice the group, a group may run two tasks
/// behind the one before it, on disjoint columns.
const TILE: usize = 2 * GROUP;

/// Columns, in units of `B`, from which two windows of `2 GROUP + TILE` fit beside each other.
const PARALLEL: usize = 2 * (2 * GROUP + TILE);

/// Reduces `band` to its diagonal and first superdiagonal.
pub(super) fn chase<T: Real, const B: usize>(band: &mut Band<T, B>, par: Par) {
    let arch = Arch::new();
    let n = band.order;
    let groups = n.saturating_sub(1).div_ceil(GROUP);
    // pipeline steps until the last sweep of a group has left the matrix
    let steps = |group: usize| (n - group * GROUP) / B + 2 + 2 * (GROUP - 1);
    if par.degree() == 1 || n < PARALLEL * B {
        for group in 0..groups {
            let window = &mut band.entries[..];
            arch.dispatch(Task::<T, B> {
                n,
                group,
                steps: 0..steps(group),
                column: 0,
                window,
            });
        }
        return;
    }
    let tiles = |group: usize| steps(group).div_ceil(TILE);
    let rounds = (0..groups)
        .map(|group| 2 * group + tiles(group))
        .max()
        .unwrap_or(0);
    for round in 0..rounds {
        let newest = (round / 2).min(groups - 1);
        let active = (0..=newest)
            .rev()
            .filter(|&group| round - 2 * group < tiles(group));
        let mut tasks = Vec::new();
        let (mut rest, mut start) = (&mut band.entries[..], 0);
        // the later the group, the further left its window
        for group in active {
            let tile = round - 2 * group;
            let steps = TILE * tile..TILE * (tile + 1);
            let columns = window_columns::<B>(group, &steps, n);
            let (_, from) = rest.split_at_mut((columns.start - start) * Band::<T, B>::HEIGHT);
            let (window, after) = from.split_at_mut(columns.len() * Band::<T, B>::HEIGHT);
            (rest, start) = (after, columns.end);
            tasks.push(Task::<T, B> {
                n,
                group,
                steps,
                column: columns.start,
                window,
            });
        }
        tasks.into_par_iter().for_each(|task| arch.dispatch(task));
    }
}

/// The columns that the given pipeline steps of a group touch.
fn window_columns<const B: usize>(
    group: usize,
    steps: &std::ops::Range<usize>,
    n: usize,
) -> std::ops::Range<usize> {
    let first = group * GROUP + 1;
    let last_column = n + 4 * B;
    let start = first + B * steps.start.saturating_sub(2 * (GROUP - 1));
    let end = first + B * (steps.end + 1);
    start.min(last_column)..end.min(last_column)
}

/// Some pipeline steps of a group of sweeps, on the window that starts with `column`.
struct Task<'a, T, const B: usize> {
    n: usize,
    group: usize,
    steps: std::ops::Range<usize>,
    column: usize,
    window: &'a mut [T],
}

impl<T: Real, const B: usize> WithSimd for Task<'_, T, B> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let offset = self.column * Band::<T, B>::HEIGHT;
        let sweeps = GROUP.min(self.n - 1 - self.group * GROUP);
        for step in self.steps {
            for q in 0..sweeps.min(step / 2 + 1) {
                let sweep = self.group * GROUP + q;
                let column = sweep + 1 + B * (step - 2 * q);
                if column >= self.n {
                    continue;
                }
                let row = if step == 2 * q { sweep } else { column - B };
                chase_step::<T, S, B>(simd, self.window, offset, row, column);
            }
        }
    }
}

/// One step: clears row `row` right of `column`, then column `column` below the diagonal.
#[inline(always)]
fn chase_step<T: Real, S: Simd, const B: usize>(
    simd: S,
    window: &mut [T],
    offset: usize,
    row: usize,
    column: usize,
) {
    let at = |i: usize, j: usize| Band::<T, B>::index(i, j) - offset;
    let stride = Band::<T, B>::HEIGHT - 1;
    // the reflector from the right, from the entries of the row
    let rows = column + B - row;
    let block = &mut window[at(row, column)..at(row + rows, column + B - 1)];
    let mut v = [T::ZERO; B];
    for (v, entry) in v.iter_mut().zip(block.iter().step_by(stride)) {
        *v = *entry;
    }
    let right = reflector_array(&mut v);
    if right.tau != T::ZERO {
        if rows == 2 * B {
            apply_right::<T, B>(block, 0, &v, right.tau);
            apply_right::<T, B>(block, B, &v, right.tau);
        } else {
            apply_right::<T, B>(block, 1, &v, right.tau);
        }
        for entry in block.iter_mut().step_by(stride) {
            *entry = T::ZERO;
        }
        block[0] = right.beta;
    }
    // the reflector from the left, from the entries of the column
    let block = &mut window[at(column, column)..at(column + B, column + 2 * B - 1)];
    let mut u = [T::ZERO; B];
    u.copy_from_slice(&block[..B]);
    let left = reflector_array(&mut u);
    if left.tau != T::ZERO {
        apply_left::<T, S, B>(simd, block, &u, left.tau);
        block[..B].fill(T::ZERO);
        block[0] = left.beta;
    }
}

/// `X ← X (I − τ v vᵀ)` on `B` rows from `skip` on and `B` columns.
#[inline(always)]
fn apply_right<T: Real, const B: usize>(block: &mut [T], skip: usize, v: &[T; B], tau: T) {
    let stride = Band::<T, B>::HEIGHT - 1;
    let mut w = [T::ZERO; B];
    for (column, v) in block.chunks(stride).zip(v) {
        if let Some(x) = column[skip..].first_chunk::<B>() {
            w = add_scaled(*v, x, &w);
        }
    }
    for w in &mut w {
        *w *= -tau;
    }
    for (column, v) in block.chunks_mut(stride).zip(v) {
        if let Some(x) = column[skip..].first_chunk_mut::<B>() {
            *x = add_scaled(*v, &w, x);
        }
    }
}

/// `X ← (I − τ u uᵀ) X` on `B` rows and `2B` columns.
#[inline(always)]
fn apply_left<T: Real, S: Simd, const B: usize>(simd: S, block: &mut [T], u: &[T; B], tau: T) {
    let stride = Band::<T, B>::HEIGHT - 1;
    for column in block.chunks_mut(stride) {
        if let Some(x) = column.first_chunk_mut::<B>() {
            T::reflect(simd, -tau, u, x);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const B: usize = 16;

    /// A full band of order `n` with entries in [−1, 1).
    fn band(n: usize) -> Band<f64, B> {
        let mut band = Band::zeros(n);
        let mut state = 1u64;
        for j in 0..n {
            for i in j.saturating_sub(B)..=j {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                band.entries[Band::<f64, B>::index(i, j)] =
                    (state >> 32) as f64 / 2f64.powi(31) - 1.0;
            }
        }
        band
    }

    /// The whole matrix, every stored entry of it.
    fn dense(band: &Band<f64, B>) -> nalgebra::DMatrix<f64> {
        nalgebra::DMatrix::from_fn(band.order, band.order, |i, j| {
            let stored = j <= i + 2 * B && i <= j + B;
            if stored {
                band.entries[Band::<f64, B>::index(i, j)]
            } else {
                0.0
            }
        })
    }

    /// A bulge left behind, a reflector on the wrong rows: the values of the dense band by another
    /// program, and nothing but two diagonals left.
    #[test]
    fn keeps_the_values_and_leaves_two_diagonals() {
        for n in [1, 2, 3, B - 1, B, B + 1, 2 * B + 3, 5 * B, 100, 259] {
            let mut band = band(n);
            let expected = dense(&band).singular_values();
            chase(&mut band, Par::Seq);
            let reduced = dense(&band);
            for i in 0..n {
                for j in 0..n {
                    assert!(
                        j == i || j == i + 1 || reduced[(i, j)] == 0.0,
                        "n {n}: ({i}, {j})"
                    );
                }
            }
            for (x, y) in reduced.singular_values().iter().zip(expected.iter()) {
                assert!(
                    (x - y).abs() < 4.0 * (n as f64) * f64::EPSILON * expected[0],
                    "n {n}: {x} {y}"
                );
            }
        }
    }

    /// Windows that overlap, or a group that runs ahead of the one it depends on.
    #[test]
    fn tasks_in_parallel_give_the_bits_of_one_after_the_other() {
        for n in [64 * B - 1, 64 * B, 64 * B + 1, 1300] {
            let mut one = band(n);
            chase(&mut one, Par::Seq);
            for threads in [2, 3, 8] {
                let mut many = band(n);
                chase(&mut many, Par::rayon(threads));
                assert_eq!(one.entries, many.entries, "order {n}, {threads} threads");
            }
        }
    }
}
