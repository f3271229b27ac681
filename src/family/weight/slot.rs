//! The position of a weight in a network: its sizes and the geometry of its inputs.

use crate::operator::Kernel;

/// The place of a weight in a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Outputs m; output channels of a convolution.
    pub rows: usize,
    /// Inputs n; of a convolution those of its kernel, channels × height × width.
    pub columns: usize,
    /// The kernel of a convolution.
    pub kernel: Option<Kernel>,
    /// Channels, height and width of what enters a fully connected layer, where it is an image.
    pub image: Option<[usize; 3]>,
}

/// The columns of a weight as images: channels of height × width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::family) struct Planes {
    pub channels: usize,
    pub height: usize,
    pub width: usize,
    /// Columns run over (height, width, channel).
    pub channels_last: bool,
}

impl Slot {
    /// Of a fully connected layer whose inputs are no image.
    #[must_use]
    pub fn plain(rows: usize, columns: usize) -> Slot {
        Slot {
            rows,
            columns,
            kernel: None,
            image: None,
        }
    }

    /// Of a convolution with so many outputs.
    #[must_use]
    pub fn convolution(rows: usize, kernel: Kernel) -> Slot {
        Slot {
            rows,
            columns: kernel.columns(),
            kernel: Some(kernel),
            image: None,
        }
    }

    /// Fan-in and fan-out: the inputs that an output sees, and the outputs that see an input, of a convolution
    /// at all places of the kernel.
    pub(in crate::family) fn fans(&self) -> [usize; 2] {
        [self.columns, self.rows * self.area()]
    }

    /// Places of a convolution's kernel, 1 of a fully connected layer.
    pub(in crate::family) fn area(&self) -> usize {
        self.kernel.map_or(1, |kernel| kernel.area())
    }

    /// What a row of the matrix runs over; one row of pixels where that is no image.
    pub(in crate::family) fn planes(&self) -> Planes {
        let (channels, height, width, channels_last) = match (self.kernel, self.image) {
            (Some(k), _) => (k.channels, k.height, k.width, k.channels_last),
            (None, Some([c, h, w])) => (c, h, w, false),
            (None, None) => (1, 1, self.columns, false),
        };
        Planes {
            channels,
            height,
            width,
            channels_last,
        }
    }

    /// Panics where the parts of the slot contradict each other.
    pub(in crate::family) fn check(&self) {
        let planes = self.planes();
        let inside = planes.channels * planes.height * planes.width;
        assert!(
            inside == self.columns && self.rows > 0 && self.columns > 0,
            "a slot of {}×{} with {planes:?}",
            self.rows,
            self.columns
        );
    }
}

impl Planes {
    /// Pixels of a channel.
    pub fn area(&self) -> usize {
        self.height * self.width
    }

    /// Channel and pixel of a column.
    pub fn place(&self, column: usize) -> (usize, usize) {
        if self.channels_last {
            (column % self.channels, column / self.channels)
        } else {
            (column / self.area(), column % self.area())
        }
    }

    /// The column of a channel's pixel.
    pub fn column(&self, channel: usize, pixel: usize) -> usize {
        if self.channels_last {
            pixel * self.channels + channel
        } else {
            channel * self.area() + pixel
        }
    }
}
