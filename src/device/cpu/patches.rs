//! Products with patches of images that are gathered, or given out again, a part at a time (im2col in the cache).
//!
//! Two instructions run as one: a gather of single rows and a product whose right side it is, or a product and
//! the gather that sums its rows where they came from. Nothing else reads what lies between them, so
//! each task keeps only as much of it as its cache holds, in its own piece of the slot. Where neighbouring rows of a patch
//! are far from one another in the image, as where channels are neighbours there and a kernel has them one by one, the
//! rows are taken in the order of the image instead, and the other operand's with them.

use super::gemm::{accum, add_up};
use super::lanes::Lanes;
use super::operand::{Beta, Operand, Target};
use super::real::Real;
use super::row_order::Order;
use super::runs::Runs;
use crate::program::{Gemm, Instruction, Lists, Primitive, View};
use faer::linalg::matmul::matmul;
use faer::traits::math_utils::from_f64;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

/// Numbers of a part: half of a second-level cache of a megabyte.
const PART: usize = 1 << 17;

/// Least columns of a part: a product packs its left side again for each.
const COLUMNS: usize = 16;

/// Least numbers between two instructions that are run as one.
const LEAST: usize = 1 << 14;

/// Two instructions to be run as one.
#[derive(Debug)]
pub(super) struct Patches {
    kind: Kind,
    /// Rows of a patch.
    rows: usize,
    /// Columns of a part; a sample has as many parts as there are `parts`.
    columns: usize,
    parts: Vec<Runs>,
    /// The tasks among which the parts are divided.
    lanes: Lanes,
    /// In which order the rows are taken, where it is another than that of the lists.
    order: Option<Order>,
    /// Numbers of the other operand of the product.
    other: usize,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// `C ← A P`.
    Product,
    /// `C ← A Pᵀ`: the gradient of the kernel.
    Transposed,
    /// `x ← gather of A B`: the gradient of the images.
    Scattered,
}

impl Patches {
    /// How to run the two instructions as one; none where that does not pay. Nobody else reads the result of the
    /// first.
    pub fn new(first: &Instruction, second: &Instruction) -> Option<Patches> {
        let between = first.to;
        let target = second.to;
        let fits = first.keep == 0.0 && between.is_packed() && between.offset == 0;
        if !fits || between.entries() < LEAST || !target.is_column_major() {
            return None;
        }
        match (&first.primitive, &second.primitive) {
            (Primitive::Gather(gather), Primitive::Gemm(p)) => {
                let transposed = !p.b.is_packed();
                let b = if transposed { p.b.t() } else { p.b };
                let whole = b.buffer == between.buffer && p.a.buffer != between.buffer;
                if !whole || !is_whole(b, between) || gather.x.row_stride != 1 || p.a.batch > 1 {
                    return None;
                }
                let kind = if transposed {
                    Kind::Transposed
                } else {
                    Kind::Product
                };
                let own = Patches::cut(kind, &gather.lists, b.rows, gather.x.columns, p)?;
                let partial = own.lanes.count() * p.a.rows;
                (!transposed || partial <= b.columns).then_some(own)
            }
            (Primitive::Gemm(p), Primitive::Gather(gather)) => {
                let whole = gather.x.buffer == between.buffer && is_whole(gather.x, between);
                let lists = gather.lists.transpose();
                if !whole || p.a.batch > 1 {
                    return None;
                }
                Patches::cut(Kind::Scattered, &lists, p.a.rows, gather.x.columns, p)
            }
            _ => None,
        }
    }

    fn cut(kind: Kind, lists: &Lists, rows: usize, samples: usize, p: &Gemm) -> Option<Patches> {
        let places = lists.len() / rows;
        if !lists.len().is_multiple_of(rows) {
            return None;
        }
        let fits = |columns: &usize| places.is_multiple_of(*columns) && columns * rows <= PART;
        let columns = (COLUMNS..=places).rev().find(fits)?;
        let own = columns * rows;
        let parts = |lists: &Lists| {
            let parts = (0..places / columns).map(|i| Runs::new(lists, i * own..(i + 1) * own));
            let parts: Option<Vec<Runs>> = parts.collect();
            parts.filter(|parts| parts.iter().all(Runs::is_single))
        };
        let (order, parts) = match parts(lists) {
            Some(parts) => (None, parts),
            None => {
                let order = Order::of(lists, rows)?;
                let parts = parts(&order.lists(lists))?;
                (Some(order), parts)
            }
        };
        Some(Patches {
            kind,
            rows,
            columns,
            lanes: Lanes {
                samples,
                parts: parts.len(),
                whole_samples: matches!(kind, Kind::Scattered),
            },
            parts,
            order,
            other: p.a.entries(),
        })
    }

    /// Numbers of work space.
    pub fn space(&self, second: &Instruction) -> usize {
        match self.kind {
            Kind::Transposed => self.lanes.count() * second.to.entries(),
            _ if self.order.is_some() => self.other,
            _ => 0,
        }
    }

    /// The part of `x` of a sample, patches in columns.
    fn gather<'a, T: Real>(
        &self,
        workspace: &'a mut [T],
        x: &Operand<'_, T>,
        (sample, part): (usize, usize),
    ) -> MatRef<'a, T> {
        let x = x.column(sample).expect("contiguous columns");
        self.parts[part].sum(workspace, Beta::Zero, x);
        MatRef::from_column_major_slice(workspace, self.rows, self.columns)
    }

    /// Runs both. `workspace` is the slot of what lies between, `operand` finds the other operands, `work` is the [`space`]
    /// of the two.
    ///
    /// [`space`]: Patches::space
    pub fn run<'a, T: Real + 'a>(
        &self,
        [first, second]: [&Instruction; 2],
        target: Target<'_, T>,
        workspace: &mut [T],
        operand: impl Fn(View) -> Operand<'a, T>,
        work: &mut [T],
    ) {
        match (&first.primitive, &second.primitive) {
            (Primitive::Gather(gather), Primitive::Gemm(p)) => {
                let (x, a) = (operand(gather.x), operand(p.a));
                match self.kind {
                    Kind::Transposed => self.transposed(target, workspace, p, x, a, work),
                    _ => self.product(target, workspace, p, x, a, work),
                }
            }
            (Primitive::Gemm(p), Primitive::Gather(_)) => {
                self.scattered(target, workspace, p, operand(p.a), operand(p.b), work);
            }
            _ => unreachable!("other instructions are not run as one"),
        }
    }
}

/// The steps of [`Patches::run`].
impl Patches {
    fn product<T: Real>(
        &self,
        target: Target<'_, T>,
        workspace: &mut [T],
        p: &Gemm,
        x: Operand<'_, T>,
        a: Operand<'_, T>,
        work: &mut [T],
    ) {
        let a = match &self.order {
            Some(order) => order.columns(a.matrix(0), work),
            None => a.matrix(0),
        };
        let (beta, alpha) = (accum(target.beta), from_f64(p.alpha));
        let (view, own) = (target.view, self.columns);
        let stride = view.column_stride.max(view.rows);
        let columns = self.lanes.parts_each() * own;
        let lane = |(lane, (c, workspace)): (usize, (&mut [T], &mut [T]))| {
            let columns = columns.min(view.columns - lane * columns);
            let mut c =
                MatMut::from_column_major_slice_with_stride_mut(c, view.rows, columns, stride);
            for (i, part) in self.lanes.parts(lane).enumerate() {
                let patches = self.gather(workspace, &x, part);
                let c = c.as_mut().subcols_mut(i * own, own);
                matmul(c, beta, a, patches, alpha, Par::Seq);
            }
        };
        target.values[view.offset..view.end()]
            .par_chunks_mut(columns * stride)
            .zip(workspace.par_chunks_mut(self.rows * own))
            .enumerate()
            .for_each(lane);
    }

    fn transposed<T: Real>(
        &self,
        target: Target<'_, T>,
        workspace: &mut [T],
        p: &Gemm,
        x: Operand<'_, T>,
        a: Operand<'_, T>,
        work: &mut [T],
    ) {
        let (rows, own, alpha) = (target.view.rows, self.columns, from_f64(p.alpha));
        let entries = target.view.entries();
        let lane = |(lane, (c, workspace)): (usize, (&mut [T], &mut [T]))| {
            let mut c = MatMut::from_column_major_slice_mut(c, rows, self.rows);
            let mut beta = Accum::Replace;
            for (sample, part) in self.lanes.parts(lane) {
                let patches = self.gather(workspace, &x, (sample, part));
                let first = (sample * self.parts.len() + part) * own;
                let a = a.matrix(0).subcols(first, own);
                matmul(c.as_mut(), beta, a, patches.transpose(), alpha, Par::Seq);
                beta = Accum::Add;
            }
        };
        work.par_chunks_mut(entries)
            .zip(workspace.par_chunks_mut(self.rows * own))
            .enumerate()
            .for_each(lane);
        match &self.order {
            Some(order) => add_up(target, work, |j| order.places[j]),
            None => add_up(target, work, |j| j),
        }
    }

    fn scattered<T: Real>(
        &self,
        target: Target<'_, T>,
        workspace: &mut [T],
        p: &Gemm,
        a: Operand<'_, T>,
        b: Operand<'_, T>,
        work: &mut [T],
    ) {
        let a = match &self.order {
            Some(order) => order.rows(a.matrix(0), work),
            None => a.matrix(0),
        };
        let (view, beta, own) = (target.view, target.beta, self.columns);
        let (alpha, stride) = (from_f64(p.alpha), view.column_stride.max(view.rows));
        let samples = self.lanes.parts_each() / self.parts.len();
        let lane = |(lane, (x, workspace)): (usize, (&mut [T], &mut [T]))| {
            for (i, x) in x.chunks_mut(stride).enumerate() {
                let x = &mut x[..view.rows];
                match beta {
                    Beta::Zero => x.fill(T::zero()),
                    Beta::One => {}
                    Beta::Scale(beta) => x.iter_mut().for_each(|x| *x *= beta),
                }
                for (part, runs) in self.parts.iter().enumerate() {
                    let sample = lane * samples + i;
                    let first = (sample * self.parts.len() + part) * own;
                    let b = b.matrix(0).subcols(first, own);
                    let patches = MatMut::from_column_major_slice_mut(workspace, self.rows, own);
                    matmul(patches, Accum::Replace, a, b, alpha, Par::Seq);
                    runs.give_back(x, workspace);
                }
            }
        };
        target.values[view.offset..view.end()]
            .par_chunks_mut(samples * stride)
            .zip(workspace.par_chunks_mut(self.rows * own))
            .enumerate()
            .for_each(lane);
    }
}

/// Whether a packed view has all numbers of `between`.
fn is_whole(view: View, between: View) -> bool {
    view.is_packed() && view.batch == 1 && view.offset == 0 && view.entries() == between.entries()
}
