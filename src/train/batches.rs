//! Which samples meet in which step, and their numbers.

use super::recipe::{DataSettings, Mean, Order};
use crate::data::Samples;
use crate::random::Stream;
use rand::seq::SliceRandom;

/// Paths of random streams.
const ORDER: u64 = 0x6f72_6465;

/// Samples on which the size of the inputs is measured.
const MEASURED: usize = 1000;

/// The training samples in their order.
pub(super) struct Batches {
    order: Order,
    seed: u64,
    samples: usize,
    batch: usize,
    /// The pass of which `shuffled` is the order.
    pass: Option<u64>,
    shuffled: Vec<usize>,
}

impl Batches {
    /// Batches of `batch` out of `samples`.
    pub fn new(order: Order, seed: u64, samples: usize, batch: usize) -> Batches {
        Batches {
            order,
            seed,
            samples,
            batch,
            pass: None,
            shuffled: (0..samples).collect(),
        }
    }

    /// The samples of step `iteration`, from 0. Any step can be asked for at any time.
    pub fn of(&mut self, iteration: u64, chosen: &mut Vec<usize>) {
        chosen.clear();
        let start = u128::from(iteration) * self.batch as u128;
        for place in start..start + self.batch as u128 {
            let pass = (place / self.samples as u128) as u64;
            let place = (place % self.samples as u128) as usize;
            if self.order == Order::Shuffled && self.pass != Some(pass) {
                self.shuffle(pass);
            }
            chosen.push(self.shuffled[place]);
        }
    }

    fn shuffle(&mut self, pass: u64) {
        for (place, sample) in self.shuffled.iter_mut().enumerate() {
            *sample = place;
        }
        let mut stream = Stream::new(self.seed, &[ORDER, pass]);
        self.shuffled.shuffle(&mut stream);
        self.pass = Some(pass);
    }
}

/// How pixels become numbers: `scale · (pixel − mean)`.
pub(super) struct Normal {
    scale: f64,
    mean: Option<Vec<f64>>,
    row: Vec<f64>,
}

impl Normal {
    /// Normalises by `settings`, with the mean over `samples`.
    pub fn new(settings: &DataSettings, samples: &Samples, count: usize) -> Normal {
        let mut row = vec![0.0; samples.features()];
        let mean = (settings.mean == Mean::Pixel).then(|| {
            let mut sums = vec![0.0; samples.features()];
            for sample in 0..count {
                samples.sample_into(sample, &mut row);
                sums.iter_mut().zip(&row).for_each(|(sum, x)| *sum += x);
            }
            sums.iter().map(|sum| sum / count as f64).collect()
        });
        Normal {
            scale: settings.scale_of(samples),
            mean,
            row,
        }
    }

    /// Returns the root mean square of `pixel − mean` over at most [`MEASURED`] of the first `count` samples, evenly chosen.
    pub fn unscaled_root_mean_square(&mut self, samples: &Samples, count: usize) -> f64 {
        let measured = count.min(MEASURED);
        let mut squares = 0.0;
        for index in 0..measured {
            samples.sample_into(index * count / measured, &mut self.row);
            let mean = self
                .mean
                .iter()
                .flatten()
                .copied()
                .chain(std::iter::repeat(0.0));
            let differences = self.row.iter().zip(mean).map(|(pixel, mean)| pixel - mean);
            squares += differences.map(|x| x * x).sum::<f64>();
        }
        (squares / (measured * samples.features()) as f64).sqrt()
    }

    /// The pixels and classes of `chosen`, sample after sample.
    pub fn fill(
        &mut self,
        samples: &Samples,
        chosen: &[usize],
        x: &mut [f32],
        classes: &mut [f32],
    ) {
        let features = samples.features();
        for ((&sample, x), class) in chosen.iter().zip(x.chunks_exact_mut(features)).zip(classes) {
            samples.sample_into(sample, &mut self.row);
            *class = f32::from(samples.labels[sample]);
            match &self.mean {
                None => {
                    for (x, pixel) in x.iter_mut().zip(&self.row) {
                        *x = (self.scale * pixel) as f32;
                    }
                }
                Some(mean) => {
                    for ((x, pixel), mean) in x.iter_mut().zip(&self.row).zip(mean) {
                        *x = (self.scale * (pixel - mean)) as f32;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Batches, Order};

    /// Catches samples left out or met twice in a pass, an order that depends on what was asked before, and
    /// a batch that stops at the end of the file.
    #[test]
    fn every_pass_meets_every_sample_once() {
        for order in [Order::File, Order::Shuffled] {
            let mut batches = Batches::new(order, 7, 10, 4);
            let mut all = Vec::new();
            let mut chosen = Vec::new();
            for step in 0..5 {
                batches.of(step, &mut chosen);
                all.extend_from_slice(&chosen);
            }
            for pass in all.chunks(10) {
                let mut met = pass.to_vec();
                met.sort_unstable();
                assert_eq!(met, (0..10).collect::<Vec<_>>());
            }
            assert_eq!(all[..10] == all[10..], order == Order::File);
            let mut again = Batches::new(order, 7, 10, 4);
            again.of(3, &mut chosen);
            assert_eq!(chosen, all[12..16]);
        }
    }
}
