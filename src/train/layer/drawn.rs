//! Inputs that are drawn anew for each step.

use crate::program::View;
use crate::random::Stream;
use rand::seq::SliceRandom;

/// The path of the random streams of a layer in a step.
const DRAWN: u64 = 0x6472_6177;

/// An input that is drawn anew for each step.
#[derive(Debug, Clone, Copy)]
pub(in crate::train) struct Drawn {
    /// The input that it fills.
    pub view: View,
    /// Which layer it belongs to.
    pub layer: usize,
    /// The kind.
    pub what: Draw,
}

/// The kind of random numbers.
#[derive(Debug, Clone, Copy)]
pub(in crate::train) enum Draw {
    /// 1 / keep with probability `keep`, else 0.
    Mask { keep: f64 },
    /// A permutation matrix.
    Permutation,
}

impl Drawn {
    /// Draws the numbers of a step into `numbers`.
    pub fn draw(&self, seed: u64, iteration: u64, numbers: &mut Vec<f32>) {
        let mut stream = Stream::new(seed, &[DRAWN, self.layer as u64, iteration]);
        numbers.clear();
        match self.what {
            Draw::Mask { keep } => {
                let scale = (1.0 / keep) as f32;
                let one = |_| if stream.uniform() < keep { scale } else { 0.0 };
                numbers.extend((0..self.view.entries()).map(one));
            }
            Draw::Permutation => {
                let blocks = self.view.rows;
                let mut order: Vec<usize> = (0..blocks).collect();
                order.shuffle(&mut stream);
                numbers.resize(blocks * blocks, 0.0);
                for (column, row) in order.into_iter().enumerate() {
                    numbers[row + column * blocks] = 1.0;
                }
            }
        }
    }
}
