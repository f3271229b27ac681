//! Boxes of a tensor: how they tile it, and how their numbers come to their places.

use crate::weights::error::Fault;

/// A box of a tensor.
#[derive(Debug, Clone)]
pub(super) struct Chunk {
    /// The first element.
    pub(super) corner: Vec<usize>,
    pub(super) sizes: Vec<usize>,
    /// Index of its file.
    pub(super) file: usize,
    pub(super) offset: u64,
    pub(super) length: u64,
}

/// Checks that the chunks lie inside the tensor, do not overlap and leave no hole.
pub(super) fn check_tiling(shape: &[usize], chunks: &[Chunk]) -> Result<(), Fault> {
    let mut covered: usize = 0;
    for chunk in chunks {
        let fits = chunk.corner.len() == shape.len() && chunk.sizes.len() == shape.len();
        let inside = fits
            && (chunk.corner.iter().zip(&chunk.sizes).zip(shape))
                .all(|((&at, &size), &d)| at.checked_add(size).is_some_and(|end| end <= d));
        if !inside {
            return Err(Fault::malformed(format!(
                "its chunk of {:?} at {:?} reaches outside its shape {shape:?}",
                chunk.sizes, chunk.corner
            )));
        }
        covered = covered.saturating_add(chunk.sizes.iter().product());
    }
    let overlap = chunks.iter().enumerate().find_map(|(number, one)| {
        let later = chunks[number + 1..].iter();
        later
            .clone()
            .find(|other| one.meets(other))
            .map(|other| (one, other))
    });
    if let Some((one, other)) = overlap {
        return Err(Fault::malformed(format!(
            "its chunks at {:?} and {:?} overlap",
            one.corner, other.corner
        )));
    }
    let whole: usize = shape.iter().product();
    if covered == whole {
        Ok(())
    } else {
        Err(Fault::malformed(format!(
            "its chunks hold {covered} of its {whole} numbers"
        )))
    }
}

impl Chunk {
    /// Returns whether the boxes share an element.
    fn meets(&self, other: &Chunk) -> bool {
        let (one, two) = (
            self.corner.iter().zip(&self.sizes),
            other.corner.iter().zip(&other.sizes),
        );
        one.zip(two)
            .all(|((a, m), (b, n))| a < &(b + n) && b < &(a + m))
    }

    /// Copies the numbers `part` of the box, row by row, to their places in the tensor of `shape`.
    pub(super) fn copy(&self, part: &[f64], shape: &[usize], data: &mut [f64]) {
        let width = self.sizes.last().copied().unwrap_or(1);
        for (number, row) in part.chunks(width.max(1)).enumerate() {
            // The row's index in the box, innermost dimension but one first.
            let mut rest = number;
            let mut at = self.corner.last().copied().unwrap_or(0);
            let mut step = shape.last().copied().unwrap_or(1);
            for axis in (0..shape.len().saturating_sub(1)).rev() {
                at += (self.corner[axis] + rest % self.sizes[axis]) * step;
                rest /= self.sizes[axis];
                step *= shape[axis];
            }
            data[at..at + row.len()].copy_from_slice(row);
        }
    }
}
