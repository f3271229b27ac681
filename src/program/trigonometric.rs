//! Fast Fourier and cosine transforms.

use super::backward::Adjoints;
use super::rule::Rule;
use super::view::View;
use std::f64::consts::PI;
use std::fmt;

/// A matrix T of order N, of cosines and sines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waves {
    /// The Fourier transform of real numbers: rows `cos(2π k j/N)` for `k = 0…⌊N/2⌋`, then `sin(2π k j/N)` for
    /// `k = 1…⌈N/2⌉ − 1`.
    Fourier,
    /// The orthonormal DCT-II: `s cos(π (2j + 1) k/2N)`, `s = √(2/N)`, `√(1/N)` for `k = 0`.
    Cosine,
}

impl Waves {
    /// Entry `(i, j)` of T, with the angle reduced to one turn exactly.
    pub fn entry(self, order: usize, i: usize, j: usize) -> f64 {
        match self {
            Waves::Fourier if i <= order / 2 => libm::cos(turn(i * j, order)),
            Waves::Fourier => libm::sin(turn((i - order / 2) * j, order)),
            Waves::Cosine => {
                let scale = if i == 0 { 1.0 } else { 2.0 } / order as f64;
                scale.sqrt() * libm::cos(turn((2 * j + 1) * i, 4 * order))
            }
        }
    }
}

/// The angle of `step` steps of which `turn` make one turn.
fn turn(step: usize, turn: usize) -> f64 {
    2.0 * PI * (step % turn) as f64 / turn as f64
}

/// `y = T x` for each column, x followed by zeros where it has fewer than N rows; or the first rows of `y = Tᵀ x`.
///
/// Derivative: the other one of the two. Cost: about `5/2 N log₂ N` operations a column on the CPU (Cooley, Tukey
/// 1965; Makhoul 1980); a GPU sums directly, `2 N` operations a row.
#[derive(Debug, Clone, Copy)]
pub struct TrigonometricTransform {
    /// T.
    pub waves: Waves,
    /// N.
    pub order: usize,
    /// How many columns of T count: rows of x, or of y where T is transposed.
    pub used: usize,
    /// Whether it is Tᵀ.
    pub transposed: bool,
    /// x.
    pub x: View,
}

impl TrigonometricTransform {
    /// `T x`, with N rows.
    ///
    /// # Panics
    /// If x has more than `order` rows or is a batch.
    pub fn new(waves: Waves, order: usize, x: View) -> TrigonometricTransform {
        let fits = x.rows <= order && x.batch == 1;
        assert!(fits, "{waves:?} transform of order {order}: {x}");
        TrigonometricTransform {
            waves,
            order,
            used: x.rows,
            transposed: false,
            x,
        }
    }

    /// The first `rows` rows of `Tᵀ x`, N rows of x.
    ///
    /// # Panics
    /// If x is a batch or empty, or there are more `rows` than it has.
    pub fn transposed(waves: Waves, rows: usize, x: View) -> TrigonometricTransform {
        let fits = rows <= x.rows && rows > 0 && x.batch == 1;
        assert!(fits, "{rows} rows of a transposed {waves:?} transform: {x}");
        TrigonometricTransform {
            waves,
            order: x.rows,
            used: rows,
            transposed: true,
            x,
        }
    }
}

impl Rule for TrigonometricTransform {
    fn shape(&self) -> [usize; 3] {
        let rows = if self.transposed {
            self.used
        } else {
            self.order
        };
        [rows, self.x.columns, 1]
    }

    fn operands(&self) -> Vec<View> {
        vec![self.x]
    }

    fn differentiate(&self, dy: View, adjoints: &mut Adjoints<'_>) {
        let &TrigonometricTransform {
            waves, order, used, ..
        } = self;
        adjoints.add(self.x, || {
            if self.transposed {
                TrigonometricTransform::new(waves, order, dy)
            } else {
                TrigonometricTransform::transposed(waves, used, dy)
            }
        });
    }

    fn flops(&self) -> u64 {
        let levels = u64::from(self.order.ilog2()) + 1;
        5 * self.order as u64 * levels / 2 * self.x.columns as u64
    }

    /// Bounds the roundings by those of a direct sum and of the entries of T.
    fn roundings(&self) -> usize {
        self.x.rows + 1
    }
}

impl fmt::Display for TrigonometricTransform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let &TrigonometricTransform {
            waves, order, x, ..
        } = self;
        let name = match waves {
            Waves::Fourier => "fourier",
            Waves::Cosine => "cosine",
        };
        let transposed = if self.transposed { "ᵀ" } else { "" };
        write!(f, "{name}{transposed} {order} {x}")
    }
}
