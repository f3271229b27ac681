//! Sums of Kronecker products as a layer's inputs see them.
//!
//! `Ŵ = Σ_k A_k ⊗ B_k`. From the nearest sum to `W` itself (Van Loan's rearrangement) on, both sides are fitted in turn: given
//! one side, each row of the other solves one system of normal equations, the same for all rows.
//!
//! Source: Van Loan, Pitsianis 1993 (the start).

use super::solve::solve;
use super::{Family, Fit, Moment, Size, Sizes, Stored};
use crate::linalg::algebra::thin_svd;
use faer::{Mat, MatRef};
use rayon::prelude::*;

/// Numbers of terms that are tried.
const TERMS: [usize; 12] = [1, 2, 3, 4, 6, 8, 11, 16, 22, 32, 45, 64];
/// Shapes of the left factor that are tried.
const SHAPES: usize = 4;
/// Largest system that is solved.
const LARGEST: usize = 1200;
/// Most operations that make a system.
const MOST_OPERATIONS: usize = 1 << 28;
/// Most inputs of a layer that is fitted.
const MOST_INPUTS: usize = 2048;
/// Times that both sides are fitted.
const SWEEPS: usize = 3;

pub(super) fn stored(sizes: &Sizes, size: Size) -> Stored {
    let [m1, n1] = size.blocks.unwrap_or([1, 1]);
    let (m2, n2) = (sizes.m / m1.max(1), sizes.n / n1.max(1));
    let numbers = (size.size * (m1 * n1 + m2 * n2)) as u64;
    Stored {
        numbers,
        indices: 0,
        // B X Aᵀ with X n2 × n1
        macs: (size.size * (m2 * n2 * n1 + m2 * n1 * m1)) as u64,
    }
}

pub(super) fn sizes(sizes: &Sizes) -> Vec<Size> {
    let Sizes { m, n, grid } = *sizes;
    if n > MOST_INPUTS {
        return Vec::new();
    }
    let divisors = |of: usize| (1..=of).filter(move |d| of.is_multiple_of(*d));
    // The inputs of patches are channels times places.
    let is_natural = |n1: usize| match grid {
        Some([c, ..]) if c > 1 => n1 == c,
        Some([_, h, _]) => n1 == h,
        None => true,
    };
    let term = |[m1, n1]: [usize; 2]| m1 * n1 + (m / m1) * (n / n1);
    let pairs = divisors(m).flat_map(|m1| divisors(n).map(move |n1| [m1, n1]));
    let mut shapes: Vec<[usize; 2]> = pairs
        .filter(|&[m1, n1]| m1 * n1 > 1 && m1 * n1 < m * n && is_natural(n1))
        .collect();
    shapes.sort_by_key(|&shape| (term(shape), shape));
    shapes.truncate(SHAPES);
    let mut all = Vec::new();
    for shape in shapes {
        let [m1, n1] = shape;
        let most = (m1 * n1).min((m / m1) * (n / n1));
        let is_small = |terms: &usize| {
            let is_quick = terms * terms * n * n <= MOST_OPERATIONS;
            let is_solvable = terms * n1.max(n / n1) <= LARGEST;
            *terms <= most && terms * term(shape) < m * n && is_solvable && is_quick
        };
        all.extend(TERMS.into_iter().filter(is_small).map(|terms| Size {
            blocks: Some(shape),
            ..Size::new(Family::Kronecker, terms)
        }));
    }
    all
}

/// Returns the fits of these sizes.
pub(super) fn fits(
    w: MatRef<'_, f64>,
    moment: &Moment,
    _: &Sizes,
    wanted: &[Size],
) -> Vec<Option<Fit>> {
    let Moment::Full(c) = moment else {
        return vec![None; wanted.len()];
    };
    let seen = moment.seen(w);
    wanted
        .par_iter()
        .map(|size| {
            let [m1, n1] = size.blocks?;
            let sides = Sides {
                outer: [m1, n1],
                inner: [w.nrows() / m1, w.ncols() / n1],
            };
            sides.fit(w, c.as_ref(), seen.as_ref(), size.size)
        })
        .collect()
}

/// Shapes of the factors: entry (i, i2), (j, j2) of a term is A[i, j] B[i2, j2].
#[derive(Debug, Clone, Copy)]
struct Sides {
    outer: [usize; 2],
    inner: [usize; 2],
}

impl Sides {
    fn fit(
        self,
        w: MatRef<'_, f64>,
        c: MatRef<'_, f64>,
        seen: MatRef<'_, f64>,
        terms: usize,
    ) -> Option<Fit> {
        let ([m1, n1], [m2, n2]) = (self.outer, self.inner);
        let turn = |at: usize, outer: usize, inner: usize| at % outer * inner + at / outer;
        // The same with inner and outer exchanged.
        let c_turned = Mat::from_fn(n1 * n2, n1 * n2, |i, j| {
            c[(turn(i, n1, n2), turn(j, n1, n2))]
        });
        let seen_turned = Mat::from_fn(m1 * m2, n1 * n2, |i, j| {
            seen[(turn(i, m1, m2), turn(j, n1, n2))]
        });
        let mut a = self.start(w, terms);
        let mut b = Vec::new();
        let exchanged = Sides {
            outer: self.inner,
            inner: self.outer,
        };
        for _ in 0..SWEEPS {
            b = self.inner_of(&a, c, seen)?;
            a = exchanged.inner_of(&b, c_turned.as_ref(), seen_turned.as_ref())?;
        }
        Some(Fit::Kronecker { a, b })
    }

    /// Returns the outer factors of the nearest sum.
    fn start(self, w: MatRef<'_, f64>, terms: usize) -> Vec<Mat<f64>> {
        let ([m1, n1], [m2, n2]) = (self.outer, self.inner);
        let rearranged = Mat::from_fn(m1 * n1, m2 * n2, |r, s| {
            w[(r / n1 * m2 + s / n2, r % n1 * n2 + s % n2)]
        });
        let (u, _, _) = thin_svd(rearranged.as_ref());
        let factor = |k: usize| Mat::from_fn(m1, n1, |i, j| u[(i * n1 + j, k)]);
        (0..terms).map(factor).collect()
    }

    /// Returns the best inner factors for these outer ones.
    fn inner_of(
        self,
        outer: &[Mat<f64>],
        c: MatRef<'_, f64>,
        seen: MatRef<'_, f64>,
    ) -> Option<Vec<Mat<f64>>> {
        let ([m1, n1], [m2, n2]) = (self.outer, self.inner);
        let terms = outer.len();
        let mut square = Mat::zeros(terms * n2, terms * n2);
        for (k, one) in outer.iter().enumerate() {
            for (l, other) in outer.iter().enumerate() {
                for j in 0..n1 {
                    for j2 in 0..n1 {
                        let weight: f64 = (0..m1).map(|i| one[(i, j)] * other[(i, j2)]).sum();
                        let block = c.submatrix(j * n2, j2 * n2, n2, n2);
                        let target = square.as_mut().submatrix_mut(k * n2, l * n2, n2, n2);
                        for (target, block) in target.col_iter_mut().zip(block.col_iter()) {
                            let pairs = target.iter_mut().zip(block.iter());
                            pairs.for_each(|(x, y)| *x += weight * y);
                        }
                    }
                }
            }
        }
        let mut right = Mat::<f64>::zeros(terms * n2, m2);
        for (k, one) in outer.iter().enumerate() {
            for j in 0..n1 {
                for i in 0..m1 {
                    let weight = one[(i, j)];
                    let block = seen.submatrix(i * m2, j * n2, m2, n2);
                    let target = right.as_mut().submatrix_mut(k * n2, 0, n2, m2);
                    for (target, block) in target.row_iter_mut().zip(block.col_iter()) {
                        let pairs = target.iter_mut().zip(block.iter());
                        pairs.for_each(|(x, y)| *x += weight * y);
                    }
                }
            }
        }
        solve(square.as_ref(), right.as_mut())?;
        let factor = |k: usize| Mat::from_fn(m2, n2, |i, j| right[(k * n2 + j, i)]);
        Some((0..terms).map(factor).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Family, Fit, Moment, Size, Sizes};
    use super::{Sides, fits, sizes};
    use crate::linalg::algebra::product;
    use crate::random::Stream;
    use faer::Mat;

    fn moment(stream: &mut Stream, n: usize) -> Mat<f64> {
        let x = Mat::from_fn(n, 3 * n, |i, _| stream.normal() / (1 + i) as f64);
        product(x.as_ref(), x.as_ref().transpose())
    }

    fn loss(w: &Mat<f64>, fit: &Mat<f64>, c: &Mat<f64>) -> f64 {
        let d = Mat::from_fn(w.nrows(), w.ncols(), |i, j| w[(i, j)] - fit[(i, j)]);
        Moment::Full(c.clone()).energies(d.as_ref()).iter().sum()
    }

    /// Would catch factors in the wrong order or with indices exchanged: a planted sum comes back exactly.
    #[test]
    fn a_planted_sum_comes_back() {
        let mut stream = Stream::new(11, &[1]);
        let planted = Fit::Kronecker {
            a: (0..2)
                .map(|_| Mat::from_fn(2, 3, |_, _| stream.normal()))
                .collect(),
            b: (0..2)
                .map(|_| Mat::from_fn(4, 5, |_, _| stream.normal()))
                .collect(),
        };
        let w = planted.dense();
        assert_eq!(w.shape(), (8, 15));
        let c = moment(&mut stream, 15);
        let shape = Sizes {
            m: 8,
            n: 15,
            grid: None,
        };
        let size = Size {
            blocks: Some([2, 3]),
            ..Size::new(Family::Kronecker, 2)
        };
        let found = fits(w.as_ref(), &Moment::Full(c.clone()), &shape, &[size]);
        let far = loss(&w, &found[0].as_ref().unwrap().dense(), &c);
        assert!(far < 1e-12 * loss(&w, &Mat::zeros(8, 15), &c), "{far}");
    }

    /// Would catch a step that is not the least squares solution: moving any number of the inner factor must not help.
    #[test]
    fn each_step_is_the_best_one() {
        let mut stream = Stream::new(11, &[2]);
        let w = Mat::from_fn(6, 8, |_, _| stream.normal());
        let c = moment(&mut stream, 8);
        let seen = product(w.as_ref(), c.as_ref());
        let sides = Sides {
            outer: [2, 2],
            inner: [3, 4],
        };
        let a: Vec<Mat<f64>> = (0..2)
            .map(|_| Mat::from_fn(2, 2, |_, _| stream.normal()))
            .collect();
        let b = sides.inner_of(&a, c.as_ref(), seen.as_ref()).unwrap();
        let least = loss(
            &w,
            &Fit::Kronecker {
                a: a.clone(),
                b: b.clone(),
            }
            .dense(),
            &c,
        );
        for k in 0..2 {
            for i in 0..3 {
                for j in 0..4 {
                    for step in [-1e-3, 1e-3] {
                        let mut moved = b.clone();
                        moved[k][(i, j)] += step;
                        let other = Fit::Kronecker {
                            a: a.clone(),
                            b: moved,
                        }
                        .dense();
                        assert!(loss(&w, &other, &c) > least);
                    }
                }
            }
        }
    }

    /// Would catch sizes that do not divide the matrix or cost as much as it.
    #[test]
    fn sizes_divide_the_matrix() {
        let shape = Sizes {
            m: 50,
            n: 500,
            grid: Some([20, 5, 5]),
        };
        let all = sizes(&shape);
        assert!(
            all.iter()
                .any(|size| size.blocks == Some([2, 20]) && size.size == 11)
        );
        assert!(all.iter().all(|size| size.suits(&shape)));
        assert!(
            all.iter()
                .all(|&size| super::stored(&shape, size).numbers < 25_000)
        );
    }
}
