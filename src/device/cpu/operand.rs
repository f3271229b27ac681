//! Views joined with the memory they look at.

use super::Real;
use crate::program::View;
use faer::MatRef;
use faer::traits::math_utils::from_f64;
use rayon::prelude::*;

/// Entries that a task should have at least before others are asked to help.
pub(super) const TASK: usize = 1 << 14;

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
    keep: Keep<T>,
}

impl<T: Real> Part<'_, T> {
    /// Puts `x` at place `i`, over what is kept there.
    #[inline(always)]
    pub fn put(&mut self, i: usize, x: T) {
        let y = &mut self.values[i * self.stride];
        *y = match self.keep {
            Keep::Nothing => x,
            Keep::All => *y + x,
            Keep::Part(keep) => keep * *y + x,
        };
    }

    /// Puts `f(i)` at each place `i`.
    #[inline(always)]
    pub fn put_all(&mut self, count: usize, f: impl Fn(usize) -> T) {
        match (self.stride, self.keep) {
            (1, Keep::Nothing) => {
                for (i, y) in self.values[..count].iter_mut().enumerate() {
                    *y = f(i);
                }
            }
            (1, Keep::All) => {
                for (i, y) in self.values[..count].iter_mut().enumerate() {
                    *y += f(i);
                }
            }
            (1, Keep::Part(keep)) => {
                for (i, y) in self.values[..count].iter_mut().enumerate() {
                    *y = keep * *y + f(i);
                }
            }
            _ => (0..count).for_each(|i| self.put(i, f(i))),
        }
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
        let View { rows, columns, .. } = self.view;
        let (keep, row, step) = (self.keep, self.view.row_stride, self.view.column_stride);
        let values = &mut self.values[self.view.offset..self.view.end()];
        if self.view.is_column_major() {
            let part = |values| Part {
                values,
                stride: 1,
                keep,
            };
            values
                .par_chunks_mut(step.max(rows))
                .with_min_len(TASK.div_ceil(rows))
                .enumerate()
                .for_each(|(j, values)| kernel(j, part(values)));
        } else {
            for j in 0..columns {
                let values = &mut values[j * step..];
                let stride = row;
                kernel(
                    j,
                    Part {
                        values,
                        stride,
                        keep,
                    },
                );
            }
        }
    }

    /// Calls `kernel(start, part)` for pieces of `size` entries of a packed target.
    pub fn pieces(self, size: usize, kernel: impl Fn(usize, Part<'_, T>, usize) + Sync) {
        let View { offset, .. } = self.view;
        let keep = self.keep;
        self.values[offset..offset + self.view.entries()]
            .par_chunks_mut(size)
            .with_min_len(TASK.div_ceil(size))
            .enumerate()
            .for_each(|(piece, values)| {
                let count = values.len();
                let part = Part {
                    values,
                    stride: 1,
                    keep,
                };
                kernel(piece * size, part, count);
            });
    }
}
