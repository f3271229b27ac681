//! Signs, 32 to a word, multiplied with a matrix by tables of sums.

use super::SketchMatrix;
use crate::random::Entries;
use faer::{ColMut, Mat, MatMut, MatRef};
use pulp::{Arch, Simd, WithSimd};
use std::any::Any;

/// Signs in a word.
const WORD: usize = 32;
/// Columns that share a table: four signs choose one of 16 sums.
const GROUP: usize = 4;
/// Sums in a table.
const SUMS: usize = 1 << GROUP;
/// Tables for the columns of a word.
const TABLES: usize = WORD / GROUP;
/// Rows done at a time: the tables of a word take 32 KiB.
const LANES: usize = 32;

/// A k × d matrix of signs over √k.
///
/// Row r has its own words, ⌈d/32⌉ of them: column i is bit `i mod 32` of word `r ⌈d/32⌉ + i/32` of the
/// entries, and a bit 1 is the sign -1.
#[derive(Debug, Clone)]
pub(crate) struct SignSketch {
    rows: SignBits,
    /// The transpose, packed along the rows.
    columns: SignBits,
}

impl SignSketch {
    /// Draws the signs of k rows and d columns.
    pub fn new(k: usize, d: usize, entries: Entries) -> SignSketch {
        let words = d.div_ceil(WORD);
        let words = (0..(k * words) as u64).map(|index| entries.word(index));
        SignSketch::of(SignBits {
            length: d,
            words: words.collect(),
        })
    }

    /// The signs of the rows, d each, one after the other.
    pub fn signs(d: usize, entries: Entries, out: &mut [f32]) {
        let words = d.div_ceil(WORD);
        for (r, row) in out.chunks_exact_mut(d).enumerate() {
            for (w, signs) in row.chunks_mut(WORD).enumerate() {
                let word = entries.word((r * words + w) as u64);
                for (i, sign) in signs.iter_mut().enumerate() {
                    *sign = if word >> i & 1 == 0 { 1.0 } else { -1.0 };
                }
            }
        }
    }

    /// With the signs of these words.
    pub(crate) fn of(rows: SignBits) -> SignSketch {
        let columns = rows.transposed();
        SignSketch { rows, columns }
    }

    fn scale(&self) -> f64 {
        1.0 / (self.columns.length as f64).sqrt()
    }
}

impl SketchMatrix for SignSketch {
    fn shape(&self) -> (usize, usize) {
        (self.columns.length, self.rows.length)
    }

    /// `X Uᵀ`.
    fn apply(&self, x: MatRef<'_, f64>) -> Mat<f64> {
        self.rows.sums(x, self.scale())
    }

    /// `Y U`.
    fn adjoint(&self, y: MatRef<'_, f64>) -> Mat<f64> {
        self.columns.sums(y, self.scale())
    }

    /// U, k × d.
    fn dense(&self) -> Option<Mat<f64>> {
        let (k, d) = self.shape();
        let (scale, stride) = (self.scale(), self.rows.stride());
        Some(Mat::from_fn(k, d, |r, i| {
            match self.rows.words[r * stride + i / WORD] >> (i % WORD) & 1 {
                0 => scale,
                _ => -scale,
            }
        }))
    }

    /// `U Vᵀ` for another sketch of as many columns: a word of products at a time, by counting where the
    /// signs differ.
    fn gram(&self, other: &dyn SketchMatrix) -> Option<Mat<f64>> {
        let other: &dyn Any = other;
        let other: &SignSketch = other.downcast_ref()?;
        let (k, d) = self.shape();
        let stride = self.rows.stride();
        let scale = self.scale() * other.scale();
        let mut kept = vec![u32::MAX; stride];
        if d % WORD > 0 {
            kept[stride - 1] = (1 << (d % WORD)) - 1;
        }
        let [left, right] = [self, other].map(|sketch| sketch.rows.words.chunks_exact(stride));
        let (left, right): (Vec<_>, Vec<_>) = (left.collect(), right.collect());
        let mut differing = vec![0; k * right.len()];
        Arch::new().dispatch(|| {
            for (column, b) in differing.chunks_exact_mut(k).zip(&right) {
                for (count, a) in column.iter_mut().zip(&left) {
                    *count = differences(a, b, &kept);
                }
            }
        });
        Some(Mat::from_fn(k, right.len(), |i, j| {
            scale * (d as f64 - 2.0 * f64::from(differing[i + j * k]))
        }))
    }
}

/// Rows of `length` signs, each in whole words; 1 is -1.
#[derive(Debug, Clone)]
pub(crate) struct SignBits {
    pub length: usize,
    pub words: Vec<u32>,
}

impl SignBits {
    fn stride(&self) -> usize {
        self.length.div_ceil(WORD)
    }

    fn rows(&self) -> usize {
        self.words.len() / self.stride()
    }

    fn transposed(&self) -> SignBits {
        let (rows, stride) = (self.rows(), self.stride());
        let across = rows.div_ceil(WORD);
        let mut words = vec![0; self.length * across];
        for (r, row) in self.words.chunks_exact(stride).enumerate() {
            for i in 0..self.length {
                let bit = row[i / WORD] >> (i % WORD) & 1;
                words[i * across + r / WORD] |= bit << (r % WORD);
            }
        }
        SignBits {
            length: rows,
            words,
        }
    }

    /// `scale · X Sᵀ`, q × rows, for q × `length` X: column r is the sum of X's columns with the signs of
    /// row r.
    ///
    /// Tables hold the 16 signed sums of four columns each, so a product takes one addition for four
    /// signs (Arlazarov, Dinic, Kronrod, Faradžev 1970): q k d / 4 additions and 4 q d to fill the tables.
    fn sums(&self, x: MatRef<'_, f64>, scale: f64) -> Mat<f64> {
        assert_eq!(x.ncols(), self.length, "sketch: {:?}", x.shape());
        let mut out = Mat::zeros(x.nrows(), self.rows());
        let arch = Arch::new();
        for start in (0..x.nrows()).step_by(LANES) {
            let count = LANES.min(x.nrows() - start);
            arch.dispatch(Strip {
                signs: self,
                x: x.subrows(start, count),
                scale,
                out: out.as_mut().subrows_mut(start, count),
            });
        }
        out
    }
}

/// Up to [`LANES`] rows of a product.
struct Strip<'a> {
    signs: &'a SignBits,
    x: MatRef<'a, f64>,
    scale: f64,
    out: MatMut<'a, f64>,
}

type Lanes = [f64; LANES];

impl WithSimd for Strip<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _: S) {
        let stride = self.signs.stride();
        let mut sums = vec![[0.0; LANES]; self.signs.rows()];
        let mut tables = [[[0.0; LANES]; SUMS]; TABLES];
        for word in 0..stride {
            for (group, table) in tables.iter_mut().enumerate() {
                let first = word * WORD + group * GROUP;
                let mut copies = [[0.0; LANES]; GROUP];
                let columns = copies.iter_mut().enumerate();
                let mut columns = columns.map(|(i, copy)| self.column(first + i, copy));
                fill(
                    table,
                    std::array::from_fn(|_| columns.next().unwrap_or(&[0.0; LANES])),
                );
            }
            let words = self.signs.words[word..].iter().step_by(stride);
            for (sum, &bits) in sums.iter_mut().zip(words) {
                let mut total = *sum;
                for (group, table) in tables.iter().enumerate() {
                    let chosen = &table[(bits >> (GROUP * group)) as usize % SUMS];
                    for l in 0..LANES {
                        total[l] += chosen[l];
                    }
                }
                *sum = total;
            }
        }
        for (column, sum) in self.out.as_mut().col_iter_mut().zip(&sums) {
            store(column, sum, self.scale);
        }
    }
}

impl Strip<'_> {
    /// Column `i` of X where it lies, or in `copy`: zeros beyond its end.
    #[inline(always)]
    fn column<'b>(&'b self, i: usize, copy: &'b mut Lanes) -> &'b Lanes {
        if i < self.x.ncols() {
            let column = self.x.col(i);
            match column.try_as_col_major().map(|column| column.as_slice()) {
                Some(slice) => match slice.as_array() {
                    Some(whole) => return whole,
                    None => copy[..slice.len()].copy_from_slice(slice),
                },
                None => {
                    let pairs = copy.iter_mut().zip(column.iter());
                    pairs.for_each(|(copy, x)| *copy = *x);
                }
            }
        }
        copy
    }
}

#[inline(always)]
fn store(column: ColMut<'_, f64>, sum: &Lanes, scale: f64) {
    for (out, sum) in column.iter_mut().zip(sum) {
        *out = scale * sum;
    }
}

/// How many bits of `kept` differ.
#[inline(always)]
fn differences(a: &[u32], b: &[u32], kept: &[u32]) -> u32 {
    let words = a.iter().zip(b).zip(kept);
    words
        .map(|((a, b), kept)| ((a ^ b) & kept).count_ones())
        .sum()
}

/// All ±x₀ ±x₁ ±x₂ ±x₃; bit i of the place is the sign of xᵢ.
#[inline(always)]
fn fill(table: &mut [Lanes; SUMS], x: [&Lanes; GROUP]) {
    for l in 0..LANES {
        let (plus, minus) = (x[0][l] + x[1][l], x[0][l] - x[1][l]);
        let low = [plus, -minus, minus, -plus];
        let (plus, minus) = (x[2][l] + x[3][l], x[2][l] - x[3][l]);
        let high = [plus, -minus, minus, -plus];
        for place in 0..SUMS {
            table[place][l] = low[place % 4] + high[place / 4];
        }
    }
}
