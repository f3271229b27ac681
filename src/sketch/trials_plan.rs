//! Trials written down as primitives, for any machine.

use super::inputs::Root;
use super::trial::Trial;
use super::{SketchedLayer, Widths};
use crate::program::{
    Axis, Buffer, Combination, Exec, ExecError, Function, Gemm, Map, Plan, Record, Reduce, View,
    Zip,
};
use faer::MatRef;

/// Roundings of the inputs: of W, of M and of W M.
const GIVEN: usize = 3;
/// A division of a GPU, the coarsest operation, is off by so many units in the last place.
const ULPS: f64 = 2.5;

/// The squared errors of T trials by the estimates themselves, the sketches being inputs.
///
/// With the sketches of all pairs of all trials side by side, `V₁ = √k₁ U₁ᵀ` and `V₂ = √k₂ U₂ᵀ`, both estimates of
/// `A = W M` are `X Yᵀ / k`: `X = V₁`, `Y = Aᵀ V₁` of mode 1, `X = W V₂`, `Y = Mᵀ V₂` of mode 2. No more cancels than
/// in the error itself, `X Yᵀ / k - A`, the norm of which is √(d/k) ‖A‖ or more but for k > d.
pub(super) struct TrialsPlan {
    plan: Plan,
    weights: Buffer,
    outputs: Buffer,
    root: Option<Buffer>,
    first: Buffer,
    second: Buffer,
    errors: Buffer,
    pairs: usize,
    trials: usize,
    exponents: Exponents,
}

/// Powers of 2 by which W and M are divided, for the range of single precision.
#[derive(Clone, Copy)]
struct Exponents {
    weights: i32,
    inputs: i32,
}

/// Trials that run together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Batch {
    /// Pairs of sketches of a trial.
    pub pairs: usize,
    /// How many trials.
    pub trials: usize,
}

impl TrialsPlan {
    /// Plans the trials of a batch.
    pub fn new(layer: &SketchedLayer, widths: &Widths, batch: Batch) -> TrialsPlan {
        let Batch { pairs, trials } = batch;
        let (m, n) = layer.outputs.shape();
        let count = pairs * trials;
        let mut record = Record::new();
        let weights = record.input("W", m, widths.inputs);
        let outputs = record.input("W M", m, n);
        let first = record.input("first sketches", m, widths.first * count);
        let second = record.input("second sketches", widths.inputs, widths.second * count);
        let (root, inputs) = match &layer.activations.root {
            Root::Diagonal(root) if root.iter().all(|x| *x == 1.0) => (None, second),
            Root::Diagonal(root) => {
                let root = record.input("M", root.len(), 1);
                let across = root.across_columns(second.columns);
                let scaled = Zip::new(Combination::Multiply, second, across);
                (Some(root), record.push(scaled))
            }
            Root::Dense(root) => {
                let root = record.input("M", root.nrows(), root.ncols());
                (Some(root), record.push(Gemm::new(1.0, root, second)))
            }
        };
        let sketched = record.push(Gemm::new(1.0, outputs.t(), first));
        let mode1 = misses(&mut record, outputs, [first, sketched], count);
        let stored = record.push(Gemm::new(1.0, weights, second));
        let mode2 = misses(&mut record, outputs, [stored, inputs], count);
        let sum = record.zeros(m * n, trials);
        for pair in 0..pairs {
            for errors in [mode1, mode2] {
                let own = errors.column_range(pair * trials..(pair + 1) * trials);
                record.add(sum, Map::copy(own));
            }
        }
        let all = record.zeros(1, 2 * count + trials);
        let [of_mode1, of_mode2] = [0..count, count..2 * count].map(|r| all.column_range(r));
        energies(&mut record, mode1, [m, n], of_mode1);
        energies(&mut record, mode2, [m, n], of_mode2);
        let of_both = all.column_range(2 * count..2 * count + trials);
        energies(&mut record, sum, [m, n], of_both);
        let errors = record.output("squared errors", all);
        let power = |energy: f64| libm::frexp(energy.sqrt()).1;
        let energies = layer.energies();
        TrialsPlan {
            plan: Plan::new(&record),
            weights: weights.buffer,
            outputs: outputs.buffer,
            root: root.map(|root| root.buffer),
            first: first.buffer,
            second: second.buffer,
            errors,
            pairs,
            trials,
            exponents: Exponents {
                weights: power(energies.weights),
                inputs: root.map_or(0, |_| power(energies.inputs)),
            },
        }
    }

    /// Gives `exec` the plan and the layer.
    pub fn prepare(&self, exec: &mut dyn Exec, layer: &SketchedLayer) -> Result<(), ExecError> {
        exec.prepare(&self.plan)?;
        let Exponents { weights, inputs } = self.exponents;
        exec.write(self.weights, &scaled(layer.weights.as_ref(), weights));
        exec.write(
            self.outputs,
            &scaled(layer.outputs.as_ref(), weights + inputs),
        );
        if let Some(buffer) = self.root {
            let root = match &layer.activations.root {
                Root::Diagonal(root) => MatRef::from_column_major_slice(root, root.len(), 1),
                Root::Dense(root) => root.as_ref(),
            };
            exec.write(buffer, &scaled(root, inputs));
        }
        Ok(())
    }

    /// Starts the trials of these sketches.
    pub fn start(
        &self,
        exec: &mut dyn Exec,
        first: &[f32],
        second: &[f32],
    ) -> Result<(), ExecError> {
        exec.write_singles(self.first, first);
        exec.write_singles(self.second, second);
        exec.run()
    }

    /// The squared errors of the trials started last.
    pub fn errors(&self, exec: &mut dyn Exec) -> Result<Vec<Trial>, ExecError> {
        let Exponents { weights, inputs } = self.exponents;
        let mut errors = exec.read(self.errors)?;
        errors
            .iter_mut()
            .for_each(|x| *x = libm::ldexp(*x, 2 * (weights + inputs)));
        let (count, l) = (self.pairs * self.trials, self.pairs as f64);
        let of = |mode: usize, trial: usize| {
            let pairs =
                (0..self.pairs).map(|pair| errors[mode * count + pair * self.trials + trial]);
            pairs.collect()
        };
        let trial = |trial| Trial {
            mode1: of(0, trial),
            mode2: of(1, trial),
            averaged: errors[2 * count + trial] / (4.0 * l * l),
        };
        Ok((0..self.trials).map(trial).collect())
    }

    /// How far a squared error may be off, relative to itself and ‖A‖² together, in numbers that are `epsilon` apart.
    ///
    /// A rounding is off by a part of the partial sum at hand. Terms of random signs add up to partial sums that are no
    /// larger, in the mean square, than the sums; so r roundings change the error matrix by no more than r of these parts
    /// of its norm and of that of A, and its square by twice as much.
    pub fn bound(&self, epsilon: f64) -> f64 {
        ULPS * epsilon * (self.plan.roundings() + GIVEN) as f64
    }
}

impl Trial {
    /// The largest difference to another draw of the same trial, relative to that one's squared error and `whole`
    /// together.
    pub(super) fn off(&self, other: &Trial, whole: f64) -> f64 {
        let all = |trial: &Trial| {
            let modes = [&trial.mode1[..], &trial.mode2, &[trial.averaged]];
            modes.concat()
        };
        let pairs = all(self).into_iter().zip(all(other));
        let relative = pairs.map(|(x, y)| {
            if x == y {
                0.0
            } else {
                (x - y).abs() / (y.abs() + whole)
            }
        });
        relative.fold(0.0, |a, b| if b <= a { a } else { b })
    }
}

/// `X Yᵀ / k - A` for each of the `count` sketches of k columns, one error a column.
fn misses(record: &mut Record, outputs: View, [left, right]: [View; 2], count: usize) -> View {
    let k = left.columns / count;
    let [x, y] = [left, right].map(|all| all.reshaped([all.rows, k, count]));
    let size = outputs.entries();
    let estimates = record.push(Gemm::new(1.0 / k as f64, x, y.t()));
    let errors = estimates.reshaped([size, count, 1]);
    let whole = outputs.reshaped([size, 1, 1]).across_columns(count);
    record.add(errors, Map::new(Function::Scale(-1.0), whole));
    errors
}

/// Adds the squared norm of each column, an m × n matrix, to `to`: by the columns of the matrices.
fn energies(record: &mut Record, errors: View, [m, n]: [usize; 2], to: View) {
    let squares = record.push(Map::new(Function::Square, errors));
    let count = errors.columns;
    let columns = Reduce::new(Axis::Rows, squares.reshaped([m, n * count, 1]));
    let columns = record.push(columns).reshaped([n, count, 1]);
    record.add(to, Reduce::new(Axis::Rows, columns));
}

/// `x / 2^exponent`, column-major.
fn scaled(x: MatRef<'_, f64>, exponent: i32) -> Vec<f64> {
    let columns = x.col_iter().flat_map(|column| column.iter());
    columns.map(|x| libm::ldexp(*x, -exponent)).collect()
}
