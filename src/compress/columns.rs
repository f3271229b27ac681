//! Some inputs of a layer alone: the others are left away, and what they carried is regressed on those that stay.
//!
//! `Ŵ_S = W C[:,S] C[S,S]⁻¹`. Inputs are chosen one at a time, each the one that lowers tr((W − Ŵ) C (W − Ŵ)ᵀ) most, which is
//! a Cholesky decomposition of `C` with the pivots that `W` wants.

use super::{Fit, Moment, Size, Sizes, Stored};
use faer::linalg::triangular_solve::solve_upper_triangular_in_place;
use faer::{Mat, MatRef, Par};

/// Share of its first value below which an input has nothing left that the chosen ones do not say.
const EXPLAINED: f64 = 1e-9;

pub(super) fn stored(sizes: &Sizes, size: Size) -> Stored {
    let numbers = (sizes.m * size.size) as u64;
    Stored {
        numbers,
        indices: size.size as u64,
        macs: numbers,
    }
}

pub(super) fn sizes(sizes: &Sizes) -> Vec<Size> {
    super::counts::falling(sizes.n)
        .map(|count| Size::new(super::Family::Columns, count))
        .collect()
}

/// Returns the fits of these sizes; `None` of more inputs than say anything.
pub(super) fn fits(
    w: MatRef<'_, f64>,
    moment: &Moment,
    _: &Sizes,
    wanted: &[Size],
) -> Vec<Option<Fit>> {
    let most = wanted.iter().map(|size| size.size).max().unwrap_or(0);
    let chosen = Chosen::new(w, moment, most);
    wanted
        .iter()
        .map(|size| chosen.fit(w.ncols(), size.size))
        .collect()
}

/// Inputs in the order in which they were chosen.
struct Chosen {
    order: Vec<usize>,
    /// `C` is `L Lᵀ` on the inputs that were chosen; a column each.
    factor: Vec<Vec<f64>>,
    /// `W L`, a column each.
    outputs: Vec<Vec<f64>>,
}

impl Chosen {
    fn new(w: MatRef<'_, f64>, moment: &Moment, most: usize) -> Chosen {
        let (m, n) = w.shape();
        let mut left = match moment {
            Moment::Full(c) => c.clone(),
            Moment::Diagonal(c) => Mat::from_fn(n, n, |i, j| if i == j { c[i] } else { 0.0 }),
        };
        let mut seen = moment.seen(w);
        let first: Vec<f64> = (0..n).map(|j| left[(j, j)]).collect();
        let mut is_open: Vec<bool> = first.iter().map(|value| *value > 0.0).collect();
        let mut chosen = Chosen {
            order: Vec::new(),
            factor: Vec::new(),
            outputs: Vec::new(),
        };
        while chosen.order.len() < most {
            let mut best: Option<(f64, usize)> = None;
            for j in 0..n {
                is_open[j] &= left[(j, j)] > EXPLAINED * first[j];
                if is_open[j] {
                    let squares: f64 = seen.col(j).iter().map(|x| x * x).sum();
                    let gain = squares / left[(j, j)];
                    if best.is_none_or(|(most, _)| gain > most) {
                        best = Some((gain, j));
                    }
                }
            }
            let Some((_, pivot)) = best else {
                break;
            };
            is_open[pivot] = false;
            let root = left[(pivot, pivot)].sqrt();
            let column: Vec<f64> = (0..n).map(|i| left[(i, pivot)] / root).collect();
            let outputs: Vec<f64> = (0..m).map(|i| seen[(i, pivot)] / root).collect();
            for j in 0..n {
                let factor = column[j];
                let of = |target: &mut f64, x: &f64| *target -= factor * x;
                left.col_mut(j)
                    .iter_mut()
                    .zip(&column)
                    .for_each(|(t, x)| of(t, x));
                seen.col_mut(j)
                    .iter_mut()
                    .zip(&outputs)
                    .for_each(|(t, x)| of(t, x));
            }
            chosen.order.push(pivot);
            chosen.factor.push(column);
            chosen.outputs.push(outputs);
        }
        chosen
    }

    /// Returns `W L L_S⁻¹` on the first inputs, in the order in which they stand in the layer.
    fn fit(&self, n: usize, count: usize) -> Option<Fit> {
        if count > self.order.len() {
            return None;
        }
        let m = self.outputs[0].len();
        let upper = Mat::from_fn(count, count, |i, j| {
            if i <= j {
                self.factor[i][self.order[j]]
            } else {
                0.0
            }
        });
        let mut values = Mat::from_fn(count, m, |i, j| self.outputs[i][j]);
        solve_upper_triangular_in_place(upper.as_ref(), values.as_mut(), Par::Seq);
        let mut places: Vec<(usize, usize)> =
            self.order[..count].iter().copied().zip(0..).collect();
        places.sort_unstable();
        Some(Fit::Columns {
            values: Mat::from_fn(m, count, |i, j| values[(places[j].1, i)]),
            kept: places.into_iter().map(|(input, _)| input).collect(),
            inputs: n,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Family, Moment, Size, Sizes};
    use super::fits;
    use crate::linalg::algebra::{eigen, product};
    use crate::random::Stream;
    use faer::Mat;

    fn moment(stream: &mut Stream, n: usize, samples: usize) -> Mat<f64> {
        let x = Mat::from_fn(n, samples, |_, _| stream.normal());
        product(x.as_ref(), x.as_ref().transpose())
    }

    fn loss(w: &Mat<f64>, fit: &Mat<f64>, c: &Mat<f64>) -> f64 {
        let d = Mat::from_fn(w.nrows(), w.ncols(), |i, j| w[(i, j)] - fit[(i, j)]);
        Moment::Full(c.clone()).energies(d.as_ref()).iter().sum()
    }

    /// W C[:,S] C[S,S]⁻¹ by the inverse.
    fn regressed(w: &Mat<f64>, c: &Mat<f64>, kept: &[usize]) -> Mat<f64> {
        let (m, n, k) = (w.nrows(), w.ncols(), kept.len());
        let (v, values) = eigen(Mat::from_fn(k, k, |i, j| c[(kept[i], kept[j])]).as_ref());
        let inverse = Mat::from_fn(k, k, |i, j| {
            (0..k).map(|l| v[(i, l)] * v[(j, l)] / values[l]).sum()
        });
        let seen = product(w.as_ref(), c.as_ref());
        let seen = Mat::from_fn(m, k, |i, j| seen[(i, kept[j])]);
        let part = product(seen.as_ref(), inverse.as_ref());
        let place = |j: usize| kept.iter().position(|&input| input == j);
        Mat::from_fn(m, n, |i, j| place(j).map_or(0.0, |at| part[(i, at)]))
    }

    /// Would catch weights that are not the regression, and a first choice that is not the best one of all.
    #[test]
    fn the_weights_are_a_regression_on_the_chosen_inputs() {
        let mut stream = Stream::new(8, &[1]);
        let w = Mat::from_fn(3, 9, |_, _| stream.normal());
        let c = moment(&mut stream, 9, 30);
        let wanted: Vec<Size> = (1..=9)
            .map(|count| Size::new(Family::Columns, count))
            .collect();
        let sizes = Sizes {
            m: 3,
            n: 9,
            grid: None,
        };
        let mut last = f64::INFINITY;
        for (fit, size) in fits(w.as_ref(), &Moment::Full(c.clone()), &sizes, &wanted)
            .iter()
            .zip(&wanted)
        {
            let dense = fit.as_ref().unwrap().dense();
            let kept: Vec<usize> = (0..9)
                .filter(|&j| (0..3).any(|i| dense[(i, j)] != 0.0))
                .collect();
            assert_eq!(kept.len(), size.size);
            let expected = regressed(&w, &c, &kept);
            let far = Mat::from_fn(3, 9, |i, j| dense[(i, j)] - expected[(i, j)]).norm_max();
            assert!(far < 1e-10, "{}: {far}", size.size);
            let found = loss(&w, &dense, &c);
            assert!(found <= last * (1.0 + 1e-12));
            if size.size == 1 {
                let best = (0..9)
                    .map(|j| loss(&w, &regressed(&w, &c, &[j]), &c))
                    .fold(f64::INFINITY, f64::min);
                assert!((found - best).abs() < 1e-10 * best);
            }
            last = found;
        }
        assert!(last < 1e-20);
    }

    /// Would catch the planted inputs being missed: the others are sums of them, so that three are exact.
    #[test]
    fn inputs_that_others_are_made_of_are_enough() {
        let mut stream = Stream::new(8, &[2]);
        let mixed = Mat::from_fn(12, 3, |i, j| {
            if i < 3 {
                f64::from(i == j)
            } else {
                stream.normal()
            }
        });
        let core = moment(&mut stream, 3, 20);
        let c = product(
            product(mixed.as_ref(), core.as_ref()).as_ref(),
            mixed.as_ref().transpose(),
        );
        let w = Mat::from_fn(4, 12, |_, _| stream.normal());
        let wanted = [Size::new(Family::Columns, 3), Size::new(Family::Columns, 4)];
        let sizes = Sizes {
            m: 4,
            n: 12,
            grid: None,
        };
        let found = fits(w.as_ref(), &Moment::Full(c.clone()), &sizes, &wanted);
        let dense = found[0].as_ref().unwrap().dense();
        assert!(loss(&w, &dense, &c) < 1e-9 * loss(&w, &Mat::zeros(4, 12), &c));
        assert!(found[1].is_none());
    }
}
