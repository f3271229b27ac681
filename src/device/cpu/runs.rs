//! Lists of rows as runs of neighbours, so that kernels read and write them side by side.

use super::Real;
use super::blocks::{Block, in_blocks, neighbours};
use super::operand::Keep;
use crate::program::Lists;

/// Neighbours in a run on average, from which on going by runs pays.
const LONG: usize = 4;

/// Numbers that one copy moves, beyond the end of a shorter run.
const WIDE: usize = 16;

/// Lists by runs: in a run each list is the list before it, moved on by one row.
///
/// Patches of images are such where a row of the kernel meets neighbouring pixels, windows of pixels where
/// channels are neighbours.
#[derive(Debug)]
pub(super) struct Runs {
    runs: Vec<Run>,
    /// The first list of each run, one after another.
    sources: Vec<u32>,
    rows: usize,
    single: bool,
}

#[derive(Debug)]
struct Run {
    length: u32,
    sources: u32,
}

impl Runs {
    /// The runs of `lists`; none where they are short.
    pub fn new(lists: &Lists) -> Option<Runs> {
        let mut all = Runs {
            runs: Vec::new(),
            sources: Vec::new(),
            rows: lists.len(),
            single: true,
        };
        let follows = |i: usize| {
            let (before, list) = (lists.list(i - 1), lists.list(i));
            let pairs = || before.iter().zip(list);
            before.len() == list.len() && pairs().all(|(before, row)| before + 1 == *row)
        };
        for i in 0..lists.len() {
            if i > 0 && follows(i) {
                all.runs.last_mut().expect("a run").length += 1;
                continue;
            }
            let list = lists.list(i);
            all.single &= list.len() <= 1;
            all.sources.extend(list);
            all.runs.push(Run {
                length: 1,
                sources: list.len() as u32,
            });
        }
        (LONG * all.runs.len() <= all.rows).then_some(all)
    }

    /// Calls `kernel(first, length, sources)` for each run: its rows, and the list of the first of them.
    #[inline(always)]
    fn each(&self, mut kernel: impl FnMut(usize, usize, &[u32])) {
        let (mut first, mut sources) = (0, &self.sources[..]);
        for run in &self.runs {
            let (own, rest) = sources.split_at(run.sources as usize);
            kernel(first, run.length as usize, own);
            first += run.length as usize;
            sources = rest;
        }
    }

    /// `y[i] = Σ x[list(i)]`.
    #[inline(always)]
    pub fn sum<T: Real>(&self, y: &mut [T], keep: Keep<T>, x: &[T]) {
        if self.single && matches!(keep, Keep::Nothing) {
            return self.copy(y, x);
        }
        self.each(|first, length, sources| {
            let y = &mut y[first..first + length];
            in_blocks(
                length,
                Sum {
                    y,
                    keep,
                    sources,
                    x,
                },
            );
        });
    }

    /// `y[i] = x[list(i)]` for lists of one row, or 0. A short run is copied with what follows it, which the next
    /// one puts right.
    #[inline(always)]
    fn copy<T: Real>(&self, y: &mut [T], x: &[T]) {
        let y = &mut y[..self.rows];
        self.each(|first, length, sources| {
            let Some(&source) = sources.first() else {
                return y[first..first + length].fill(T::zero());
            };
            let source = source as usize;
            if length <= WIDE && first + WIDE <= y.len() && source + WIDE <= x.len() {
                y[first..first + WIDE].copy_from_slice(&x[source..source + WIDE]);
            } else {
                y[first..first + length].copy_from_slice(&x[source..source + length]);
            }
        });
    }

    /// `y[i] = max x[list(i)]`.
    #[inline(always)]
    pub fn largest<T: Real>(&self, y: &mut [T], keep: Keep<T>, x: &[T]) {
        self.each(|first, length, sources| {
            let y = &mut y[first..first + length];
            in_blocks(
                length,
                Largest {
                    y,
                    keep,
                    sources,
                    x,
                },
            );
        });
    }

    /// Adds `dy[i]` to `dx` at the largest row of `x[list(i)]`, of equal ones the first.
    #[inline(always)]
    pub fn to_largest<T: Real>(&self, dx: &mut [T], x: &[T], dy: &[T]) {
        self.each(|first, length, sources| {
            let dy = &dy[first..first + length];
            in_blocks(length, ToLargest { dx, sources, x, dy });
        });
    }
}

struct Sum<'a, T> {
    y: &'a mut [T],
    keep: Keep<T>,
    sources: &'a [u32],
    x: &'a [T],
}

impl<T: Real> Block for Sum<'_, T> {
    #[inline(always)]
    fn run<const N: usize>(&mut self, at: usize) {
        let mut sums = [T::zero(); N];
        for &source in self.sources {
            let x = neighbours::<N, T>(self.x, source as usize + at);
            for (sum, &x) in sums.iter_mut().zip(x) {
                *sum += x;
            }
        }
        put(&mut self.y[at..at + N], self.keep, &sums);
    }
}

struct Largest<'a, T> {
    y: &'a mut [T],
    keep: Keep<T>,
    sources: &'a [u32],
    x: &'a [T],
}

impl<T: Real> Block for Largest<'_, T> {
    #[inline(always)]
    fn run<const N: usize>(&mut self, at: usize) {
        let (largest, _) = largest::<N, T>(self.sources, self.x, at);
        put(&mut self.y[at..at + N], self.keep, &largest);
    }
}

struct ToLargest<'a, T> {
    dx: &'a mut [T],
    sources: &'a [u32],
    x: &'a [T],
    dy: &'a [T],
}

impl<T: Real> Block for ToLargest<'_, T> {
    #[inline(always)]
    fn run<const N: usize>(&mut self, at: usize) {
        let (_, winners) = largest::<N, T>(self.sources, self.x, at);
        let dy = neighbours::<N, T>(self.dy, at);
        for (k, &source) in self.sources.iter().enumerate() {
            let start = source as usize + at;
            let dx = &mut self.dx[start..start + N];
            for i in 0..N {
                dx[i] += if winners[i] == k as u32 {
                    dy[i]
                } else {
                    T::zero()
                };
            }
        }
    }
}

/// The largest of each of `N` lists, and which of its rows that is, of equal ones the first.
#[inline(always)]
fn largest<const N: usize, T: Real>(sources: &[u32], x: &[T], at: usize) -> ([T; N], [u32; N]) {
    let mut largest = *neighbours::<N, T>(x, sources[0] as usize + at);
    let mut winners = [0; N];
    for (k, &source) in (1..).zip(&sources[1..]) {
        let x = neighbours::<N, T>(x, source as usize + at);
        for i in 0..N {
            let wins = x[i] > largest[i];
            largest[i] = if wins { x[i] } else { largest[i] };
            winners[i] = if wins { k } else { winners[i] };
        }
    }
    (largest, winners)
}

#[inline(always)]
fn put<T: Real>(y: &mut [T], keep: Keep<T>, x: &[T]) {
    let places = y.iter_mut().zip(x);
    match keep {
        Keep::Nothing => places.for_each(|(y, &x)| *y = x),
        Keep::All => places.for_each(|(y, &x)| *y += x),
        Keep::Part(keep) => places.for_each(|(y, &x)| *y = keep * *y + x),
    }
}
