//! Labelled samples in memory.

use super::origin::Origin;
use super::split::spreading_step;

/// Labelled images in two parts: to train on and to test with.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The name of a known set, else that of the folder or file.
    pub name: String,
    /// To train on.
    pub train: Samples,
    /// To test with.
    pub test: Samples,
    /// Number of classes; every label is below it.
    pub classes: usize,
    /// The names of the classes, in the order of the labels; empty where nothing says.
    pub class_names: Vec<String>,
    /// The files it was read from and how it was split.
    pub origin: Origin,
}

/// Samples of one shape, each with its label.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    /// Channels, height, width; `[1, 1, n]` where samples are plain vectors.
    pub shape: [usize; 3],
    /// `len × features` numbers.
    pub pixels: Pixels,
    /// One class a sample.
    pub labels: Vec<u16>,
}

/// Numbers sample after sample; within one channel by channel, each row by row.
#[derive(Debug, Clone, PartialEq)]
pub enum Pixels {
    /// 0 to 255.
    Bytes(Vec<u8>),
    /// Finite numbers of any range.
    Floats(Vec<f32>),
}

impl Samples {
    /// Number of samples.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Numbers in one sample: channels · height · width.
    pub fn features(&self) -> usize {
        self.shape.iter().product()
    }

    /// Bytes of memory that pixels and labels take.
    pub fn bytes(&self) -> usize {
        let pixels = match &self.pixels {
            Pixels::Bytes(bytes) => bytes.len(),
            Pixels::Floats(floats) => size_of_val(&floats[..]),
        };
        pixels + size_of_val(&self.labels[..])
    }

    /// Writes sample `index` to `out`, its numbers as they are: bytes from 0 to 255, not scaled.
    ///
    /// # Panics
    /// When there is no sample `index`, or `out` has not [`features`](Self::features) entries.
    pub fn sample_into(&self, index: usize, out: &mut [f64]) {
        let (count, features) = (self.len(), self.features());
        assert!(index < count, "sample_into: sample {index} of {count}");
        assert_eq!(
            out.len(),
            features,
            "sample_into: {} entries for a sample of {features}",
            out.len()
        );
        let range = index * features..(index + 1) * features;
        match &self.pixels {
            Pixels::Bytes(bytes) => {
                for (x, &byte) in out.iter_mut().zip(&bytes[range]) {
                    *x = f64::from(byte);
                }
            }
            Pixels::Floats(floats) => {
                for (x, &float) in out.iter_mut().zip(&floats[range]) {
                    *x = f64::from(float);
                }
            }
        }
    }

    /// Puts the samples in an order in which those that lay together are spread evenly, in place: sample `i s mod n` comes to
    /// place `i`, with the step `s` of [`spreading_step`].
    pub(super) fn mix(&mut self) {
        let (count, features) = (self.len(), self.features());
        let step = spreading_step(count);
        let mut placed = vec![false; count];
        for start in 0..count {
            let mut to = start;
            while !placed[to] {
                placed[to] = true;
                let from = to * step % count;
                if from == start {
                    break;
                }
                self.labels.swap(to, from);
                let (low, high) = (to.min(from), to.max(from));
                match &mut self.pixels {
                    Pixels::Bytes(bytes) => swap(bytes, features, low, high),
                    Pixels::Floats(floats) => swap(floats, features, low, high),
                }
                to = from;
            }
        }
    }

    /// Takes the samples `held` out, which ascend: the rest, and those.
    pub(super) fn hold_out(self, held: &[usize]) -> (Samples, Samples) {
        let features = self.features();
        let part = |chosen: &[usize]| {
            let pixels = match &self.pixels {
                Pixels::Bytes(bytes) => Pixels::Bytes(gather(bytes, chosen, features)),
                Pixels::Floats(floats) => Pixels::Floats(gather(floats, chosen, features)),
            };
            Samples {
                shape: self.shape,
                pixels,
                labels: gather(&self.labels, chosen, 1),
            }
        };
        let is_rest = |index: &usize| held.binary_search(index).is_err();
        let rest: Vec<usize> = (0..self.len()).filter(is_rest).collect();
        (part(&rest), part(held))
    }
}

/// Swaps the rows `first < second` of `length` numbers each.
fn swap<T>(all: &mut [T], length: usize, first: usize, second: usize) {
    let (low, high) = all.split_at_mut(second * length);
    low[first * length..][..length].swap_with_slice(&mut high[..length]);
}

fn gather<T: Copy>(all: &[T], chosen: &[usize], length: usize) -> Vec<T> {
    let rows = chosen.iter().map(|i| &all[i * length..(i + 1) * length]);
    rows.flatten().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> Samples {
        Samples {
            shape: [1, 1, 2],
            pixels: Pixels::Bytes((0..14).collect()),
            labels: (0..7).collect(),
        }
    }

    /// Catches a part that loses a sample, or whose pixels and labels come apart.
    #[test]
    fn held_out_samples_leave_the_rest() {
        let (rest, held) = samples().hold_out(&[2, 5]);
        assert_eq!(rest.labels, [0, 1, 3, 4, 6]);
        assert_eq!(
            rest.pixels,
            Pixels::Bytes(vec![0, 1, 2, 3, 6, 7, 8, 9, 12, 13])
        );
        assert_eq!(held.labels, [2, 5]);
        assert_eq!(held.pixels, Pixels::Bytes(vec![4, 5, 10, 11]));
    }

    /// Catches a sample taken from the wrong place, or scaled.
    #[test]
    fn a_sample_is_its_numbers() {
        let mut out = [0.0; 2];
        samples().sample_into(6, &mut out);
        assert_eq!(out, [12.0, 13.0]);
        let floats = Samples {
            pixels: Pixels::Floats(vec![0.5; 14]),
            ..samples()
        };
        floats.sample_into(0, &mut out);
        assert_eq!(out, [0.5, 0.5]);
        assert_eq!((floats.bytes(), samples().bytes()), (14 * 4 + 14, 14 + 14));
    }

    #[test]
    #[should_panic(expected = "sample_into: sample 7 of 7")]
    fn a_sample_beyond_the_last() {
        samples().sample_into(7, &mut [0.0; 2]);
    }
}
