//! A tensor as its file declares it, and as numbers in memory.

use super::composed::Composed;
use super::dtype::Dtype;
use super::kind::Kind;
use std::collections::HashMap;

/// The declaration of a tensor in the header of a file.
#[derive(Debug, Clone)]
pub struct TensorInfo {
    /// The name as stored: not escaped, not shortened. Show it through [`escape`](super::escape).
    pub name: String,
    /// The type it is stored in.
    pub dtype: Dtype,
    /// The dimensions, outermost first.
    pub shape: Vec<usize>,
    /// The tensor, earlier in the list, whose very elements these are.
    pub alias_of: Option<String>,
    /// Remarks: integers, shared storage.
    pub notes: Vec<String>,
    /// Why this tensor alone cannot be read, when it cannot.
    pub unreadable: Option<String>,
    /// The kind.
    pub kind: Kind,
    /// The name of the weight in whose computation it is the first, and how that is computed.
    pub(super) composed: Option<(String, Box<Composed>)>,
    pub(super) big_endian: bool,
    /// Whether the numbers are those that are stored with the other sign.
    pub(super) negated: bool,
    pub(super) layout: Layout,
    pub(super) locator: Locator,
}

/// The order in which the elements of a tensor are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Layout {
    /// Last index fastest, without gaps.
    RowMajor,
    /// Steps, in elements, between neighbours along each dimension, and the number of elements
    /// from the first to the last.
    Strided { strides: Vec<usize>, extent: usize },
}

impl Layout {
    /// First index fastest: Fortran order.
    pub(super) fn column_major(shape: &[usize]) -> Layout {
        if shape.contains(&0) {
            return Layout::RowMajor;
        }
        let mut strides = Vec::with_capacity(shape.len());
        let mut step = 1;
        for &dimension in shape {
            strides.push(step);
            step *= dimension;
        }
        Layout::strided(shape, strides, step)
    }

    /// `RowMajor` when the strides say no more than that. No dimension is 0.
    pub(super) fn strided(shape: &[usize], strides: Vec<usize>, extent: usize) -> Layout {
        let mut step = 1;
        let mut row_major = true;
        for (&dimension, &stride) in shape.iter().zip(&strides).rev() {
            row_major &= dimension == 1 || stride == step;
            step *= dimension;
        }
        if row_major {
            Layout::RowMajor
        } else {
            Layout::Strided { strides, extent }
        }
    }

    /// Elements from the first to the last, both included.
    pub(super) fn extent(&self, count: usize) -> usize {
        match self {
            Layout::RowMajor => count,
            Layout::Strided { extent, .. } => *extent,
        }
    }
}

/// The location of the bytes of a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Locator {
    /// At this offset of the file.
    Bytes { offset: u64 },
    /// In this member of the archive, after `skip` bytes.
    Member { index: usize, skip: u64 },
    /// Among the bytes that the reader has kept.
    Held { index: usize },
    /// In memory that a program holds: this tensor of its list.
    Memory { index: usize },
    /// In chunks, of which the reader keeps a list.
    Chunks { index: usize },
    /// In this tensor of this shard.
    Shard { shard: usize, index: usize },
}

impl TensorInfo {
    pub(super) fn new(name: String, dtype: Dtype, shape: Vec<usize>, locator: Locator) -> Self {
        TensorInfo {
            notes: dtype.note().into_iter().collect(),
            name,
            dtype,
            shape,
            alias_of: None,
            unreadable: None,
            kind: Kind::Weight,
            composed: None,
            big_endian: false,
            negated: false,
            layout: Layout::RowMajor,
            locator,
        }
    }

    /// Makes the row of a tensor that cannot be read, for this reason; its type and shape are not known.
    pub(super) fn unreadable(name: String, reason: String) -> Self {
        let nowhere = Locator::Bytes { offset: 0 };
        TensorInfo {
            unreadable: Some(reason),
            ..TensorInfo::new(name, Dtype::Other("unknown".into()), Vec::new(), nowhere)
        }
    }

    /// Returns whether its numbers are computed from several stored tensors.
    pub fn is_composed(&self) -> bool {
        self.composed.is_some()
    }

    /// Number of elements, at most 2^64 - 1: the shape of a tensor that cannot be read is not
    /// checked.
    pub fn len(&self) -> usize {
        if self.is_empty() {
            0
        } else {
            self.shape.iter().fold(1, |n, &d| n.saturating_mul(d))
        }
    }

    /// Whether a dimension is 0.
    pub fn is_empty(&self) -> bool {
        self.shape.contains(&0)
    }
}

/// A tensor in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Dimensions, outermost first.
    pub shape: Vec<usize>,
    /// Elements in row-major (C) order, whatever the order of the file.
    pub data: Vec<f64>,
}

/// Entries that are not numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NonFinite {
    /// How many entries are NaN or infinite.
    pub count: usize,
    /// Row-major index of the first.
    pub first: usize,
}

impl NonFinite {
    /// Looks through `data`; `None` when every entry is finite.
    pub fn find(data: &[f64]) -> Option<NonFinite> {
        // x * 0 is 0 for a finite x and NaN for any other: a sum the compiler can vectorise.
        let clean = data
            .chunks(4096)
            .all(|chunk| chunk.iter().map(|x| x * 0.0).sum::<f64>() == 0.0);
        if clean {
            return None;
        }
        let first = data.iter().position(|x| !x.is_finite())?;
        let count = data[first..].iter().filter(|x| !x.is_finite()).count();
        Some(NonFinite { count, first })
    }
}

/// Gives a number to the later ones of tensors that have one name: two paths may spell it alike.
pub(super) fn number_repeated(tensors: &mut [TensorInfo]) {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let counts: Vec<usize> = tensors
        .iter()
        .map(|info| {
            let count = seen.entry(&info.name).or_insert(0);
            *count += 1;
            *count
        })
        .collect();
    for (info, count) in tensors.iter_mut().zip(counts) {
        if count > 1 {
            info.notes.push("another tensor has the same name".into());
            info.name = format!("{}#{count}", info.name);
        }
    }
}

/// The product of the dimensions, when it and `size` times it fit in 64 bits.
pub(super) fn byte_length(shape: &[u64], size: u64) -> Option<u64> {
    if shape.contains(&0) {
        return Some(0);
    }
    shape
        .iter()
        .try_fold(size, |product, &dimension| product.checked_mul(dimension))
}

/// The dimensions as this machine's integers.
pub(super) fn to_shape(shape: &[u64]) -> Option<Vec<usize>> {
    shape.iter().map(|&d| usize::try_from(d).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn non_finite_entries_are_counted_and_the_first_is_named() {
        let mut data = vec![1e308; 10_000];
        assert_eq!(NonFinite::find(&data), None);
        data[4097] = f64::NEG_INFINITY;
        data[9000] = f64::NAN;
        assert_eq!(
            NonFinite::find(&data),
            Some(NonFinite {
                count: 2,
                first: 4097
            })
        );
        assert_eq!(NonFinite::find(&[]), None);
    }

    /// 2^32 · 2^32 · 4 wraps to 0 in 64 bits; a zero dimension excuses any other.
    #[test]
    fn a_product_that_wraps_is_noticed() {
        assert_eq!(byte_length(&[1 << 32, 1 << 32], 4), None);
        assert_eq!(byte_length(&[u64::MAX, 0, u64::MAX], 4), Some(0));
        assert_eq!(byte_length(&[], 8), Some(8));
    }
}
