//! Random matrices of which it is known what they hold.

use faer::{Mat, Par};
use half::{bf16, f16};
use rand::seq::SliceRandom;
use spectra::random::Stream;
use spectra::spectrum::{
    Analyzer, Decomposition, LayerMatrix, LayerSpectrum, Precision, spike_p_value,
};

/// The law of independent entries, brought to variance one.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(dead_code)]
pub enum Entries {
    Gaussian,
    Uniform,
    Signs,
    Laplace,
    /// Student's law with so many degrees of freedom.
    Student(usize),
    /// This share of the entries Gaussian, the others zero.
    Sparse(f64),
    /// exp of a normal number of this deviation, less its mean.
    Lognormal(f64),
}

impl Entries {
    fn draw(self, stream: &mut Stream) -> f64 {
        match self {
            Entries::Gaussian => stream.normal(),
            Entries::Uniform => 12f64.sqrt() * (stream.uniform() - 0.5),
            Entries::Signs => {
                if stream.uniform() < 0.5 {
                    -1.0
                } else {
                    1.0
                }
            }
            Entries::Laplace => {
                let sign = if stream.uniform() < 0.5 { -1.0 } else { 1.0 };
                -sign * (1.0 - stream.uniform()).ln() / 2f64.sqrt()
            }
            Entries::Student(degrees) => {
                let degrees_ = degrees as f64;
                let scale = (degrees_ / (degrees_ - 2.0)).sqrt();
                stream.normal() / (stream.chi(degrees) / degrees_.sqrt()) / scale
            }
            Entries::Sparse(density) => {
                if stream.uniform() < density {
                    stream.normal() / density.sqrt()
                } else {
                    0.0
                }
            }
            Entries::Lognormal(sigma) => {
                let mean = (sigma * sigma / 2.0).exp();
                let deviation = mean * ((sigma * sigma).exp() - 1.0).sqrt();
                ((sigma * stream.normal()).exp() - mean) / deviation
            }
        }
    }
}

/// Noise: independent entries of variance one.
pub fn noise(m: usize, n: usize, entries: Entries, stream: &mut Stream) -> Mat<f64> {
    Mat::from_fn(m, n, |_, _| entries.draw(stream))
}

/// `count` orthonormal columns of the given length.
fn directions(length: usize, count: usize, stream: &mut Stream) -> Mat<f64> {
    noise(length, count, Entries::Gaussian, stream)
        .qr()
        .compute_thin_Q()
}

/// Adds planted singular values, in units of the threshold (m n)^¼ above which they can be seen.
pub fn plant(matrix: &mut Mat<f64>, sizes: &[f64], stream: &mut Stream) {
    let (m, n) = matrix.shape();
    let left = directions(m, sizes.len(), stream);
    let right = directions(n, sizes.len(), stream);
    let threshold = ((m * n) as f64).powf(0.25);
    let scaled = Mat::from_fn(m, sizes.len(), |i, k| left[(i, k)] * sizes[k] * threshold);
    *matrix += scaled * right.transpose();
}

/// A matrix between random directions whose eigenvalues s² are drawn by `eigenvalue`.
pub fn with_eigenvalues(
    m: usize,
    n: usize,
    stream: &mut Stream,
    mut eigenvalue: impl FnMut(usize, &mut Stream) -> f64,
) -> Mat<f64> {
    let short = m.min(n);
    let values: Vec<f64> = (0..short).map(|i| eigenvalue(i, stream).sqrt()).collect();
    let left = directions(m, short, stream);
    let right = directions(n, short, stream);
    Mat::from_fn(m, short, |i, k| left[(i, k)] * values[k]) * right.transpose()
}

/// Multiplies the rows and columns by scales between 1 - spread and 1 + spread.
pub fn unequal(matrix: &mut Mat<f64>, rows: f64, columns: f64, stream: &mut Stream) {
    let mut scales = |count: usize, spread: f64| -> Vec<f64> {
        (0..count)
            .map(|_| 1.0 + spread * (2.0 * stream.uniform() - 1.0))
            .collect()
    };
    let (r, c) = (
        scales(matrix.nrows(), rows),
        scales(matrix.ncols(), columns),
    );
    *matrix = Mat::from_fn(matrix.nrows(), matrix.ncols(), |i, j| {
        matrix[(i, j)] * r[i] * c[j]
    });
}

/// Sets a share of the columns, or of the rows, to zero.
pub fn kill(matrix: &mut Mat<f64>, share: f64, columns: bool, stream: &mut Stream) {
    let lines = if columns {
        matrix.ncols()
    } else {
        matrix.nrows()
    };
    let mut order: Vec<usize> = (0..lines).collect();
    order.shuffle(stream);
    let dead = &order[..(share * lines as f64) as usize];
    for &line in dead {
        if columns {
            matrix.col_mut(line).fill(0.0)
        } else {
            matrix.row_mut(line).fill(0.0)
        }
    }
}

/// How a matrix is stored.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(dead_code)]
pub enum Storage {
    F64,
    F32,
    F16,
    Bf16,
    /// Whole numbers up to 127.
    Int8,
}

impl Storage {
    pub fn store(self, matrix: &mut Mat<f64>) -> Precision {
        let relative = match self {
            Storage::F64 | Storage::Int8 => f64::EPSILON / 2.0,
            Storage::F32 => f64::from(f32::EPSILON) / 2.0,
            Storage::F16 => f16::EPSILON.to_f64() / 2.0,
            Storage::Bf16 => bf16::EPSILON.to_f64() / 2.0,
        };
        let largest = matrix.norm_max();
        let round = |x: f64| match self {
            Storage::F64 => x,
            Storage::F32 => f64::from(x as f32),
            Storage::F16 => f16::from_f64(x).to_f64(),
            Storage::Bf16 => bf16::from_f64(x).to_f64(),
            Storage::Int8 => (127.0 * x / largest).round(),
        };
        *matrix = Mat::from_fn(matrix.nrows(), matrix.ncols(), |i, j| round(matrix[(i, j)]));
        Precision {
            relative,
            step: 0.0,
        }
    }
}

/// What the program says of a matrix.
pub fn judged(analyzer: &Analyzer, matrix: &Mat<f64>, precision: Precision) -> LayerSpectrum {
    judged_stack(analyzer, std::slice::from_ref(matrix), precision)
}

/// What the program says of a stack.
pub fn judged_stack(
    analyzer: &Analyzer,
    blocks: &[Mat<f64>],
    precision: Precision,
) -> LayerSpectrum {
    let layer = LayerMatrix::stack(blocks.iter().map(|b| b.as_ref()).collect());
    let decomposition = Decomposition::of(&layer, Par::Seq).expect("finite entries");
    analyzer.judge(&layer, &decomposition, precision)
}

/// Values that someone who knows the noise's variance, one, finds too large at 1 %.
pub fn oracle(values: &[f64], m: usize, n: usize) -> usize {
    let significant = |&(k, s): &(usize, &f64)| spike_p_value(*s, m - k, n - k, 1.0) <= 0.01;
    values
        .iter()
        .take(m.min(n))
        .enumerate()
        .take_while(significant)
        .count()
}
