//! The division of parts of samples among tasks, by the shapes alone.

/// Tasks at most.
const MOST: usize = 16;

/// Parts of samples, divided among tasks in their order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lanes {
    pub samples: usize,
    /// Parts of a sample.
    pub parts: usize,
    /// Whether a task takes all parts of a sample.
    pub whole_samples: bool,
}

impl Lanes {
    /// Returns the number of parts that a task takes; the last may take fewer.
    pub fn parts_each(&self) -> usize {
        let unit = if self.whole_samples { self.parts } else { 1 };
        (self.samples * self.parts / unit).div_ceil(MOST) * unit
    }

    /// Returns the number of tasks.
    pub fn count(&self) -> usize {
        (self.samples * self.parts).div_ceil(self.parts_each())
    }

    /// Returns the parts of a task: the sample, and the index among its parts.
    pub fn parts(&self, lane: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (each, count) = (self.parts_each(), self.parts);
        let all = self.samples * count;
        (lane * each..all.min((lane + 1) * each)).map(move |i| (i / count, i % count))
    }
}
