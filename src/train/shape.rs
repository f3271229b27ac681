//! Shapes of the data between layers.

use crate::program::Lists;
use std::fmt;
use std::sync::Arc;

/// A sample between two layers: a column of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// So many numbers.
    Flat(usize),
    /// An image.
    Image(ImageShape),
}

/// An image in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageShape {
    /// Channels.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// The channels of a pixel lie side by side; otherwise the pixels of a channel do.
    pub channels_last: bool,
    /// The one row is no picture but a vector of the data: numbers without neighbours, each a feature of its own.
    pub vector: bool,
}

impl Shape {
    /// Numbers of a sample.
    pub fn numbers(&self) -> usize {
        match self {
            Shape::Flat(count) => *count,
            Shape::Image(image) => image.channels * image.height * image.width,
        }
    }

    /// Counts what has a scale and a shift of its own: the channels of an image, the numbers of a vector.
    pub(super) fn features(&self) -> usize {
        match self {
            Shape::Flat(count) => *count,
            Shape::Image(image) if image.vector => image.width,
            Shape::Image(image) => image.channels,
        }
    }
}

impl ImageShape {
    /// The place of a channel's pixel in the column.
    pub fn place(&self, channel: usize, row: usize, column: usize) -> usize {
        if self.channels_last {
            (row * self.width + column) * self.channels + channel
        } else {
            (channel * self.height + row) * self.width + column
        }
    }

    /// The order that takes the image pixel by pixel, its channels side by side.
    pub(super) fn pixel_by_pixel(&self) -> Arc<Lists> {
        let pixels = (0..self.height).flat_map(|row| (0..self.width).map(move |c| (row, c)));
        let places = pixels
            .flat_map(|pixel| (0..self.channels).map(move |channel| (channel, pixel)))
            .map(|(channel, (row, column))| Some(self.place(channel, row, column)));
        let count = Shape::Image(*self).numbers();
        Arc::new(Lists::from_table(count, places))
    }

    /// The order that takes the image channel by channel; none if it lies so.
    pub(super) fn channel_by_channel(&self) -> Option<Arc<Lists>> {
        if !self.channels_last || self.channels == 1 || self.height * self.width == 1 {
            return None;
        }
        let pixels = (0..self.height).flat_map(|row| (0..self.width).map(move |c| (row, c)));
        let places = (0..self.channels)
            .flat_map(|channel| pixels.clone().map(move |pixel| (channel, pixel)))
            .map(|(channel, (row, column))| Some(self.place(channel, row, column)));
        let count = Shape::Image(*self).numbers();
        Some(Arc::new(Lists::from_table(count, places)))
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Flat(count) => write!(f, "{count}"),
            Shape::Image(image) => {
                let ImageShape {
                    channels,
                    height,
                    width,
                    ..
                } = image;
                write!(f, "{channels}x{height}x{width}")
            }
        }
    }
}
