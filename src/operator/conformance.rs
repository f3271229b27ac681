//! The laws that every operator keeps, checked on one of them.

use super::LinearOperator;
use super::linear_operator::{act, cost};
use crate::linalg::algebra::{dot, norm};
use crate::program::{Buffer, Exec, ExecError, Plan, Record, View};
use crate::random::Stream;
use faer::{Mat, MatRef};
use std::fmt;

/// Columns on which an operator acts in the check.
const SAMPLES: usize = 3;

/// A law of linear operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Law {
    /// The action is that of the twin: `A X = dense X`. So is the order of the parameters.
    Action,
    /// The derivative in `X` is the twin's transpose: `Aᵀ U = denseᵀ U`.
    Adjoint,
    /// The dot test: `⟨A X, U⟩ = ⟨X, Aᵀ U⟩`.
    Dot,
    /// `A (X + t Z) = A X + t A Z`.
    Linearity,
    /// The action is added to a part of a larger matrix and leaves the rest alone.
    Place,
    /// The gradient in each parameter is the central difference in it.
    Gradient,
    /// Acting takes operations.
    Operations,
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Law::Action => "A X = dense X",
            Law::Adjoint => "AᵀU = denseᵀU",
            Law::Dot => "⟨A X, U⟩ = ⟨X, AᵀU⟩",
            Law::Linearity => "A (X + t Z) = A X + t A Z",
            Law::Place => "Y ← Y + A X in its place",
            Law::Gradient => "gradient = central difference",
            Law::Operations => "operations > 0",
        })
    }
}

/// Why an operator does not conform.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Violation {
    /// A law does not hold.
    #[error(
        "{operator} breaks {law} at {place}: {found:e} for {expected:e}, tolerance {tolerance:e}"
    )]
    Broken {
        /// The operator's formula.
        operator: String,
        /// The law.
        law: Law,
        /// Which of the numbers, in column-major order.
        place: usize,
        /// What the program computed.
        found: f64,
        /// What it should be.
        expected: f64,
        /// How far apart rounding can bring them.
        tolerance: f64,
    },
    /// The twin has another shape than the operator.
    #[error("{operator} is {expected:?}, its dense twin {found:?}")]
    TwinShape {
        /// The operator's formula.
        operator: String,
        /// Shape of the operator.
        expected: (usize, usize),
        /// Shape of the twin.
        found: (usize, usize),
    },
    /// The machine failed.
    #[error(transparent)]
    Exec(#[from] ExecError),
}

/// Checks all laws at parameters and samples drawn from `seed`, on a machine whose numbers have
/// precision `epsilon`.
///
/// Tolerances: an action rounds at most `k` times on any path ([`Plan::roundings`]), so its numbers
/// are within `k ε ‖A‖ ‖x‖` (Higham 2002, chapter 3, with norms in place of absolute values:
/// cancellation among the factors of a product is not in it, and is no worse than the size of a
/// factor for numbers drawn at random). The gradient's is that, divided by the step, plus the
/// difference between the steps h and 2h, which exceeds what extrapolation leaves.
///
/// Cost: `4 P + 6` runs on three columns for P parameters.
///
/// # Errors
/// The first law that does not hold, where and by how much.
pub fn check(
    operator: &dyn LinearOperator,
    exec: &mut dyn Exec,
    epsilon: f64,
    seed: u64,
) -> Result<(), Violation> {
    let draw = |what: u64, count: usize| -> Vec<f64> {
        let mut stream = Stream::new(seed, &[what]);
        (0..count).map(|_| stream.normal()).collect()
    };
    let (m, n) = operator.shape();
    let parameters = draw(0, operator.parameters());
    let check = Check {
        operator,
        epsilon,
        twin: operator.dense(&parameters),
        x: draw(1, n * SAMPLES),
        u: draw(2, m * SAMPLES),
        z: draw(3, n * SAMPLES),
        parameters,
    };
    if check.twin.shape() != (m, n) {
        return Err(Violation::TwinShape {
            operator: operator.to_string(),
            expected: (m, n),
            found: check.twin.shape(),
        });
    }
    check.action_and_gradient(exec)?;
    check.place(exec)
}

struct Check<'a> {
    operator: &'a dyn LinearOperator,
    epsilon: f64,
    parameters: Vec<f64>,
    twin: Mat<f64>,
    x: Vec<f64>,
    u: Vec<f64>,
    z: Vec<f64>,
}

impl Check<'_> {
    fn action_and_gradient(&self, exec: &mut dyn Exec) -> Result<(), Violation> {
        let (m, n) = self.twin.shape();
        let mut record = Record::new();
        let p = record.input("parameters", self.parameters.len(), 1);
        let x = record.input("x", n, SAMPLES);
        let u = record.input("u", m, SAMPLES);
        let y = act(self.operator, &mut record, p, x);
        let gradients = record.backward(y, u, &[x, p]);
        let y = record.output("y", y);
        let dx = record.output("dx", gradients[0]);
        let dp = record.output("dp", gradients[1]);
        let plan = Plan::new(&record);
        exec.prepare(&plan)?;
        let mut run = |parameters: &[f64], values: &[f64], result: Buffer| {
            exec.write(p.buffer, parameters);
            exec.write(x.buffer, values);
            exec.write(u.buffer, &self.u);
            exec.run()?;
            exec.read(result)
        };
        let operations = cost(self.operator, SAMPLES).flops as f64;
        if operations == 0.0 {
            return Err(self.broken(Law::Operations, 0, operations, 1.0, 0.0));
        }
        let [ax, az] = [
            run(&self.parameters, &self.x, y)?,
            run(&self.parameters, &self.z, y)?,
        ];
        let [atu, gradient] = [dx, dp].map(|result| run(&self.parameters, &self.x, result));
        let (atu, gradient) = (atu?, gradient?);

        // the twin rounds too: its entries and the product with it
        let k = (plan.roundings() + m + n) as f64;
        let unit = k * self.epsilon * self.twin.norm_l2();
        let [x_norm, u_norm, z_norm] = [&self.x, &self.u, &self.z].map(|v| norm(v));
        let twin = self.twin.as_ref();
        self.compare(Law::Action, &ax, &times(twin, &self.x), unit * x_norm)?;
        self.compare(
            Law::Adjoint,
            &atu,
            &times(twin.transpose(), &self.u),
            unit * u_norm,
        )?;
        let (yu, xv) = (dot(&ax, &self.u), dot(&self.x, &atu));
        self.compare(Law::Dot, &[yu], &[xv], 2.0 * unit * x_norm * u_norm)?;

        const T: f64 = 0.75;
        let combine = |a: &[f64], b: &[f64]| -> Vec<f64> {
            a.iter().zip(b).map(|(a, b)| a + T * b).collect()
        };
        let together = run(&self.parameters, &combine(&self.x, &self.z), y)?;
        let tolerance = 2.0 * unit * (x_norm + T * z_norm);
        self.compare(Law::Linearity, &together, &combine(&ax, &az), tolerance)?;

        for (place, &found) in gradient.iter().enumerate() {
            let h = self.parameters[place].abs().max(1.0) / 64.0;
            let mut at = |step: f64| -> Result<f64, ExecError> {
                let mut moved = self.parameters.clone();
                moved[place] += step;
                Ok(dot(&run(&moved, &self.x, y)?, &self.u))
            };
            let near = (at(h)? - at(-h)?) / (2.0 * h);
            let far = (at(2.0 * h)? - at(-2.0 * h)?) / (4.0 * h);
            let expected = (4.0 * near - far) / 3.0;
            let tolerance = (near - far).abs() + 4.0 * unit * x_norm * u_norm / h;
            if !within(found, expected, tolerance) {
                return Err(self.broken(Law::Gradient, place, found, expected, tolerance));
            }
        }
        Ok(())
    }

    /// Twice into the middle of a larger matrix, from the middle of another.
    fn place(&self, exec: &mut dyn Exec) -> Result<(), Violation> {
        let (m, n) = self.twin.shape();
        let mut record = Record::new();
        let p = record.input("parameters", self.parameters.len(), 1);
        let tall = record.input("x", n + 2, SAMPLES);
        let y = record.zeros(m + 3, SAMPLES);
        let middle = |view: View, size: usize| view.row_range(1..1 + size);
        for _ in 0..2 {
            self.operator
                .emit(&mut record, p, middle(tall, n), middle(y, m));
        }
        let y = record.output("y", y);
        let plan = Plan::new(&record);
        exec.prepare(&plan)?;
        exec.write(p.buffer, &self.parameters);
        let pad = |column: &[f64]| [&[7.0], column, &[7.0]].concat();
        let padded: Vec<f64> = self.x.chunks(n).flat_map(pad).collect();
        exec.write(tall.buffer, &padded);
        exec.run()?;
        let found = exec.read(y)?;
        let ax = times(self.twin.as_ref(), &self.x);
        let pad = |column: &[f64]| {
            let doubled: Vec<f64> = column.iter().map(|y| 2.0 * y).collect();
            [&[0.0], doubled.as_slice(), &[0.0, 0.0]].concat()
        };
        let expected: Vec<f64> = ax.chunks(m).flat_map(pad).collect();
        let k = (plan.roundings() + m + n) as f64;
        let tolerance = 2.0 * k * self.epsilon * self.twin.norm_l2() * norm(&self.x);
        self.compare(Law::Place, &found, &expected, tolerance)
    }

    fn compare(
        &self,
        law: Law,
        found: &[f64],
        expected: &[f64],
        tolerance: f64,
    ) -> Result<(), Violation> {
        for (place, (&found, &expected)) in found.iter().zip(expected).enumerate() {
            if !within(found, expected, tolerance) {
                return Err(self.broken(law, place, found, expected, tolerance));
            }
        }
        Ok(())
    }

    fn broken(
        &self,
        law: Law,
        place: usize,
        found: f64,
        expected: f64,
        tolerance: f64,
    ) -> Violation {
        Violation::Broken {
            operator: self.operator.to_string(),
            law,
            place,
            found,
            expected,
            tolerance,
        }
    }
}

/// False where one of them is a NaN.
fn within(found: f64, expected: f64, tolerance: f64) -> bool {
    (found - expected).abs() <= tolerance
}

fn times(a: MatRef<'_, f64>, x: &[f64]) -> Vec<f64> {
    let (m, n) = a.shape();
    let entry = |i: usize, x: &[f64]| (0..n).map(|j| a[(i, j)] * x[j]).sum();
    x.chunks(n)
        .flat_map(|x| (0..m).map(move |i| entry(i, x)))
        .collect()
}
