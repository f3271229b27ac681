//! What every structured family owes.

use crate::program::{Cost, Exec, ExecError, Plan, Record, View};
use faer::{Mat, MatRef};
use std::fmt;
use std::ops::Range;

/// A matrix `A(p)`, `m × n`, known by its action on columns. Its `Display` is its formula.
pub trait LinearOperator: fmt::Display {
    /// `(m, n)`: outputs, inputs.
    fn shape(&self) -> (usize, usize);

    /// Number of parameters p.
    fn parameters(&self) -> usize;

    /// Writes `Y ← Y + A(p) X` down: `parameters` × 1, `x` n × samples, `y` m × samples.
    ///
    /// The parameters are a part of a longer packed column, so that a whole network's lie in one
    /// buffer; `x` and `y` are any column-major views.
    fn emit(&self, record: &mut Record, parameters: View, x: View, y: View);

    /// `A(p)` from its obvious formula, entry by entry and without primitives: the slow twin for
    /// [`conformance`](super::conformance).
    fn dense(&self, parameters: &[f64]) -> Mat<f64>;
}

/// What one action on `samples` columns takes, the making of the matrix from its parameters
/// included.
pub fn cost(operator: &dyn LinearOperator, samples: usize) -> Cost {
    let mut record = Record::new();
    let (_, n) = operator.shape();
    let parameters = record.input("parameters", operator.parameters(), 1);
    let x = record.input("x", n, samples);
    let y = act(operator, &mut record, parameters, x);
    record.output("y", y);
    Plan::new(&record).cost()
}

/// `A(p) X`, run at once.
///
/// # Errors
/// If the machine fails.
///
/// # Panics
/// If `parameters` or the rows of `x` are not as many as the operator's, or `x` has no column.
pub fn apply(
    operator: &dyn LinearOperator,
    parameters: &[f64],
    x: MatRef<'_, f64>,
    exec: &mut dyn Exec,
) -> Result<Mat<f64>, ExecError> {
    let mut record = Record::new();
    let p = record.input("parameters", operator.parameters(), 1);
    let columns = record.input("x", x.nrows(), x.ncols());
    let y = act(operator, &mut record, p, columns);
    let y = record.output("y", y);
    exec.prepare(&Plan::new(&record))?;
    exec.write(p.buffer, parameters);
    let values: Vec<f64> = x.col_iter().flat_map(|c| c.iter().copied()).collect();
    exec.write(columns.buffer, &values);
    exec.run()?;
    let (m, _) = operator.shape();
    let y = exec.read(y)?;
    Ok(MatRef::from_column_major_slice(&y, m, x.ncols()).to_owned())
}

/// `A(p) X` in a buffer of its own.
///
/// # Panics
/// If `parameters` or `x` has not the operator's size.
pub(super) fn act(
    operator: &dyn LinearOperator,
    record: &mut Record,
    parameters: View,
    x: View,
) -> View {
    let (m, n) = operator.shape();
    let count = operator.parameters();
    assert!(x.rows == n, "{operator}: {m}×{n} times {x}");
    assert!(
        parameters.rows == count,
        "{operator}: {count} parameters from {parameters}"
    );
    let y = record.zeros(m, x.columns);
    operator.emit(record, parameters, x, y);
    y
}

/// The parts of `parameters` that belong to each of `operators`, in order.
pub(super) fn split(operators: &[Box<dyn LinearOperator>], parameters: View) -> Vec<View> {
    ranges(operators)
        .map(|range| parameters.row_range(range))
        .collect()
}

/// As [`split`], of plain numbers.
pub(super) fn split_values<'a>(
    operators: &[Box<dyn LinearOperator>],
    parameters: &'a [f64],
) -> Vec<&'a [f64]> {
    ranges(operators).map(|range| &parameters[range]).collect()
}

fn ranges(operators: &[Box<dyn LinearOperator>]) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    operators.iter().map(move |operator| {
        let end = start + operator.parameters();
        std::mem::replace(&mut start, end)..end
    })
}
