//! Lists of rows as runs of neighbours, so that kernels read and write them side by side.

use super::blocks::{Block, InBlocks, neighbours, neighbours_mut};
use super::operand::{Beta, put};
use super::real::Real;
use crate::program::Lists;
use pulp::{Arch, NullaryFnOnce};
use std::array::from_fn;
use std::ops::Range;

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

#[derive(Debug, Clone, Copy)]
struct Run {
    length: u32,
    sources: u32,
}

impl Runs {
    /// The runs of the lists of `range`; none where they are short.
    pub fn new(lists: &Lists, range: Range<usize>) -> Option<Runs> {
        let mut all = Runs {
            runs: Vec::new(),
            sources: Vec::new(),
            rows: range.len(),
            single: true,
        };
        let follows = |i: usize| {
            let (before, list) = (lists.list(i - 1), lists.list(i));
            let mut pairs = before.iter().zip(list);
            before.len() == list.len() && pairs.all(|(before, row)| before + 1 == *row)
        };
        for i in range.clone() {
            if i > range.start && follows(i) {
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

    /// Whether each list is one row or none.
    pub fn is_single(&self) -> bool {
        self.single
    }

    /// `x[list(i)] += y[i]`, for lists of one row or none.
    pub fn give_back<T: Real>(&self, x: &mut [T], y: &[T]) {
        Arch::new().dispatch(GiveBack { runs: self, x, y });
    }

    /// `y[i] = Σ x[list(i)]`.
    pub fn sum<T: Real>(&self, y: &mut [T], beta: Beta<T>, x: &[T]) {
        if self.single && matches!(beta, Beta::Zero) {
            Arch::new().dispatch(Copy { runs: self, y, x });
        } else {
            let each = Sums { y, beta, x };
            Arch::new().dispatch(Each { runs: self, each });
        }
    }

    /// `y[i] = max x[list(i)]`.
    pub fn largest<T: Real>(&self, y: &mut [T], beta: Beta<T>, x: &[T]) {
        let each = Largest { y, beta, x };
        Arch::new().dispatch(Each { runs: self, each });
    }

    /// Adds `dy[i]` to `dx` at the largest row of `x[list(i)]`, of equal ones the first.
    pub fn to_largest<T: Real>(&self, dx: &mut [T], x: &[T], dy: &[T]) {
        let each = ToLargest { dx, x, dy };
        Arch::new().dispatch(Each { runs: self, each });
    }

    /// The first row, the length and the first list of each run.
    #[inline(always)]
    fn each(&self) -> impl Iterator<Item = (usize, usize, &[u32])> {
        let start = (0, &self.sources[..]);
        self.runs.iter().scan(start, |(next, sources), run| {
            let (own, rest) = sources.split_at(run.sources as usize);
            let (first, length) = (*next, run.length as usize);
            (*next, *sources) = (first + length, rest);
            Some((first, length, own))
        })
    }
}

/// Copies for lists of one row or none.
struct Copy<'a, T> {
    runs: &'a Runs,
    y: &'a mut [T],
    x: &'a [T],
}

impl<T: Real> NullaryFnOnce for Copy<'_, T> {
    type Output = ();

    /// A short run is copied with what follows it, which the next run puts right.
    #[inline(always)]
    fn call(self) {
        let Copy { runs, y, x } = self;
        let y = &mut y[..runs.rows];
        for (first, length, sources) in runs.each() {
            let Some(&source) = sources.first() else {
                y[first..first + length].fill(T::zero());
                continue;
            };
            let source = source as usize;
            if length <= WIDE && first + WIDE <= y.len() && source + WIDE <= x.len() {
                *neighbours_mut::<WIDE, T>(y, first) = *neighbours(x, source);
            } else {
                y[first..first + length].copy_from_slice(&x[source..source + length]);
            }
        }
    }
}

/// Additions for lists of one row or none.
struct GiveBack<'a, T> {
    runs: &'a Runs,
    x: &'a mut [T],
    y: &'a [T],
}

impl<T: Real> NullaryFnOnce for GiveBack<'_, T> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let GiveBack { runs, x, y } = self;
        for (first, length, sources) in runs.each() {
            if let Some(&source) = sources.first() {
                let x = &mut x[source as usize..][..length];
                let y = &y[first..first + length];
                x.iter_mut().zip(y).for_each(|(x, &y)| *x += y);
            }
        }
    }
}

/// Something done to `N` lists, from `first` on: those that follow the list `sources` moved on by `at`.
trait Kernel {
    fn run<const N: usize>(&mut self, first: usize, sources: &[u32], at: usize);
}

/// A kernel for all lists.
struct Each<'a, K> {
    runs: &'a Runs,
    each: K,
}

impl<K: Kernel> NullaryFnOnce for Each<'_, K> {
    type Output = ();

    #[inline(always)]
    fn call(mut self) {
        for (first, length, sources) in self.runs.each() {
            let kernel = &mut self.each;
            let block = InRun {
                kernel,
                first,
                sources,
            };
            InBlocks { length, block }.call();
        }
    }
}

struct InRun<'a, K> {
    kernel: &'a mut K,
    first: usize,
    sources: &'a [u32],
}

impl<K: Kernel> Block for InRun<'_, K> {
    #[inline(always)]
    fn run<const N: usize>(&mut self, at: usize) {
        self.kernel.run::<N>(self.first + at, self.sources, at);
    }
}

struct Sums<'a, T> {
    y: &'a mut [T],
    beta: Beta<T>,
    x: &'a [T],
}

impl<T: Real> Kernel for Sums<'_, T> {
    #[inline(always)]
    fn run<const N: usize>(&mut self, first: usize, sources: &[u32], at: usize) {
        let mut sums = [T::zero(); N];
        for &source in sources {
            let x = neighbours::<N, T>(self.x, source as usize + at);
            for i in 0..N {
                sums[i] += x[i];
            }
        }
        let y = neighbours_mut::<N, T>(self.y, first);
        put(y, self.beta, sums.into_iter());
    }
}

struct Largest<'a, T> {
    y: &'a mut [T],
    beta: Beta<T>,
    x: &'a [T],
}

impl<T: Real> Kernel for Largest<'_, T> {
    #[inline(always)]
    fn run<const N: usize>(&mut self, first: usize, sources: &[u32], at: usize) {
        let (largest, _) = largest::<N, T>(sources, self.x, at);
        let y = neighbours_mut::<N, T>(self.y, first);
        put(y, self.beta, largest.into_iter());
    }
}

struct ToLargest<'a, T> {
    dx: &'a mut [T],
    x: &'a [T],
    dy: &'a [T],
}

impl<T: Real> Kernel for ToLargest<'_, T> {
    #[inline(always)]
    fn run<const N: usize>(&mut self, first: usize, sources: &[u32], at: usize) {
        let (_, winners) = largest::<N, T>(sources, self.x, at);
        let dy = *neighbours::<N, T>(self.dy, first);
        for (k, &source) in (0..).zip(sources) {
            let dx = neighbours_mut::<N, T>(self.dx, source as usize + at);
            let gained: [T; N] = from_fn(|i| if winners[i] == k { dy[i] } else { T::zero() });
            *dx = from_fn(|i| dx[i] + gained[i]);
        }
    }
}

/// The largest of each of `N` lists, and which of its rows that is, of equal ones the first.
#[inline(always)]
fn largest<const N: usize, T: Real>(sources: &[u32], x: &[T], at: usize) -> ([T; N], [u32; N]) {
    let mut largest = *neighbours::<N, T>(x, sources[0] as usize + at);
    let mut winners = [0; N];
    for (k, &source) in (1u32..).zip(&sources[1..]) {
        let x = neighbours::<N, T>(x, source as usize + at);
        let wins: [bool; N] = from_fn(|i| x[i] > largest[i]);
        largest = from_fn(|i| if wins[i] { x[i] } else { largest[i] });
        winners = from_fn(|i| if wins[i] { k } else { winners[i] });
    }
    (largest, winners)
}
