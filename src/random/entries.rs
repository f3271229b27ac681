//! Stand-in for addressable entries, until the real ones land.

use super::Stream;

/// A sequence of random numbers by place.
pub struct Entries {
    seed: u64,
    path: Vec<u64>,
}

impl Entries {
    /// The sequence `path` of `seed`.
    pub fn new(seed: u64, path: &[u64]) -> Entries {
        Entries {
            seed,
            path: path.to_vec(),
        }
    }

    fn at(&self, i: u64) -> Stream {
        let mut path = self.path.clone();
        path.push(i);
        Stream::new(self.seed, &path)
    }

    /// Standard normals from place `start` on.
    pub fn normals(&self, start: u64, out: &mut [f64]) {
        for (i, out) in (start..).zip(out) {
            *out = self.at(i).normal();
        }
    }

    /// Signs from place `start` on.
    pub fn signs(&self, start: u64, out: &mut [f64]) {
        for (i, out) in (start..).zip(out) {
            *out = if self.at(i).uniform() < 0.5 {
                -1.0
            } else {
                1.0
            };
        }
    }
}
