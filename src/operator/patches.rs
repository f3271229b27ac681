//! Convolutions as matrices: the patches of images that a kernel meets, one a column (im2col).

use crate::weights::ViewRules;
use std::ops::Range;

/// A kernel larger than the padded image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a kernel of {height}x{width} does not fit in images of {rows}x{columns} with padding {padding}"
)]
pub struct SmallImage {
    /// Height of the kernel.
    pub height: usize,
    /// The width.
    pub width: usize,
    /// Rows of the image.
    pub rows: usize,
    /// The columns.
    pub columns: usize,
    /// Zeros around it.
    pub padding: usize,
}

/// A convolution kernel whose matrix has a column for each channel and place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kernel {
    /// Input channels.
    pub channels: usize,
    /// Height.
    pub height: usize,
    /// Width.
    pub width: usize,
    /// Columns run over (height, width, channel) instead of (channel, height, width).
    pub channels_last: bool,
}

/// Where a kernel is laid on an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    /// Height and width of the images.
    pub image: [usize; 2],
    /// Step between places, down and across.
    pub stride: [usize; 2],
    /// Zeros around the image, above and below, left and right.
    pub padding: [usize; 2],
    /// Pixels run over (height, width, channel) instead of (channel, height, width).
    pub channels_last: bool,
}

impl Kernel {
    /// The kernel that a tensor of this shape is: (out, in, h, w), or (h, w, in, out) with `in_out`; three
    /// dimensions with `conv1d`. A tensor that is transposed by request is none.
    #[must_use]
    pub fn of(shape: &[usize], rules: &ViewRules) -> Option<Kernel> {
        let (channels, height, width) = match *shape {
            _ if rules.transpose || rules.depthwise || rules.heads.is_some() => return None,
            [h, w, c, _] if rules.in_out => (c, h, w),
            [_, c, h, w] => (c, h, w),
            [w, c, _] if rules.conv1d && rules.in_out => (c, 1, w),
            [_, c, w] if rules.conv1d => (c, 1, w),
            _ => return None,
        };
        Some(Kernel {
            channels,
            height,
            width,
            channels_last: rules.in_out,
        })
    }

    /// Places of the kernel.
    #[must_use]
    pub fn area(&self) -> usize {
        self.height * self.width
    }

    /// Columns of its matrix.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.channels * self.area()
    }

    /// The column of a channel at a place.
    fn column(&self, channel: usize, y: usize, x: usize) -> usize {
        let place = y * self.width + x;
        if self.channels_last {
            place * self.channels + channel
        } else {
            channel * self.area() + place
        }
    }
}

impl Geometry {
    /// Rows and columns of places for `kernel`.
    ///
    /// # Errors
    ///
    /// [`SmallImage`].
    pub fn places(&self, kernel: &Kernel) -> Result<[usize; 2], SmallImage> {
        let along = |axis: usize, kernel: usize| {
            let padded = self.padding[axis]
                .checked_mul(2)?
                .checked_add(self.image[axis])?;
            Some(padded.checked_sub(kernel)? / self.stride[axis] + 1)
        };
        let [rows, columns] = self.image;
        let places = along(0, kernel.height).zip(along(1, kernel.width));
        let (down, across) = places.ok_or(SmallImage {
            height: kernel.height,
            width: kernel.width,
            rows,
            columns,
            padding: self.padding[1],
        })?;
        Ok([down, across])
    }

    /// At how many places each column of the kernel's matrix meets a pixel rather than padding.
    ///
    /// # Errors
    ///
    /// [`SmallImage`].
    pub fn meetings(&self, kernel: &Kernel) -> Result<Vec<f64>, SmallImage> {
        let places = self.places(kernel)?;
        let along = |axis: usize, offset: usize| self.meeting(axis, places[axis], offset, 1).len();
        let mut meetings = vec![0.0; kernel.columns()];
        for y in 0..kernel.height {
            for x in 0..kernel.width {
                let count = along(0, y) as f64 * along(1, x) as f64;
                for channel in 0..kernel.channels {
                    meetings[kernel.column(channel, y, x)] = count;
                }
            }
        }
        Ok(meetings)
    }

    /// The rows and columns of places at which the kernel meets any pixel.
    ///
    /// # Errors
    ///
    /// [`SmallImage`].
    pub fn meeting_places(&self, kernel: &Kernel) -> Result<[Range<usize>; 2], SmallImage> {
        let [down, across] = self.places(kernel)?;
        Ok([
            self.meeting(0, down, 0, kernel.height),
            self.meeting(1, across, 0, kernel.width),
        ])
    }

    /// For each column of the kernel's matrix the number of the pixel that it meets at one place; none in
    /// the padding.
    ///
    /// # Panics
    ///
    /// When `columns` are not as many.
    pub fn place(
        &self,
        kernel: &Kernel,
        [down, across]: [usize; 2],
        columns: &mut [Option<usize>],
    ) {
        assert_eq!(columns.len(), kernel.columns(), "place: columns");
        for y in 0..kernel.height {
            for x in 0..kernel.width {
                let met = self.pixel(0, down, y).zip(self.pixel(1, across, x));
                for channel in 0..kernel.channels {
                    let number = |(row, column)| self.number(kernel, channel, row, column);
                    columns[kernel.column(channel, y, x)] = met.map(number);
                }
            }
        }
    }

    /// [`place`](Geometry::place) for all places, row by row.
    ///
    /// # Errors
    ///
    /// [`SmallImage`].
    pub fn sources(&self, kernel: &Kernel) -> Result<Vec<Option<usize>>, SmallImage> {
        let [down, across] = self.places(kernel)?;
        let mut sources = vec![None; down * across * kernel.columns()];
        for (place, columns) in sources.chunks_exact_mut(kernel.columns()).enumerate() {
            self.place(kernel, [place / across, place % across], columns);
        }
        Ok(sources)
    }

    /// Of the first `places` along an axis those at which the offsets from `first`, `count` of them, meet a pixel.
    fn meeting(&self, axis: usize, places: usize, first: usize, count: usize) -> Range<usize> {
        let (stride, padding) = (self.stride[axis], self.padding[axis]);
        let start = padding.saturating_sub(first + count - 1).div_ceil(stride);
        let end = (padding + self.image[axis])
            .saturating_sub(first)
            .div_ceil(stride);
        start.min(end).min(places)..end.min(places)
    }

    /// Pixels of an image, those of all channels.
    #[must_use]
    pub fn pixels(&self, kernel: &Kernel) -> usize {
        self.image[0] * self.image[1] * kernel.channels
    }

    fn number(&self, kernel: &Kernel, channel: usize, row: usize, column: usize) -> usize {
        let [height, width] = self.image;
        if self.channels_last {
            (row * width + column) * kernel.channels + channel
        } else {
            (channel * height + row) * width + column
        }
    }

    /// The pixel along an axis that a kernel at `place` meets at `offset`.
    fn pixel(&self, axis: usize, place: usize, offset: usize) -> Option<usize> {
        let padded = place * self.stride[axis] + offset;
        let pixel = padded.checked_sub(self.padding[axis])?;
        (pixel < self.image[axis]).then_some(pixel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    /// A convolution by its definition, one sum a place: catches a transposed kernel or image, and padding or
    /// stride off by one.
    #[test]
    fn patches_times_the_kernel_are_the_convolution() {
        let mut stream = Stream::new(1, &[2]);
        for (stride, padding, channels_last) in
            [(1, 0, false), (2, 1, false), (3, 2, true), (2, 7, true)]
        {
            let padding = [padding, padding / 2];
            let kernel = Kernel {
                channels: 2,
                height: 3,
                width: 2,
                channels_last,
            };
            let geometry = Geometry {
                image: [7, 5],
                stride: [stride, stride],
                padding,
                channels_last,
            };
            let image: Vec<f64> = (0..70).map(|_| stream.normal()).collect();
            let weights: Vec<f64> = (0..12).map(|_| stream.normal()).collect();
            let sources = geometry.sources(&kernel).unwrap();
            let pixel = |source: &Option<usize>| source.map_or(0.0, |source| image[source]);
            let patches: Vec<f64> = sources.iter().map(pixel).collect();
            let [down, across] = geometry.places(&kernel).unwrap();
            assert_eq!(patches.len(), down * across * 12);
            let mut met = vec![0.0; 12];
            let any = geometry.meeting_places(&kernel).unwrap();
            for (place, columns) in sources.chunks_exact(12).enumerate() {
                let inside =
                    any[0].contains(&(place / across)) && any[1].contains(&(place % across));
                assert_eq!(inside, columns.iter().any(Option::is_some), "{place}");
                let pairs = met.iter_mut().zip(columns);
                pairs.for_each(|(met, source)| *met += f64::from(u8::from(source.is_some())));
            }
            assert_eq!(geometry.meetings(&kernel).unwrap(), met);
            for place in 0..down * across {
                let (top, left) = (place / across * stride, place % across * stride);
                let mut expected = 0.0;
                for channel in 0..2 {
                    for (y, x) in (0..3).flat_map(|y| [(y, 0), (y, 1)]) {
                        let column = if channels_last {
                            (y * 2 + x) * 2 + channel
                        } else {
                            (channel * 3 + y) * 2 + x
                        };
                        let (row, col) = (top + y, left + x);
                        let inside = (padding[0]..padding[0] + 7).contains(&row)
                            && (padding[1]..padding[1] + 5).contains(&col);
                        if inside {
                            let (row, col) = (row - padding[0], col - padding[1]);
                            let pixel = if channels_last {
                                (row * 5 + col) * 2 + channel
                            } else {
                                (channel * 7 + row) * 5 + col
                            };
                            expected += weights[column] * image[pixel];
                        }
                    }
                }
                let patch = &patches[place * 12..(place + 1) * 12];
                let found: f64 = patch.iter().zip(&weights).map(|(a, b)| a * b).sum();
                assert!(
                    (found - expected).abs() < 1e-13,
                    "{place}: {found} {expected}"
                );
            }
        }
    }

    #[test]
    fn a_kernel_larger_than_the_image_is_refused() {
        let kernel = Kernel {
            channels: 1,
            height: 5,
            width: 5,
            channels_last: false,
        };
        let geometry = Geometry {
            image: [2, 9],
            stride: [1, 1],
            padding: [1, 1],
            channels_last: false,
        };
        let error = geometry.places(&kernel).unwrap_err().to_string();
        assert!(error.contains("5x5") && error.contains("2x9"), "{error}");
    }
}
