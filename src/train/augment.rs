//! Training samples that differ each time they are met.

use super::error::TrainError;
use super::recipe::Augment;
use crate::random::Stream;
use rand::RngExt;

/// The path of the random streams of a sample that is met.
const MET: u64 = 0x6175_676d;

/// Moves and mirrors training samples, each time otherwise.
///
/// The transformation of a sample is drawn from the stream of path (MET, pass over the data, position in the pass), so any
/// step can be asked for at any time.
pub(super) struct Augmentation {
    settings: Augment,
    seed: u64,
    /// Samples of a pass.
    samples: u64,
    /// Channels, height, width.
    shape: [usize; 3],
    /// The image before its change.
    before: Vec<f32>,
}

/// The transformation of one image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Change {
    /// Pixel (i, j) is taken from row `i + down` …
    down: isize,
    /// … and column `j + right`.
    right: isize,
    /// Columns are counted from the right.
    mirrored: bool,
}

impl Augmentation {
    /// Changes images of `shape` as `settings` says, `samples` in a pass.
    ///
    /// # Errors
    ///
    /// [`TrainError::Augment`] for samples that are no images, or that could be moved out of sight.
    pub fn new(
        settings: Augment,
        seed: u64,
        samples: usize,
        shape: [usize; 3],
    ) -> Result<Augmentation, TrainError> {
        let [_, height, width] = shape;
        let shortest = height.min(width);
        if shortest < 2 || settings.padding >= shortest {
            let padding = settings.padding;
            return Err(TrainError::Augment { padding, shape });
        }
        Ok(Augmentation {
            settings,
            seed,
            samples: samples as u64,
            shape,
            before: vec![0.0; shape.iter().product()],
        })
    }

    /// Changes the images `x`, which lie one after the other and are met from step `iteration` on.
    pub fn apply(&mut self, iteration: u64, x: &mut [f32]) {
        let features = self.before.len();
        let start = u128::from(iteration) * (x.len() / features) as u128;
        for (place, image) in (start..).zip(x.chunks_exact_mut(features)) {
            let samples = u128::from(self.samples);
            let (pass, position) = ((place / samples) as u64, (place % samples) as u64);
            let change = self.drawn(pass, position);
            self.before.copy_from_slice(image);
            change.write(&self.before, self.shape, image);
        }
    }

    fn drawn(&self, pass: u64, position: u64) -> Change {
        let mut stream = Stream::new(self.seed, &[MET, pass, position]);
        let far = self.settings.padding as i64;
        let mut offset = || stream.random_range(-far..=far) as isize;
        let (down, right) = (offset(), offset());
        Change {
            down,
            right,
            mirrored: self.settings.flip && stream.uniform() < 0.5,
        }
    }
}

impl Change {
    /// Writes the changed image of `shape` to `after`, zero where nothing of `before` comes to lie.
    fn write(self, before: &[f32], shape: [usize; 3], after: &mut [f32]) {
        let [_, height, width] = shape;
        let planes = before.chunks_exact(height * width);
        for (before, after) in planes.zip(after.chunks_exact_mut(height * width)) {
            for (i, after) in after.chunks_exact_mut(width).enumerate() {
                let row = i.checked_add_signed(self.down);
                let Some(row) = row.filter(|row| *row < height) else {
                    after.fill(0.0);
                    continue;
                };
                let before = &before[row * width..][..width];
                for (j, after) in after.iter_mut().enumerate() {
                    let j = if self.mirrored { width - 1 - j } else { j };
                    let column = j.checked_add_signed(self.right);
                    let pixel = column.and_then(|column| before.get(column));
                    *after = pixel.copied().unwrap_or(0.0);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Augment, Augmentation, Change};
    use crate::random::Stream;

    const SHAPE: [usize; 3] = [2, 5, 4];

    fn augmentation(padding: usize, flip: bool, samples: usize) -> Augmentation {
        Augmentation::new(Augment { padding, flip }, 9, samples, SHAPE).unwrap()
    }

    fn image(seed: u64) -> Vec<f32> {
        let mut stream = Stream::new(seed, &[]);
        (0..40).map(|_| stream.normal() as f32).collect()
    }

    /// The image in a frame of zeros `far` wide, mirrored, then cropped, pixel by pixel.
    fn reference(image: &[f32], change: Change, far: usize) -> Vec<f32> {
        let [channels, height, width] = SHAPE;
        let (high, wide) = (height + 2 * far, width + 2 * far);
        let mut cropped = Vec::new();
        for channel in 0..channels {
            let mut framed = vec![vec![0.0; wide]; high];
            for i in 0..height {
                for j in 0..width {
                    framed[far + i][far + j] = image[(channel * height + i) * width + j];
                }
            }
            let top = (far as isize + change.down) as usize;
            let left = (far as isize + change.right) as usize;
            for row in &framed[top..top + height] {
                let mut row = row[left..left + width].to_vec();
                if change.mirrored {
                    row.reverse();
                }
                cropped.extend(row);
            }
        }
        cropped
    }

    /// Catches a shift in the wrong direction or over the edge of a row or channel, and a mirror that loses a column.
    #[test]
    fn changes_are_those_of_a_framed_image() {
        let image = image(1);
        for down in -3..=3 {
            for right in -3..=3 {
                for mirrored in [false, true] {
                    let change = Change {
                        down,
                        right,
                        mirrored,
                    };
                    let mut after = vec![f32::NAN; image.len()];
                    change.write(&image, SHAPE, &mut after);
                    assert_eq!(after, reference(&image, change, 3), "{change:?}");
                }
            }
        }
    }

    /// Catches offsets that are not uniform, that depend on each other or on the mirror: 18,000 draws of 18 equally
    /// likely changes, each count within five standard deviations (31) of 1,000.
    #[test]
    fn changes_are_equally_likely() {
        let augmentation = augmentation(1, true, 1000);
        let mut counts = std::collections::HashMap::new();
        for pass in 0..18 {
            for position in 0..1000 {
                let Change {
                    down,
                    right,
                    mirrored,
                } = augmentation.drawn(pass, position);
                *counts.entry((down, right, mirrored)).or_insert(0_i32) += 1;
            }
        }
        assert_eq!(counts.len(), 18);
        assert!(
            counts.values().all(|count| (count - 1000).abs() < 155),
            "{counts:?}"
        );
    }

    /// Catches a mirror that is not asked for, and offsets without padding.
    #[test]
    fn only_what_is_asked_for() {
        let still = augmentation(0, true, 10);
        let upright = augmentation(3, false, 10);
        for position in 0..100 {
            let change = still.drawn(0, position);
            assert_eq!((change.down, change.right), (0, 0));
            assert!(!upright.drawn(0, position).mirrored);
        }
    }

    /// Catches changes that depend on the steps asked for before, on the batch, or that come again in the next pass.
    #[test]
    fn any_step_can_be_asked_for() {
        // 3 passes over 8 samples in steps of 6 and of 12
        let images: Vec<f32> = (0..24).flat_map(|i| image(i % 8)).collect();
        let changed = |batch: usize, steps: &[u64]| {
            let mut augmentation = augmentation(2, true, 8);
            let mut all = images.clone();
            for &step in steps {
                let range = step as usize * batch * 40..(step as usize + 1) * batch * 40;
                augmentation.apply(step, &mut all[range]);
            }
            all
        };
        let expected = changed(6, &[0, 1, 2, 3]);
        assert_eq!(changed(6, &[2, 0, 3, 1]), expected);
        assert_eq!(changed(12, &[0, 1]), expected);
        let passes: Vec<&[f32]> = expected.chunks_exact(8 * 40).collect();
        assert!(passes[0] != passes[1] && passes[1] != passes[2]);
    }
}
