//! One draw of the estimates.

use super::inputs::Root;
use super::{Ensemble, Sketch, SketchedLayer, Widths};
use crate::linalg::algebra::{dot, product, triangle};
use faer::{Mat, MatRef};

/// Last words of a sketch's path.
pub(super) const FIRST: u64 = 1;
pub(super) const SECOND: u64 = 2;

/// Squared errors of one trial.
pub(super) struct Trial {
    pub mode1: Vec<f64>,
    pub mode2: Vec<f64>,
    pub averaged: f64,
}

/// What all trials of a layer share.
pub(super) struct Draw<'a> {
    layer: &'a SketchedLayer,
    ensemble: Ensemble,
    widths: Widths,
    seed: u64,
    /// A root of `(W M)(W M)ᵀ`, transposed: at most d₁ rows.
    root: Mat<f64>,
    /// `W M Mᵀ`, unless it is W.
    met: Option<Mat<f64>>,
}

impl<'a> Draw<'a> {
    pub fn new(
        layer: &'a SketchedLayer,
        ensemble: Ensemble,
        widths: Widths,
        seed: u64,
    ) -> Draw<'a> {
        Draw {
            layer,
            ensemble,
            widths,
            seed,
            root: if layer.outputs.ncols() > layer.outputs.nrows() {
                triangle(layer.outputs.transpose())
            } else {
                layer.outputs.transpose().to_owned()
            },
            met: layer.activations.moments_times(layer.weights.as_ref()),
        }
    }

    /// The errors of trial `trial`, the way that takes fewer operations.
    pub fn trial(&self, trial: u64, l: usize) -> Trial {
        let (m, n) = self.layer.outputs.shape();
        let rows = l * self.widths.first.max(self.widths.second);
        // A count sketch takes one addition a number: nothing is gained by what saves products.
        let dense = !self.ensemble.is_sparse;
        if dense && rows.saturating_mul(m + n) <= m * n {
            self.by_grams(trial, l)
        } else {
            self.by_estimates(trial, l)
        }
    }

    /// By the estimates themselves: 2 l k d₁ (d₂ + q) + … operations.
    pub fn by_estimates(&self, trial: u64, l: usize) -> Trial {
        let (first, second) = self.sketches(trial, l);
        let (m, n) = self.layer.outputs.shape();
        let (mut mode1, mut mode2) = (Vec::new(), Vec::new());
        let (mut sum1, mut sum2) = (Mat::zeros(n, m), Mat::zeros(m, n));
        let turned = self.layer.outputs.transpose().to_owned();
        for sketch in &first {
            let error = sketch.estimate(turned.as_ref()) - &turned;
            mode1.push(energy(&error));
            sum1 += error;
        }
        for sketch in &second {
            let stored = sketch.apply(self.layer.weights.as_ref());
            let activations = &self.layer.activations;
            let estimate = match &activations.root {
                Root::Diagonal(_) => activations.outputs(sketch.adjoint(stored.as_ref()).as_ref()),
                Root::Dense(root) => {
                    product(stored.as_ref(), sketch.apply(root.as_ref()).transpose())
                }
            };
            let error = estimate - &self.layer.outputs;
            mode2.push(energy(&error));
            sum2 += error;
        }
        let sum = sum1.transpose() + sum2;
        Trial {
            mode1,
            mode2,
            averaged: energy(&sum) / (4 * l * l) as f64,
        }
    }

    /// By inner products of what is stored, for which no estimate is made. With `A = W M`, `B = U₁ A`,
    /// `P = W U₂ᵀ`, `C = U₂ M` and `Q = W M Mᵀ U₂ᵀ`, all pairs stacked,
    ///
    /// - `‖Σ U₁ᵀ U₁ A - l A‖² = ⟨U₁ U₁ᵀ, B Bᵀ⟩ - 2 l ‖B‖² + l² ‖A‖²`,
    /// - `‖P C - l A‖² = ⟨Pᵀ P, C Cᵀ⟩ - 2 l ⟨Q, P⟩ + l² ‖A‖²`,
    /// - and of both `⟨U₁ P, U₁ Q⟩ - l ‖B‖² - l ⟨Q, P⟩ + l² ‖A‖²`.
    ///
    /// For B any root of `A Aᵀ` does in the place of A. The terms are not much larger than the errors where
    /// l k < d, so that little cancels.
    pub fn by_grams(&self, trial: u64, l: usize) -> Trial {
        let (first, second) = self.sketches(trial, l);
        let whole = self.layer.energies().outputs;
        let weights = self.layer.weights.as_ref();
        let activations = &self.layer.activations;
        let all = |sketches: &[Sketch], x: MatRef<'_, f64>| -> Vec<Mat<f64>> {
            sketches.iter().map(|sketch| sketch.apply(x)).collect()
        };
        let b = all(&first, self.root.as_ref());
        let p = all(&second, weights);
        let q = self.met.as_ref().map(|met| all(&second, met.as_ref()));
        let q = q.as_ref().unwrap_or(&p);
        let c: Vec<Mat<f64>> = match self.met {
            None => Vec::new(),
            Some(_) => second.iter().map(|u| activations.sketched(u)).collect(),
        };
        let crossed1: Vec<f64> = b.iter().map(energy).collect();
        let crossed2: Vec<f64> = q.iter().zip(&p).map(|(q, p)| inner(q, p)).collect();
        let square1 = |i: usize, j: usize| inner(&first[i].gram(&first[j]), &gram(&b[i], &b[j]));
        let square2 = |i: usize, j: usize| {
            let inputs = match self.met {
                None => second[i].gram(&second[j]),
                Some(_) => gram(&c[i], &c[j]),
            };
            inner(&gram(&p[i], &p[j]), &inputs)
        };
        let both = |i: usize, j: usize| {
            let sketched = first[i].apply(p[j].transpose());
            match self.met {
                None => energy(&sketched),
                Some(_) => inner(&sketched, &first[i].apply(q[j].transpose())),
            }
        };
        let (mut mode1, mut mode2, mut total) = (Vec::new(), Vec::new(), 0.0);
        for i in 0..l {
            let (own1, own2) = (square1(i, i), square2(i, i));
            mode1.push(own1 - 2.0 * crossed1[i] + whole);
            mode2.push(own2 - 2.0 * crossed2[i] + whole);
            total += own1 + own2;
            for j in 0..l {
                if j < i {
                    total += 2.0 * (square1(i, j) + square2(i, j));
                }
                total += 2.0 * both(i, j);
            }
        }
        let pairs = l as f64;
        let crossed: f64 = crossed1.iter().chain(&crossed2).sum();
        total += 4.0 * pairs * (pairs * whole - crossed);
        Trial {
            mode1,
            mode2,
            averaged: total / (4.0 * pairs * pairs),
        }
    }

    fn sketches(&self, trial: u64, l: usize) -> (Vec<Sketch>, Vec<Sketch>) {
        let Widths {
            first,
            second,
            outputs,
            inputs,
        } = self.widths;
        let all = |mode: u64, k: usize, d: usize| {
            let draw = |pair| Sketch::draw(self.ensemble, k, d, self.seed, &[trial, pair, mode]);
            (0..l as u64).map(draw).collect()
        };
        (all(FIRST, first, outputs), all(SECOND, second, inputs))
    }
}

/// `Aᵀ B`.
fn gram(a: &Mat<f64>, b: &Mat<f64>) -> Mat<f64> {
    product(a.transpose(), b.as_ref())
}

/// `⟨A, B⟩`.
fn inner(a: &Mat<f64>, b: &Mat<f64>) -> f64 {
    let columns = (0..a.ncols()).map(|j| (a.col_as_slice(j), b.col_as_slice(j)));
    columns.map(|(a, b)| dot(a, b)).sum()
}

/// `‖A‖²`.
fn energy(a: &Mat<f64>) -> f64 {
    inner(a, a)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::{Geometry, Kernel};
    use crate::random::Stream;
    use crate::sketch::Activations;

    fn random(rows: usize, columns: usize, seed: u64) -> Mat<f64> {
        let mut stream = Stream::new(seed, &[]);
        Mat::from_fn(rows, columns, |_, _| stream.normal())
    }

    /// The inner products against the estimates themselves, for every ensemble and kind of inputs: catches a
    /// term or a pair lost.
    #[test]
    fn both_ways_agree() {
        let kernel = Kernel {
            channels: 2,
            height: 2,
            width: 2,
            channels_last: false,
        };
        let geometry = Geometry {
            image: [4, 3],
            stride: [1, 1],
            padding: [1, 1],
            channels_last: false,
        };
        let w = random(9, 8, 1);
        for (activations, area) in [
            (Activations::isotropic(8), 1),
            (Activations::samples(random(5, 8, 2).as_ref()).unwrap(), 1),
            (Activations::samples(random(30, 8, 3).as_ref()).unwrap(), 1),
            (Activations::isotropic_image(&kernel, &geometry).unwrap(), 4),
        ] {
            let layer = SketchedLayer::new(w.as_ref(), area, activations).unwrap();
            for &ensemble in Ensemble::all() {
                for (k, l) in [(1, 1), (2, 3)] {
                    let widths = layer.widths(ensemble, k).unwrap();
                    let draw = Draw::new(&layer, ensemble, widths, 4);
                    let (one, other) = (draw.by_grams(7, l), draw.by_estimates(7, l));
                    // Terms of the size of l² (d/k)² ‖A‖², each a sum of some d² products.
                    let bound = 1e3 * f64::EPSILON * 81.0 * layer.energies().outputs;
                    let near = |a: f64, b: f64| {
                        assert!((a - b).abs() <= bound, "{ensemble:?} {k} {l}: {a} {b}")
                    };
                    near(one.averaged, other.averaged);
                    one.mode1
                        .iter()
                        .zip(&other.mode1)
                        .for_each(|(a, b)| near(*a, *b));
                    one.mode2
                        .iter()
                        .zip(&other.mode2)
                        .for_each(|(a, b)| near(*a, *b));
                }
            }
        }
    }
}
