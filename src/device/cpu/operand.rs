//! Views joined with the memory they look at.

use super::real::Real;
use crate::program::View;
use faer::MatRef;
use faer::traits::math_utils::from_f64;
use rayon::prelude::*;

/// Entries that a task should have at least before others are asked to help.
pub(super) const TASK: usize = 1 << 14;

/// Entries that a task takes at a time.
pub(super) const PIECE: usize = 4096;

/// An operand: a view and the memory of its slot.
#[derive(Clone, Copy)]
pub(super) struct Operand<'a, T> {
    pub view: View,
    values: &'a [T],
}

impl<'a, T: Real> Operand<'a, T> {
    /// `values` is the whole slot.
    pub fn new(view: View, values: &'a [T]) -> Operand<'a, T> {
        Operand { view, values }
    }

    /// The transposes.
    pub fn t(self) -> Operand<'a, T> {
        let view = self.view.t();
        Operand { view, ..self }
    }

    /// Entry `(i, j)`.
    pub fn at(&self, i: usize, j: usize) -> T {
        let View {
            offset,
            row_stride,
            column_stride,
            ..
        } = self.view;
        self.values[offset + i * row_stride + j * column_stride]
    }

    /// The entries as one column, if it is packed.
    pub fn flat(self) -> Operand<'a, T> {
        let entries = self.view.entries();
        let view = if self.view.is_packed() {
            self.view.reshaped([entries, 1, 1])
        } else {
            self.view
        };
        Operand { view, ..self }
    }

    /// Column `j`, if its entries lie one after another.
    pub fn column(&self, j: usize) -> Option<&'a [T]> {
        let start = self.view.offset + j * self.view.column_stride;
        let contiguous = self.view.row_stride == 1;
        contiguous.then(|| &self.values[start..start + self.view.rows])
    }

    /// Matrix `b` of the batch, for faer.
    pub fn matrix(&self, b: usize) -> MatRef<'a, T> {
        let View { rows, columns, .. } = self.view;
        let values = &self.values[self.view.offset + b * self.view.batch_stride..];
        if self.view.is_column_major() {
            let stride = self.view.column_stride.max(rows);
            MatRef::from_column_major_slice_with_stride(values, rows, columns, stride)
        } else {
            let stride = self.view.row_stride.max(columns);
            MatRef::from_row_major_slice_with_stride(values, rows, columns, stride)
        }
    }
}

/// The factor of what a result is added to, as in BLAS: `y ← β y + …`.
#[derive(Clone, Copy)]
pub(super) enum Beta<T> {
    Zero,
    One,
    Scale(T),
}

/// The target of a primitive: a view and the memory of its slot.
pub(super) struct Target<'a, T> {
    pub view: View,
    /// The whole slot.
    pub values: &'a mut [T],
    pub beta: Beta<T>,
}

/// Columns of a target, or a piece of one column.
pub(super) struct Band<'a, T> {
    values: &'a mut [T],
    /// The first column and the first row.
    first: [usize; 2],
    columns: usize,
    rows: usize,
    row_stride: usize,
    column_stride: usize,
    beta: Beta<T>,
}

impl<T: Real> Band<'_, T> {
    /// Calls `kernel(j, first, part)` for the part in each column `j`, from row `first` on.
    #[inline(always)]
    pub fn each(self, mut kernel: impl FnMut(usize, usize, Part<'_, T>)) {
        for j in 0..self.columns {
            let part = Part {
                values: &mut self.values[j * self.column_stride..],
                stride: self.row_stride,
                len: self.rows,
                beta: self.beta,
            };
            kernel(self.first[0] + j, self.first[1], part);
        }
    }
}

/// A part of a column of a target.
pub(super) struct Part<'a, T> {
    values: &'a mut [T],
    stride: usize,
    /// Number of places.
    pub len: usize,
    pub beta: Beta<T>,
}

impl<T: Real> Part<'_, T> {
    /// Place `i`.
    #[inline(always)]
    pub fn place(&mut self, i: usize) -> &mut T {
        &mut self.values[i * self.stride]
    }

    /// Puts `x` at place `i`, over β times what is there.
    #[inline(always)]
    pub fn put(&mut self, i: usize, x: T) {
        let beta = self.beta;
        let y = self.place(i);
        *y = match beta {
            Beta::Zero => x,
            Beta::One => *y + x,
            Beta::Scale(beta) => beta * *y + x,
        };
    }

    /// Puts numbers at all places, which may be fewer than the numbers.
    #[inline(always)]
    pub fn put_all(&mut self, numbers: impl Iterator<Item = T>) {
        if self.stride > 1 {
            for (i, x) in numbers.take(self.len).enumerate() {
                self.put(i, x);
            }
            return;
        }
        put(&mut self.values[..self.len], self.beta, numbers);
    }

    /// The places, if they lie one after another, and β.
    #[inline(always)]
    pub fn contiguous(&mut self) -> Option<(&mut [T], Beta<T>)> {
        let beta = self.beta;
        (self.stride == 1).then(|| (&mut self.values[..self.len], beta))
    }
}

/// Puts numbers at neighbouring places, over β times what is there.
#[inline(always)]
pub(super) fn put<T: Real>(y: &mut [T], beta: Beta<T>, numbers: impl Iterator<Item = T>) {
    let places = y.iter_mut().zip(numbers);
    match beta {
        Beta::Zero => places.for_each(|(y, x)| *y = x),
        Beta::One => places.for_each(|(y, x)| *y += x),
        Beta::Scale(beta) => places.for_each(|(y, x)| *y = beta * *y + x),
    }
}

impl<'a, T: Real> Target<'a, T> {
    /// `values` is the whole slot.
    pub fn new(view: View, values: &'a mut [T], beta: f64) -> Target<'a, T> {
        let beta = match beta {
            0.0 => Beta::Zero,
            1.0 => Beta::One,
            beta => Beta::Scale(from_f64(beta)),
        };
        Target { view, values, beta }
    }

    /// The entries as one column, if it is packed.
    pub fn flat(self) -> Target<'a, T> {
        let entries = self.view.entries();
        let view = if self.view.is_packed() {
            self.view.reshaped([entries, 1, 1])
        } else {
            self.view
        };
        Target { view, ..self }
    }

    /// Calls `kernel(j, column)` for every column.
    pub fn columns(self, kernel: impl Fn(usize, Part<'_, T>) + Sync) {
        let whole = self.view.rows;
        self.bands(whole, |band| band.each(|j, _, part| kernel(j, part)));
    }

    /// Calls `kernel(j, first, part)` for pieces of every column `j`, from row `first` on.
    pub fn pieces(self, kernel: impl Fn(usize, usize, Part<'_, T>) + Sync) {
        self.bands(PIECE, |band| band.each(&kernel));
    }

    /// Calls `kernel` for bands of columns, or for pieces of `size` rows of columns that are longer. Where rows do not
    /// lie side by side, the whole is one band.
    pub fn bands(self, size: usize, kernel: impl Fn(Band<'_, T>) + Sync) {
        let View {
            rows,
            columns,
            row_stride,
            column_stride,
            ..
        } = self.view;
        let beta = self.beta;
        let values = &mut self.values[self.view.offset..self.view.end()];
        let band = |values, first, columns, rows| Band {
            values,
            first,
            columns,
            rows,
            row_stride,
            column_stride,
            beta,
        };
        if !self.view.is_column_major() {
            return kernel(band(values, [0, 0], columns, rows));
        }
        let step = column_stride.max(rows);
        // columns that are cut go one by one
        let batch = if rows > size {
            1
        } else {
            (PIECE / rows).max(1)
        };
        let band = |values, first, columns, rows| Band {
            row_stride: 1,
            column_stride: step,
            ..band(values, first, columns, rows)
        };
        values
            .par_chunks_mut(batch * step)
            .with_min_len(TASK.div_ceil(batch * rows))
            .enumerate()
            .for_each(|(i, values)| {
                let first = i * batch;
                if rows <= size {
                    let columns = batch.min(columns - first);
                    return kernel(band(values, [first, 0], columns, rows));
                }
                values[..rows]
                    .par_chunks_mut(size)
                    .with_min_len(TASK.div_ceil(size))
                    .enumerate()
                    .for_each(|(piece, values)| {
                        let rows = values.len();
                        kernel(band(values, [first, piece * size], 1, rows));
                    });
            });
    }
}
