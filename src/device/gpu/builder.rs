//! Builds the dispatches of a plan: kernels, their bindings and parameters, tables and scratch memory.

use super::dispatch::{Binding, Dispatch, Kernel, Source, folded, strides, word};
use crate::program::{Buffer, Lists, Plan, View};
use crate::random::Entries;
use std::sync::Arc;

/// Limits of a device; sizes in numbers of four bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Largest binding.
    pub binding: usize,
    /// A binding begins at a multiple of it.
    pub alignment: usize,
    /// Bindings of memory that one kernel can have.
    pub bindings: usize,
    /// Whether kernels may speak of subgroups.
    pub subgroups: bool,
}

/// How lists become a table of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// For lists of one row or none: the row, or 2³² − 1.
    Rows,
    /// The index at which each list begins among all entries, and one past the last; then all entries.
    Lists,
}

/// A lowered plan.
#[derive(Debug, Default)]
pub(super) struct Lowered {
    pub dispatches: Vec<Dispatch>,
    /// Words that never change.
    pub tables: Vec<Vec<u32>>,
    /// Numbers of scratch memory for partial results.
    pub scratch: usize,
}

/// A plan on its way to dispatches.
pub(super) struct Lowering<'a> {
    pub plan: &'a Plan,
    pub limits: Limits,
    lowered: Lowered,
    /// The tables of lists, by list and form.
    known: Vec<(Arc<Lists>, Form, usize)>,
    quantiles: Option<usize>,
}

impl Lowering<'_> {
    /// Starts without dispatches.
    pub fn new(plan: &Plan, limits: Limits) -> Lowering<'_> {
        Lowering {
            plan,
            limits,
            lowered: Lowered::default(),
            known: Vec::new(),
            quantiles: None,
        }
    }

    /// Returns all that was built.
    pub fn into_lowered(self) -> Lowered {
        self.lowered
    }

    /// The slot of a buffer.
    pub fn slot(&self, buffer: Buffer) -> usize {
        let planned = &self.plan.buffers()[buffer.index()];
        planned.slot.expect("what a plan uses has a slot")
    }

    /// Returns the binding through which a kernel sees a view, and the strides in it.
    pub fn window(&self, view: View, write: bool) -> (Binding, [u32; 4]) {
        let first = view.offset - view.offset % self.limits.alignment;
        let binding = Binding {
            source: Source::Slot(self.slot(view.buffer)),
            first,
            count: view.end() - first,
            write,
        };
        (binding, strides(view, first))
    }

    /// All of a table.
    pub fn table(&mut self, words: Vec<u32>) -> Binding {
        self.lowered.tables.push(words);
        self.known_table(self.lowered.tables.len() - 1)
    }

    /// The table of `lists`, one for all that share them.
    pub fn lists(&mut self, lists: &Arc<Lists>, form: Form) -> Binding {
        let same = |(other, kind, _): &&(Arc<Lists>, Form, usize)| {
            Arc::ptr_eq(other, lists) && *kind == form
        };
        if let Some((.., place)) = self.known.iter().find(same) {
            return self.known_table(*place);
        }
        let binding = self.table(words(lists, form));
        let place = self.lowered.tables.len() - 1;
        self.known.push((Arc::clone(lists), form, place));
        binding
    }

    /// The table of normal quantiles.
    pub fn quantiles(&mut self) -> Binding {
        if let Some(place) = self.quantiles {
            return self.known_table(place);
        }
        let words = Entries::quantiles().map(|x| x as u32);
        let binding = self.table(words.to_vec());
        self.quantiles = Some(self.lowered.tables.len() - 1);
        binding
    }

    fn known_table(&self, place: usize) -> Binding {
        Binding {
            source: Source::Table(place),
            first: 0,
            count: self.lowered.tables[place].len(),
            write: false,
        }
    }

    /// Room for `count` partial results; the next dispatches may take the same.
    pub fn scratch(&mut self, count: usize, write: bool) -> Binding {
        self.lowered.scratch = self.lowered.scratch.max(count);
        Binding {
            source: Source::Scratch,
            first: 0,
            count,
            write,
        }
    }

    /// Runs a kernel, in so many workgroups and layers of them.
    pub fn start(
        &mut self,
        kernel: Kernel,
        bindings: Vec<Binding>,
        parameters: Vec<u32>,
        grid: [usize; 2],
    ) {
        self.start_with(kernel, bindings, parameters, None, grid);
    }

    /// Runs a kernel with a second uniform structure at a place among its bindings.
    pub fn start_with(
        &mut self,
        kernel: Kernel,
        bindings: Vec<Binding>,
        parameters: Vec<u32>,
        after: Option<(usize, Vec<u32>)>,
        [groups, layers]: [usize; 2],
    ) {
        let [x, y] = folded(groups);
        self.lowered.dispatches.push(Dispatch {
            kernel,
            bindings,
            parameters,
            after,
            groups: [x, y, word(layers)],
        });
    }

    /// The strides of a region that a kernel fills, from its own first entry on.
    pub fn places(&self, to: View) -> [u32; 4] {
        strides(to, to.offset)
    }
}

fn words(lists: &Lists, form: Form) -> Vec<u32> {
    let each = || (0..lists.len()).map(|i| lists.list(i));
    match form {
        Form::Rows => each()
            .map(|list| list.first().copied().unwrap_or(u32::MAX))
            .collect(),
        Form::Lists => {
            let ends = each().scan(0, |end, list| {
                *end += list.len() as u32;
                Some(*end)
            });
            let starts = std::iter::once(0).chain(ends);
            starts.chain(each().flatten().copied()).collect()
        }
    }
}
