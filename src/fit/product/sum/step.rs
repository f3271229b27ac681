//! An iteration of least squares as a plan, for any device.

use super::preconditioned::{MOST_ITERATIONS, Preconditioner};
use crate::linalg::algebra::norm;
use crate::linalg::lsqr::Lsqr;
use crate::program::{
    Axis, Buffer, Combination, Exec, ExecError, Function, Gemm, Generated, GeneratedProducts,
    GeneratedSum, Map, Plan, Record, Reduce, Zip,
};
use faer::Mat;

/// One iteration as primitives: with `û` from the last one, `t = Σ cₖ Gₖ Z - s û`, which is the next û, its squared norm
/// and all `⟨Gₖ, t Zᵀ⟩`.
pub struct Step {
    plan: Plan,
    coefficients: Buffer,
    share: Buffer,
    inputs: Option<Buffer>,
    direction: Buffer,
    results: Buffer,
}

impl Step {
    pub fn new(matrices: Generated, inputs: Option<&Mat<f64>>) -> Step {
        let mut record = Record::new();
        let (m, terms) = (matrices.rows, matrices.terms);
        let columns = inputs.map_or(matrices.columns, Mat::ncols);
        let coefficients = record.input("coefficients", terms, 1);
        let share = record.input("share", 1, 1);
        let inputs = inputs.map(|z| record.input("inputs", z.nrows(), z.ncols()));
        let direction = record.state("direction", m, columns);
        let sum = record.push(GeneratedSum::new(matrices, coefficients));
        let sum = match inputs {
            Some(z) => record.push(Gemm::new(1.0, sum, z)),
            None => sum,
        };
        let everywhere = share.across_columns(columns).across_rows(m);
        let kept = record.push(Zip::new(Combination::Multiply, direction, everywhere));
        let next = record.push(Zip::new(Combination::Subtract, sum, kept));
        let squares = record.push(Map::new(Function::Square, next));
        let squares = record.push(Reduce::new(Axis::Rows, squares));
        let carried = match inputs {
            Some(z) => record.push(Gemm::new(1.0, next, z.t())),
            None => next,
        };
        let all = record.zeros(terms + 1, 1);
        record.add(
            all.row_range(0..terms),
            GeneratedProducts::new(matrices, carried),
        );
        record.add(
            all.row_range(terms..terms + 1),
            Reduce::new(Axis::Columns, squares),
        );
        let results = record.output("products", all);
        record.update(direction, 0.0, Map::copy(next));
        Step {
            plan: Plan::new(&record),
            coefficients: coefficients.buffer,
            share: share.buffer,
            inputs: inputs.map(|z| z.buffer),
            direction: direction.buffer,
            results,
        }
    }

    pub fn prepare(&self, exec: &mut dyn Exec, inputs: Option<&Mat<f64>>) -> Result<(), ExecError> {
        exec.prepare(&self.plan)?;
        if let (Some(buffer), Some(z)) = (self.inputs, inputs) {
            exec.write(buffer, &scaled(z, 1.0));
        }
        Ok(())
    }

    /// min ‖A N y - r‖ from its gradient `(A N)ᵀ r`, until the gradient is a rounding error of single precision; and the
    /// iterations taken.
    pub fn lsqr(
        &self,
        exec: &mut dyn Exec,
        preconditioner: &Preconditioner,
        r: &Mat<f64>,
        gradient: &[f64],
    ) -> Result<(Vec<f64>, usize), ExecError> {
        let size = r.norm_l2();
        exec.write(self.direction, &scaled(r, 1.0 / size));
        let alpha = norm(gradient) / size;
        let v = gradient.iter().map(|g| g / (size * alpha)).collect();
        let mut state = Lsqr::new(v, alpha, size);
        let mut length = 1.0;
        let floor = f64::from(f32::EPSILON) * alpha * size;
        for iteration in 1..=MOST_ITERATIONS {
            exec.write(self.coefficients, &preconditioner.coefficients(&state.v));
            exec.write(self.share, &[state.alpha / length]);
            exec.run()?;
            let mut products = exec.read(self.results)?;
            let beta = products.pop().expect("a norm").sqrt();
            if beta == 0.0 {
                return Ok((state.y, iteration));
            }
            let next = preconditioner.adjoint(&products);
            length = beta;
            let left = state.advance(beta, next.into_iter().map(|x| x / beta));
            if left.is_nan() || left <= floor {
                return Ok((state.y, iteration));
            }
        }
        Ok((state.y, MOST_ITERATIONS))
    }
}

fn scaled(x: &Mat<f64>, by: f64) -> Vec<f64> {
    let columns = x.col_iter().flat_map(|column| column.iter());
    columns.map(|x| by * x).collect()
}
