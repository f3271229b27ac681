//! Buffers and the strided views through which primitives see them.

use std::fmt;
use std::ops::Range;

/// The name of a buffer in a [`Record`](super::Record) and in the plans made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buffer(pub(super) usize);

impl Buffer {
    /// The index in [`Plan::buffers`](super::Plan::buffers).
    pub fn index(self) -> usize {
        self.0
    }
}

impl fmt::Display for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b{}", self.0)
    }
}

/// Equally spaced matrices inside a buffer: entry `(i, j)` of matrix `b` is number
/// `offset + i·row_stride + j·column_stride + b·batch_stride` of the buffer.
///
/// Transposes, blocks and broadcasts (a stride of zero) are views and cost nothing. Nearly every
/// view is one matrix (`batch` 1); batches are for [`Gemm`](super::Gemm).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// The buffer that is seen.
    pub buffer: Buffer,
    /// Place of the first entry.
    pub offset: usize,
    /// Rows of each matrix.
    pub rows: usize,
    /// Columns of each matrix.
    pub columns: usize,
    /// Number of matrices.
    pub batch: usize,
    /// Distance between rows.
    pub row_stride: usize,
    /// Distance between columns.
    pub column_stride: usize,
    /// Distance between matrices.
    pub batch_stride: usize,
}

impl View {
    /// The first `batch` column-major matrices of `buffer`, one after another.
    pub(super) fn packed(buffer: Buffer, [rows, columns, batch]: [usize; 3]) -> View {
        View {
            buffer,
            offset: 0,
            rows,
            columns,
            batch,
            row_stride: 1,
            column_stride: rows,
            batch_stride: rows * columns,
        }
    }

    /// Rows, columns and number of matrices.
    pub fn shape(&self) -> [usize; 3] {
        [self.rows, self.columns, self.batch]
    }

    /// Number of entries, repeated ones counted again.
    pub fn entries(&self) -> usize {
        self.rows * self.columns * self.batch
    }

    /// The transposes.
    pub fn t(self) -> View {
        View {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }

    /// The rows of `range`.
    ///
    /// # Panics
    /// If they are not all there.
    pub fn row_range(self, range: Range<usize>) -> View {
        let inside = range.start <= range.end && range.end <= self.rows;
        assert!(inside, "row_range: {range:?} of {self}");
        View {
            offset: self.offset + range.start * self.row_stride,
            rows: range.len(),
            ..self
        }
    }

    /// The columns of `range`.
    ///
    /// # Panics
    /// If they are not all there.
    pub fn column_range(self, range: Range<usize>) -> View {
        self.t().row_range(range).t()
    }

    /// One column, repeated `columns` times.
    ///
    /// # Panics
    /// If the view has more columns than one.
    pub fn across_columns(self, columns: usize) -> View {
        assert!(self.columns == 1, "across_columns: {self} to {columns}");
        View {
            columns,
            column_stride: 0,
            ..self
        }
    }

    /// One row, repeated `rows` times.
    ///
    /// # Panics
    /// If the view has more rows than one.
    pub fn across_rows(self, rows: usize) -> View {
        self.t().across_columns(rows).t()
    }

    /// One matrix, repeated `batch` times.
    ///
    /// # Panics
    /// If the view has more matrices than one.
    pub fn repeated(self, batch: usize) -> View {
        assert!(self.batch == 1, "repeated: {self} to {batch}");
        View {
            batch,
            batch_stride: 0,
            ..self
        }
    }

    /// The same entries in column-major order as matrices of another shape.
    ///
    /// # Panics
    /// If the number of entries differs or the view is not packed.
    pub fn reshaped(self, shape: [usize; 3]) -> View {
        let same = shape.iter().product::<usize>() == self.entries();
        let [rows, columns, batch] = shape;
        assert!(
            same && self.is_packed(),
            "reshaped: {self} to {rows}×{columns}×{batch}"
        );
        View {
            offset: self.offset,
            ..View::packed(self.buffer, shape)
        }
    }

    /// `count` blocks of equally many rows, as a batch.
    ///
    /// # Panics
    /// If `count` does not divide the rows or the view is a batch already.
    pub fn row_blocks(self, count: usize) -> View {
        let divides = self.batch == 1 && count > 0 && self.rows.is_multiple_of(count);
        assert!(divides, "row_blocks: {count} blocks of {self}");
        let rows = self.rows / count;
        View {
            rows,
            batch: count,
            batch_stride: rows * self.row_stride,
            ..self
        }
    }

    /// Each column as a column-major `rows × columns` matrix, as a batch.
    ///
    /// # Panics
    /// If a column has another length or the view is a batch already.
    pub fn unstacked(self, rows: usize, columns: usize) -> View {
        let same = self.batch == 1 && rows * columns == self.rows;
        assert!(same, "unstacked: {self} to {rows}×{columns}");
        View {
            rows,
            columns,
            batch: self.columns,
            column_stride: rows * self.row_stride,
            batch_stride: self.column_stride,
            ..self
        }
    }

    /// Whether the entries lie one after another in column-major order.
    pub fn is_packed(&self) -> bool {
        let packed = View::packed(self.buffer, self.shape());
        self.dimensions()
            .into_iter()
            .zip(packed.dimensions())
            .all(|((n, stride), (_, packed))| n <= 1 || stride == packed)
    }

    /// Number of different entries.
    pub(super) fn distinct(&self) -> usize {
        let once = |(n, stride)| if stride == 0 { 1 } else { n };
        self.dimensions().into_iter().map(once).product()
    }

    /// Whether the entries of each column lie side by side and the columns do not overlap.
    pub fn is_column_major(&self) -> bool {
        (self.rows == 1 || self.row_stride == 1)
            && (self.columns == 1 || self.column_stride >= self.rows)
    }

    /// Whether BLAS could take each matrix: contiguous columns or rows that do not overlap.
    pub(super) fn has_leading_dimension(&self) -> bool {
        self.is_column_major() || self.t().is_column_major()
    }

    /// One past the place of the last entry.
    pub fn end(&self) -> usize {
        if self.entries() == 0 {
            return self.offset;
        }
        let last = |(n, stride): (usize, usize)| (n - 1) * stride;
        self.offset + self.dimensions().into_iter().map(last).sum::<usize>() + 1
    }

    /// Whether no two entries lie in one place (a sufficient condition: nested strides).
    pub(super) fn is_injective(&self) -> bool {
        let mut dimensions = self.dimensions();
        dimensions.sort_by_key(|&(_, stride)| stride);
        let mut span = 1;
        dimensions.into_iter().all(|(n, stride)| {
            let free = n <= 1 || stride >= span;
            span += n.saturating_sub(1) * stride;
            free
        })
    }

    /// The same entries of another buffer of the same size.
    pub(super) fn of(self, buffer: Buffer) -> View {
        View { buffer, ..self }
    }

    fn dimensions(&self) -> [(usize, usize); 3] {
        [
            (self.rows, self.row_stride),
            (self.columns, self.column_stride),
            (self.batch, self.batch_stride),
        ]
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.buffer)?;
        if self.offset > 0 {
            write!(f, "+{}", self.offset)?;
        }
        write!(f, "[{}×{}", self.rows, self.columns)?;
        if self.batch > 1 {
            write!(f, "×{}", self.batch)?;
        }
        if !self.is_packed() {
            write!(f, " by {},{}", self.row_stride, self.column_stride)?;
            if self.batch > 1 {
                write!(f, ",{}", self.batch_stride)?;
            }
        }
        write!(f, "]")
    }
}
