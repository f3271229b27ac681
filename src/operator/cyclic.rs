//! Circulants and skew-circulants by fast transforms.

use super::LinearOperator;
use crate::program::{
    Combination, Function, Map, Record, TrigonometricTransform, View, Waves, Zip,
};
use faer::Mat;
use std::fmt;

/// `A[i, j] = c[(i − j) mod N]`, with the other sign above the diagonal where it is skew: the first m rows and n
/// columns of one of order `N = max(m, n)`, N parameters, as a convolution: `A x = Tᵀ (T c · T x)`, T the Fourier transform
/// of order N and `·` the product of complex numbers; a skew-circulant is a part of the circulant of `(c, −c)`.
///
/// Cost: about `5 N log₂ N + 4 N` operations a sample, twice that where it is skew, and as much once for the parameters.
#[derive(Debug, Clone)]
pub struct Cyclic {
    rows: usize,
    columns: usize,
    skew: bool,
}

impl Cyclic {
    /// `rows × columns`.
    pub fn new(rows: usize, columns: usize, skew: bool) -> Cyclic {
        Cyclic {
            rows,
            columns,
            skew,
        }
    }

    /// Whether this is less work than a dense product, by times measured from order 256 to 8192: an operation of a
    /// transform takes as long as five of a product.
    pub fn pays(&self) -> bool {
        let order = self.period();
        let transforms = 5 * order * (order.ilog2() as usize + 1);
        2 * self.rows * self.columns > 5 * transforms
    }

    fn order(&self) -> usize {
        self.rows.max(self.columns)
    }

    fn period(&self) -> usize {
        if self.skew {
            2 * self.order()
        } else {
            self.order()
        }
    }
}

impl LinearOperator for Cyclic {
    fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    fn parameters(&self) -> usize {
        self.order()
    }

    fn emit(&self, record: &mut Record, parameters: View, x: View, y: View) {
        let (order, period) = (self.order(), self.period());
        let fourier = |x: View| TrigonometricTransform::new(Waves::Fourier, period, x);
        let c = if !self.skew {
            parameters
        } else {
            let both = record.zeros(period, 1);
            record.add(both.row_range(0..order), Map::copy(parameters));
            let negative = Map::new(Function::Scale(-1.0), parameters);
            record.add(both.row_range(order..period), negative);
            both
        };
        // Tᵀ D T = 1 for this diagonal D
        let share = |row: usize| {
            let alone = row == 0 || 2 * row == period;
            let times = if alone { 1.0 } else { 2.0 };
            times / period as f64
        };
        let shares: Vec<f64> = (0..period).map(share).collect();
        let shares = record.constant("shares", period, 1, shares);
        let c = record.push(fourier(c));
        let c = record.push(Zip::new(Combination::Multiply, c, shares));
        let x = record.push(fourier(x));
        let cosines = period / 2 + 1;
        let both = period - cosines;
        let product = record.zeros(period, x.columns);
        let mut multiply = |to: View, c: View, x: View| {
            let c = c.across_columns(x.columns);
            record.add(to, Zip::new(Combination::Multiply, x, c));
        };
        let real = |view: View| view.row_range(0..cosines);
        multiply(real(product), real(c), real(x));
        if both > 0 {
            let real = |view: View| view.row_range(1..1 + both);
            let imaginary = |view: View| view.row_range(cosines..period);
            multiply(imaginary(product), real(c), imaginary(x));
            multiply(imaginary(product), imaginary(c), real(x));
            let negative = record.push(Map::new(Function::Scale(-1.0), imaginary(c)));
            let last = Zip::new(
                Combination::Multiply,
                imaginary(x),
                negative.across_columns(x.columns),
            );
            record.add(real(product), last);
        }
        let back = TrigonometricTransform::transposed(Waves::Fourier, self.rows, product);
        record.add(y, back);
    }

    fn dense(&self, parameters: &[f64]) -> Mat<f64> {
        let order = self.order();
        Mat::from_fn(self.rows, self.columns, |i, j| {
            let entry = parameters[(i + order - j) % order];
            if self.skew && i < j { -entry } else { entry }
        })
    }
}

impl fmt::Display for Cyclic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.skew {
            "skew-circulant"
        } else {
            "circulant"
        };
        write!(f, "{name}({}×{}, fast)", self.rows, self.columns)
    }
}
