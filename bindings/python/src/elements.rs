//! The elements of an array in row-major order, whatever their order in memory.

use crate::view::View;
use std::borrow::Borrow;
use std::io::{self, Read};

/// Bytes gathered at a time.
const CHUNK: usize = 1 << 16;

/// Reads the elements of a view, or of a matrix of it, in row-major order, little-endian.
pub struct Elements<V> {
    view: V,
    /// Bytes from the first element of the view to the first that is read.
    offset: isize,
    /// Dimensions before those that are read.
    outer: usize,
    /// Elements that are read in all.
    count: usize,
    /// Elements that were read, or gathered.
    done: usize,
    /// Whether they lie as they are read.
    is_plain: bool,
    /// Those that were gathered, and how many bytes of them were read.
    gathered: Vec<u8>,
    taken: usize,
}

/// Returns the elements of a view of 64-bit floats.
pub fn doubles(view: &View) -> Vec<f64> {
    let mut bytes = Vec::new();
    Elements::new(view)
        .read_to_end(&mut bytes)
        .expect("memory can be read");
    let (numbers, _) = bytes.as_chunks();
    let numbers = numbers.iter();
    numbers.map(|bytes| f64::from_le_bytes(*bytes)).collect()
}

impl<V: Borrow<View>> Elements<V> {
    pub fn new(view: V) -> Elements<V> {
        let of = view.borrow();
        let is_little = of.is_swapped == cfg!(target_endian = "big");
        Elements {
            is_plain: is_little && of.is_row_major(),
            count: of.len(),
            view,
            offset: 0,
            outer: 0,
            done: 0,
            gathered: Vec::new(),
            taken: 0,
        }
    }

    /// Reads the elements of the last two dimensions only, from `offset` bytes behind the first element on, in this
    /// machine's order of bytes.
    pub fn of_matrix(view: V, offset: isize) -> Elements<V> {
        let outer = view.borrow().shape.len() - 2;
        let count = view.borrow().shape[outer..].iter().product();
        Elements {
            is_plain: false,
            count,
            offset,
            outer,
            ..Elements::new(view)
        }
    }

    /// Gathers the next elements.
    fn gather(&mut self) {
        let view = self.view.borrow();
        let size = view.dtype.size().unwrap_or(1);
        let is_little = view.is_swapped == cfg!(target_endian = "big");
        let count = (CHUNK / size).min(self.count - self.done);
        self.gathered.clear();
        self.taken = 0;
        let (width, step) = match (view.shape.last(), view.strides.last()) {
            (Some(&width), Some(&step)) => (width, step),
            _ => (1, 0),
        };
        let mut left = count;
        while left > 0 {
            let (row, column) = (self.done / width, self.done % width);
            let run = left.min(width - column);
            let row = row_offset(&view.shape[self.outer..], &view.strides[self.outer..], row);
            let start = self.offset + row + column as isize * step;
            for place in 0..run {
                let element = view.at(start + place as isize * step);
                // SAFETY: an element of the view, of `size` bytes; no alignment is needed of bytes.
                let bytes = unsafe { std::slice::from_raw_parts(element, size) };
                if is_little {
                    self.gathered.extend_from_slice(bytes);
                } else {
                    self.gathered.extend(bytes.iter().rev());
                }
            }
            self.done += run;
            left -= run;
        }
    }
}

/// Returns how many bytes from the first element row `row` begins, rows counted through all dimensions but the last.
fn row_offset(shape: &[usize], strides: &[isize], row: usize) -> isize {
    let outer = shape.len().saturating_sub(1);
    let mut rest = row;
    let mut offset = 0;
    for (&n, &step) in shape[..outer].iter().zip(&strides[..outer]).rev() {
        offset += (rest % n) as isize * step;
        rest /= n;
    }
    offset
}

impl<V: Borrow<View>> Read for Elements<V> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let view = self.view.borrow();
        let size = view.dtype.size().unwrap_or(1);
        if self.is_plain {
            // `done` counts bytes here: a reader may ask for parts of elements.
            let left = self.count * size - self.done;
            let count = left.min(buffer.len());
            if count > 0 {
                let from = view.at(self.done as isize);
                // SAFETY: the elements lie in one piece, of which `left` bytes follow.
                buffer[..count].copy_from_slice(unsafe { std::slice::from_raw_parts(from, count) });
                self.done += count;
            }
            return Ok(count);
        }
        if self.taken == self.gathered.len() && self.done < self.count {
            self.gather();
        }
        let ready = &self.gathered[self.taken..];
        let count = ready.len().min(buffer.len());
        buffer[..count].copy_from_slice(&ready[..count]);
        self.taken += count;
        Ok(count)
    }
}
