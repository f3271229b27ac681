//! Writes a structured family, checks that it keeps the laws of linear operators, and counts what it costs.
//!
//!     cargo run --release --example write_a_family
//!
//! A family says how many parameters it has and how it acts on columns, in primitive operations. Derivatives, memory and
//! every device follow from that.

use anyhow::Result;
use faer::Mat;
use spectra::device::Cpu;
use spectra::operator::{LinearOperator, apply, conformance, cost};
use spectra::program::{Combination, Record, View, Zip};
use std::fmt;
use std::ops::Range;

/// A tridiagonal matrix, n × n: the diagonal, then what is above it, then what is below it.
struct Tridiagonal {
    n: usize,
}

impl Tridiagonal {
    /// The parameters, rows of y and rows of x of each diagonal.
    fn diagonals(&self) -> [[Range<usize>; 3]; 3] {
        let n = self.n;
        [
            [0..n, 0..n, 0..n],
            [n..2 * n - 1, 0..n - 1, 1..n],
            [2 * n - 1..3 * n - 2, 1..n, 0..n - 1],
        ]
    }
}

impl LinearOperator for Tridiagonal {
    fn shape(&self) -> (usize, usize) {
        (self.n, self.n)
    }

    fn parameters(&self) -> usize {
        3 * self.n - 2
    }

    /// `y ← y + A(p) x`: each diagonal multiplies rows of x and adds to rows of y.
    fn emit(&self, record: &mut Record, parameters: View, x: View, y: View) {
        for [own, rows, columns] in self.diagonals() {
            let diagonal = parameters.row_range(own).across_columns(x.columns);
            let product = Zip::new(Combination::Multiply, x.row_range(columns), diagonal);
            record.add(y.row_range(rows), product);
        }
    }

    /// The same entry by entry, which the check compares with.
    fn dense(&self, parameters: &[f64]) -> Mat<f64> {
        let mut matrix = Mat::zeros(self.n, self.n);
        for [own, rows, columns] in self.diagonals() {
            for (p, (i, j)) in own.zip(rows.zip(columns)) {
                matrix[(i, j)] = parameters[p];
            }
        }
        matrix
    }
}

impl fmt::Display for Tridiagonal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tridiagonal({})", self.n)
    }
}

pub fn main() -> Result<()> {
    let family = Tridiagonal { n: 6 };
    let mut cpu = Cpu::<f64>::new();

    // Action, adjoint, linearity, gradients: at random parameters, with tolerances that rounding explains.
    conformance::check(&family, &mut cpu, f64::EPSILON, 1)?;

    // The second difference of squares is 2 away from the ends.
    let parameters: Vec<f64> = [vec![-2.0; 6], vec![1.0; 10]].concat();
    let squares = Mat::from_fn(6, 1, |i, _| (i * i) as f64);
    let differences = apply(&family, &parameters, squares.as_ref(), &mut cpu)?;
    println!("{family} makes {differences:?}");

    println!("{:?} for a batch of 64", cost(&family, 64));
    Ok(())
}
