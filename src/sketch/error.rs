//! Why a layer cannot be sketched.

use crate::operator::SmallImage;

/// What the world can get wrong, one sentence each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SketchError {
    /// Activations of another width than the layer's inputs.
    #[error(
        "the inputs have {found} numbers a sample, the layer takes {expected}; choose the layer that they reach"
    )]
    Width {
        /// Numbers a sample.
        found: usize,
        /// Columns of the layer.
        expected: usize,
    },
    /// Images of other channels than the kernel's.
    #[error(
        "the inputs have {found} channels, the kernel {expected}; choose the layer that they reach"
    )]
    Channels {
        /// Channels of the images.
        found: usize,
        /// Channels of the kernel.
        expected: usize,
    },
    /// Activations that are neither samples × numbers nor samples × channels × height × width.
    #[error("inputs of shape {shape:?} are no samples for {layer}; give {wanted}")]
    Inputs {
        /// The shape found.
        shape: Vec<usize>,
        /// What they are for.
        layer: &'static str,
        /// The shape that is needed.
        wanted: &'static str,
    },
    /// A kernel larger than the padded image.
    #[error(transparent)]
    SmallImage(#[from] SmallImage),
    /// No sample.
    #[error("the inputs hold no sample; one at least is needed")]
    NoSamples,
    /// More rows than an ensemble has.
    #[error(
        "a {ensemble} sketch of {dimension} has at most {most} rows, not {rows}; give k of at most {k}, or another ensemble"
    )]
    TooManyRows {
        /// The ensemble's name.
        ensemble: &'static str,
        /// Coordinates sketched.
        dimension: usize,
        /// Most rows.
        most: usize,
        /// Rows asked for.
        rows: usize,
        /// Largest k that has them.
        k: usize,
    },
    /// Images of two dimensions for a kernel of one.
    #[error("a convolution along one dimension meets images of 1xW, not {height}x{width}")]
    TallImage {
        /// Height of the images.
        height: usize,
        /// Their width.
        width: usize,
    },
    /// More memory than there is.
    #[error(
        "its sketches need some {bytes} bytes of memory, more than is free; give a smaller k or l, or fewer threads"
    )]
    Memory {
        /// The bytes.
        bytes: usize,
    },
    /// A device failed at the trials.
    #[error("{device} failed at the trials ({reason}): draw them on the CPU")]
    Device {
        /// The device.
        device: String,
        /// What it says of it.
        reason: String,
    },
    /// A device has not the memory for one trial.
    #[error(
        "{device} refused {bytes} bytes of memory for a trial: draw them on the CPU, or give a smaller k or l"
    )]
    DeviceMemory {
        /// The device.
        device: String,
        /// Bytes that were refused.
        bytes: u64,
    },
    /// The trials of a device are not those of the CPU.
    #[error(
        "the trials of {device} differ by {deviation} from those of the CPU, and single precision explains {bound} only: draw them on the CPU"
    )]
    Inaccurate {
        /// The device.
        device: String,
        /// The largest relative difference.
        deviation: String,
        /// What is explained.
        bound: String,
    },
}
