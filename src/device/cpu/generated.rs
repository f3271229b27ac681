//! Sums of random matrices and inner products with them, drawn tile by tile.

use super::operand::{Operand, Target};
use super::real::Real;
use crate::program::Generated;
use crate::random::Entries;
use faer::traits::math_utils::from_f64;

/// Entries drawn at a time.
const TILE: usize = 512;

/// `Σₖ aₖ Gₖ`, accumulated in double precision.
pub(super) fn sum<T: Real>(target: Target<'_, T>, matrices: &Generated, a: Operand<'_, T>) {
    let tile = |start: usize, count: usize| {
        let mut sum = [0.0; TILE];
        let mut drawn = [0.0; TILE];
        for k in 0..matrices.terms {
            let coefficient = matrices.scale * a.at(k, 0).into();
            draw(matrices, k, start, &mut drawn[..count]);
            for (sum, drawn) in sum.iter_mut().zip(&drawn[..count]) {
                *sum += coefficient * drawn;
            }
        }
        sum
    };
    let rows = matrices.rows;
    target.flat().bands(TILE, |band| {
        band.each(|j, first, mut y| {
            for start in (0..y.len).step_by(TILE) {
                let count = TILE.min(y.len - start);
                let sum = tile(first + start + j * rows, count);
                (0..count).for_each(|i| y.put(start + i, from_f64(sum[i])));
            }
        });
    });
}

/// `⟨Gₖ, D⟩` for all k, accumulated in double precision.
pub(super) fn products<T: Real>(target: Target<'_, T>, matrices: &Generated, d: Operand<'_, T>) {
    let rows = matrices.rows;
    let product = |k: usize| {
        let mut drawn = [0.0; TILE];
        let mut sum = 0.0;
        for j in 0..matrices.columns {
            for first in (0..rows).step_by(TILE) {
                let count = TILE.min(rows - first);
                draw(matrices, k, first + j * rows, &mut drawn[..count]);
                let tile: f64 = match d.column(j) {
                    Some(d) => {
                        let d = &d[first..first + count];
                        drawn.iter().zip(d).map(|(g, &d)| g * d.into()).sum()
                    }
                    None => (0..count)
                        .map(|i| drawn[i] * d.at(first + i, j).into())
                        .sum(),
                };
                sum += tile;
            }
        }
        from_f64(matrices.scale * sum)
    };
    // a coefficient a task: each is much work
    let transposed = Target {
        view: target.view.t(),
        ..target
    };
    transposed.columns(|k, mut y| y.put(0, product(k)));
}

fn draw(matrices: &Generated, k: usize, start: usize, out: &mut [f64]) {
    let [what, layer, factor] = matrices.path;
    let entries = Entries::new(matrices.seed, &[what, layer, factor, k as u64]);
    matrices.law.fill(&entries, start as u64, out);
}
