//! Views joined with the memory they look at.

use super::Real;
use crate::program::View;
use faer::MatRef;
use faer::traits::math_utils::from_f64;
use pulp::Arch;
use rayon::prelude::*;

/// Entries that a task should have at least before others are asked to help.
pub(super) const TASK: usize = 1 << 14;

/// Entries that a task takes at a time.
pub(super) const PIECE: usize = 4096;

/// What a primitive reads.
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

    /// All entries, if they lie one after another.
    pub fn packed(&self) -> Option<&'a [T]> {
        let View { offset, .. } = self.view;
        let packed = self.view.is_packed();
        packed.then(|| &self.values[offset..offset + self.view.entries()])
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

/// What stays under a result.
#[derive(Clone, Copy)]
pub(super) enum Keep<T> {
    Nothing,
    All,
    Part(T),
}

/// What a primitive writes.
pub(super) struct Target<'a, T> {
    pub view: View,
    /// The whole slot.
    pub values: &'a mut [T],
    pub keep: Keep<T>,
}

/// A part of a target.
pub(super) struct Part<'a, T> {
    values: &'a mut [T],
    stride: usize,
    /// Number of places.
    pub len: usize,
    pub keep: Keep<T>,
}

impl<T: Real> Part<'_, T> {
    /// Place `i`.
    #[inline(always)]
    pub fn place(&mut self, i: usize) -> &mut T {
        &mut self.values[i * self.stride]
    }

    /// Puts `x` at place `i`, over what is kept there.
    #[inline(always)]
    pub fn put(&mut self, i: usize, x: T) {
        let keep = self.keep;
        let y = self.place(i);
        *y = match keep {
            Keep::Nothing => x,
            Keep::All => *y + x,
            Keep::Part(keep) => keep * *y + x,
        };
    }

    /// Puts the numbers at the first places.
    #[inline(always)]
    pub fn put_all(&mut self, numbers: impl Iterator<Item = T>) {
        if self.stride > 1 {
            for (i, x) in numbers.take(self.len).enumerate() {
                self.put(i, x);
            }
            return;
        }
        let places = self.values.iter_mut().zip(numbers);
        match self.keep {
            Keep::Nothing => places.for_each(|(y, x)| *y = x),
            Keep::All => places.for_each(|(y, x)| *y += x),
            Keep::Part(keep) => places.for_each(|(y, x)| *y = keep * *y + x),
        }
    }

    /// The places, if they lie one after another, and what they keep.
    #[inline(always)]
    pub fn contiguous(&mut self) -> Option<(&mut [T], Keep<T>)> {
        (self.stride == 1).then_some((&mut *self.values, self.keep))
    }
}

impl<'a, T: Real> Target<'a, T> {
    /// `values` is the whole slot.
    pub fn new(view: View, values: &'a mut [T], keep: f64) -> Target<'a, T> {
        let keep = match keep {
            0.0 => Keep::Nothing,
            1.0 => Keep::All,
            keep => Keep::Part(from_f64(keep)),
        };
        Target { view, values, keep }
    }

    /// Calls `kernel(j, column)` for every column.
    pub fn columns(self, kernel: impl Fn(usize, Part<'_, T>) + Sync) {
        let whole = self.view.rows;
        self.blocks(whole, |j, _, part| kernel(j, part));
    }

    /// Its places as one column, if it is packed.
    pub fn flat(self) -> Target<'a, T> {
        let entries = self.view.entries();
        let view = match self.view.is_packed() {
            true => self.view.reshaped([entries, 1, 1]),
            false => self.view,
        };
        Target { view, ..self }
    }

    /// Calls `kernel(j, first, part)` for pieces of every column `j`, from row `first` on.
    pub fn pieces(self, kernel: impl Fn(usize, usize, Part<'_, T>) + Sync) {
        self.blocks(PIECE, kernel);
    }

    /// Calls `kernel(j, first, part)` for blocks of `size` rows of every column, or, where rows do not lie side by
    /// side, for whole columns.
    pub fn blocks(self, size: usize, kernel: impl Fn(usize, usize, Part<'_, T>) + Sync) {
        let View { rows, columns, .. } = self.view;
        let (keep, stride, step) = (self.keep, self.view.row_stride, self.view.column_stride);
        let values = &mut self.values[self.view.offset..self.view.end()];
        let arch = Arch::new();
        let call = |j, first, values: &mut [T], stride| {
            let len = size.min(rows - first);
            let part = Part {
                values,
                stride,
                len: if stride == 1 { len } else { rows },
                keep,
            };
            arch.dispatch(|| kernel(j, first, part));
        };
        if !self.view.is_column_major() {
            for j in 0..columns {
                call(j, 0, &mut values[j * step..], stride);
            }
            return;
        }
        values
            .par_chunks_mut(step.max(rows))
            .with_min_len(TASK.div_ceil(rows))
            .enumerate()
            .for_each(|(j, column)| {
                let column = &mut column[..rows];
                if rows <= size {
                    return call(j, 0, column, 1);
                }
                column
                    .par_chunks_mut(size)
                    .with_min_len(TASK.div_ceil(size))
                    .enumerate()
                    .for_each(|(block, values)| call(j, block * size, values, 1));
            });
    }
}
