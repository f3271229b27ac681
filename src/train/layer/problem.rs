//! Why a layer cannot be.

use super::super::shape::Shape;
use super::super::weight::WeightError;
use crate::operator::SmallImage;

/// Why a layer cannot follow what comes before it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Problem {
    /// The weight's own reason.
    #[error(transparent)]
    Weight(#[from] WeightError),
    /// A kernel larger than the image.
    #[error(transparent)]
    SmallImage(#[from] SmallImage),
    /// An image is needed.
    #[error("needs images, but {found} numbers come in; put it before the first linear layer")]
    NoImage {
        /// The shape of the input.
        found: Shape,
    },
    /// A window larger than the image.
    #[error("windows of {}x{} do not fit in {found}", size[0], size[1])]
    WideWindow {
        /// Height and width.
        size: [usize; 2],
        /// The image.
        found: Shape,
    },
    /// A size or step of zero.
    #[error("sizes and strides must be at least 1")]
    ZeroWindow,
    /// A weight that no memory holds.
    #[error("a weight of {rows}x{columns} has more than {most} entries, the most there can be")]
    TooLarge {
        /// Outputs.
        rows: usize,
        /// Inputs.
        columns: usize,
        /// Entries there can be.
        most: usize,
    },
    /// More numbers between layers than memory holds.
    #[error("{found} numbers come out, more than {most}, the most there can be")]
    ManyOutputs {
        /// Numbers.
        found: u128,
        /// Numbers there can be.
        most: usize,
    },
    /// A kernel, stride, padding or window that is no size of an image.
    #[error("a size of {found} pixels is more than {most}, the most there can be")]
    Far {
        /// The size.
        found: usize,
        /// Pixels there can be.
        most: usize,
    },
    /// No outputs.
    #[error("outputs must be at least 1")]
    NoOutputs,
    /// A probability out of range.
    #[error("keep is {keep}; it must lie above 0 and be at most 1")]
    Keep {
        /// The setting.
        keep: f64,
    },
    /// Two layers of one name.
    #[error("another layer is called {name} too; names must differ")]
    Twice {
        /// The name.
        name: String,
    },
    /// Numbers of batch normalisation out of range.
    #[error("epsilon must be positive, and the momentum (newest) lie between 0 and 1")]
    BatchNorm,
    /// Batch normalisation over a single value.
    #[error(
        "has one value in a step to normalise, which minus its mean is 0; train in batches of at least 2 samples, or \
         leave it out"
    )]
    OneValue,
    /// Blocks that do not divide.
    #[error("{blocks} blocks do not divide the {found} numbers that come in")]
    Blocks {
        /// How many.
        blocks: usize,
        /// The shape of the input.
        found: usize,
    },
}
