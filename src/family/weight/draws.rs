//! The random numbers of one layer's weight.

use crate::operator::basis::Place;
use crate::random::{Entries, Stream};

/// First words of the paths of fixed random parts and of initial values.
const FIXED: u64 = 501;
const INITIAL: u64 = 502;

/// Whose numbers are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Draws {
    /// Seed of the network.
    pub seed: u64,
    /// Which layer.
    pub layer: u64,
}

impl Draws {
    /// The numbers of a fixed matrix.
    pub fn entries(self, part: u64, index: usize) -> Entries {
        Entries::new(self.seed, &[FIXED, self.layer, part, index as u64])
    }

    /// The stream of a hash or a permutation.
    pub fn stream(self, part: u64, index: usize) -> Stream {
        Stream::new(self.seed, &[FIXED, self.layer, part, index as u64])
    }

    /// The stream of the initial values of a group of parameters.
    pub fn initial(self, part: u64) -> Stream {
        Stream::new(self.seed, &[INITIAL, self.layer, part])
    }

    /// The terms of factor `factor` of a product of sums.
    pub fn place(self, factor: usize) -> Place {
        Place {
            seed: self.seed,
            layer: self.layer,
            factor: factor as u64,
        }
    }
}
