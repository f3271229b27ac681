//! Pooling: the largest or the mean of each window of pixels.

use super::super::recipe::{Pooling, Rounding};
use super::super::shape::{ImageShape, Shape};
use super::Problem;
use super::tape::Tape;
use crate::program::{Combination, Function, Gather, Lists, Map, Maximum, View, Zip};
use std::ops::Range;
use std::sync::Arc;

/// Windows of pixels, channel by channel.
#[derive(Debug)]
pub struct Pool {
    windows: Arc<Lists>,
    mean: Option<Mean>,
    output: Shape,
}

/// How sums become means.
#[derive(Debug)]
enum Mean {
    /// All windows have as many pixels.
    Even(f64),
    /// One over each window's number of pixels.
    Each(Arc<[f64]>),
}

/// The statistic of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::train) enum Of {
    Maximum,
    Mean,
}

impl Pool {
    /// The windows of `pooling` on `input`.
    pub(in crate::train) fn new(of: Of, pooling: &Pooling, input: Shape) -> Result<Pool, Problem> {
        let Shape::Image(image) = input else {
            return Err(Problem::NoImage { found: input });
        };
        let size = pooling.size.sides();
        let stride = pooling.stride.unwrap_or(pooling.size).sides();
        if size.contains(&0) || stride.contains(&0) {
            return Err(Problem::ZeroWindow);
        }
        let spans =
            |axis: usize, pixels: usize| spans(pixels, size[axis], stride[axis], pooling.round);
        let (Some(down), Some(across)) = (spans(0, image.height), spans(1, image.width)) else {
            return Err(Problem::WideWindow { size, found: input });
        };
        Ok(Pool::of_spans(of, image, &down, &across, true))
    }

    /// The mean of each whole channel, as a flat column.
    pub(in crate::train) fn global_mean(input: Shape) -> Result<Pool, Problem> {
        let Shape::Image(image) = input else {
            return Err(Problem::NoImage { found: input });
        };
        let whole = |pixels: usize| std::iter::once(0..pixels).collect::<Vec<_>>();
        let (down, across) = (whole(image.height), whole(image.width));
        let mut pool = Pool::of_spans(Of::Mean, image, &down, &across, true);
        pool.output = Shape::Flat(image.channels);
        Ok(pool)
    }

    fn of_spans(
        of: Of,
        image: ImageShape,
        down: &[Range<usize>],
        across: &[Range<usize>],
        channels_last: bool,
    ) -> Pool {
        let mut windows = Vec::with_capacity(down.len() * across.len() * image.channels);
        for rows in down {
            for columns in across {
                for channel in 0..image.channels {
                    let row = |row| {
                        columns
                            .clone()
                            .map(move |column| image.place(channel, row, column))
                    };
                    windows.push(rows.clone().flat_map(row).collect::<Vec<_>>());
                }
            }
        }
        let first = windows[0].len();
        let even = windows.iter().all(|window| window.len() == first);
        let mean = (of == Of::Mean).then(|| {
            if even {
                Mean::Even(1.0 / first as f64)
            } else {
                Mean::Each(windows.iter().map(|w| 1.0 / w.len() as f64).collect())
            }
        });
        Pool {
            windows: Arc::new(Lists::new(Shape::Image(image).numbers(), windows)),
            mean,
            output: Shape::Image(ImageShape {
                channels: image.channels,
                height: down.len(),
                width: across.len(),
                channels_last,
                vector: false,
            }),
        }
    }

    /// The shape of the output.
    pub(in crate::train) fn output(&self) -> Shape {
        self.output
    }

    /// Writes it down.
    pub(in crate::train) fn emit(&self, tape: &mut Tape<'_>, x: View) -> View {
        let record = &mut *tape.record;
        let windows = Arc::clone(&self.windows);
        let Some(mean) = &self.mean else {
            return record.push(Maximum::new(windows, x));
        };
        let sums = record.push(Gather::new(windows, x));
        match mean {
            Mean::Even(share) => record.push(Map::new(Function::Scale(*share), sums)),
            Mean::Each(shares) => {
                let shares = record.constant("shares", sums.rows, 1, Arc::clone(shares));
                let shares = shares.across_columns(sums.columns);
                record.push(Zip::new(Combination::Multiply, sums, shares))
            }
        }
    }
}

/// The pixels of each window along a side; none if not one window fits. Rounding up, a window counts that
/// begins inside, as in Caffe without padding.
fn spans(pixels: usize, size: usize, stride: usize, round: Rounding) -> Option<Vec<Range<usize>>> {
    let room = pixels.checked_sub(size)?;
    let steps = match round {
        Rounding::Down => room / stride,
        Rounding::Up => room.div_ceil(stride),
    };
    let window = |step: usize| step * stride..(step * stride + size).min(pixels);
    let begun = |span: &Range<usize>| span.start < pixels;
    Some((0..=steps).map(window).filter(begun).collect())
}

#[cfg(test)]
mod tests {
    use super::{Rounding, spans};

    /// Catches windows lost or invented at the end: the counts of Caffe and of PyTorch on 32 pixels.
    #[test]
    fn rounding_up_clips_the_last_window() {
        let down = spans(32, 3, 2, Rounding::Down).unwrap();
        let up = spans(32, 3, 2, Rounding::Up).unwrap();
        assert_eq!((down.len(), up.len()), (15, 16));
        assert_eq!(up[15], 30..32);
        assert_eq!(spans(5, 2, 2, Rounding::Down).unwrap(), [0..2, 2..4]);
        assert_eq!(spans(5, 2, 2, Rounding::Up).unwrap(), [0..2, 2..4, 4..5]);
        // a step wider than the window must not begin one outside
        assert_eq!(spans(4, 1, 3, Rounding::Up).unwrap(), [0..1, 3..4]);
        assert_eq!(spans(5, 2, 4, Rounding::Up).unwrap(), [0..2, 4..5]);
        assert_eq!(spans(4, 2, 4, Rounding::Up).unwrap().len(), 1);
        assert_eq!(spans(2, 3, 1, Rounding::Up), None);
    }
}
