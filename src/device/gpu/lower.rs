//! A plan as dispatches.

use super::chain::Chain;
use super::dispatch::{Binding, Dispatch, Kernel, Source, THREADS, folded, strides, word};
use super::finish::Finish;
use super::split::split;
use super::{cross_entropy, gather, gemm, generated, hadamard, maximum, reduce, trigonometric};
use crate::program::{Buffer, Instruction, Lists, Plan, Primitive, View};
use crate::random::Entries;
use std::sync::Arc;

/// What a machine can take, in numbers of four bytes where it is a size.
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
    /// Where each list begins among all entries, and one past the last; then all entries.
    Lists,
}

/// What a plan comes down to.
#[derive(Debug, Default)]
pub(super) struct Lowered {
    pub dispatches: Vec<Dispatch>,
    /// Words that never change.
    pub tables: Vec<Vec<u32>>,
    /// Numbers of room for partial results.
    pub scratch: usize,
}

/// A plan on its way to dispatches.
pub(super) struct Lowering<'a> {
    pub plan: &'a Plan,
    pub limits: Limits,
    lowered: Lowered,
    /// Where the tables of lists are.
    known: Vec<(Arc<Lists>, Form, usize)>,
    quantiles: Option<usize>,
}

/// The dispatches of `plan`. With `poisoned`, what is to be stored holds no number before.
///
/// # Errors
/// An instruction that has no parts that fit the limits.
pub(super) fn lower(
    plan: &Plan,
    limits: Limits,
    poisoned: bool,
) -> Result<Lowered, Box<Instruction>> {
    let mut lowering = Lowering {
        plan,
        limits,
        lowered: Lowered::default(),
        known: Vec::new(),
        quantiles: None,
    };
    let parts = split(plan.instructions(), limits.binding - limits.alignment)?;
    let mut rest = parts.as_slice();
    while let [first, ..] = rest {
        let chain = Chain::new(&lowering, rest);
        let (taken, after) = rest.split_at(chain.len());
        if poisoned {
            for part in taken.iter().filter(|part| part.keep == 0.0) {
                // memory of what is read no more may be a chain's to write
                let slot = lowering.slot(part.to.buffer);
                if !lowering.reads(taken, slot) {
                    lowering.fill(f32::NAN, part.to);
                }
            }
        }
        let finish = chain.finish(&lowering, after);
        match chain.is_elementwise() {
            true => lowering.each(chain.entries(), finish),
            false => lowering.one(first, finish),
        }
        rest = after;
    }
    Ok(lowering.lowered)
}

impl Lowering<'_> {
    /// Work that is not elementwise; `finish` is done with its numbers.
    fn one(&mut self, part: &Instruction, finish: Finish) {
        let to = part.to;
        match &part.primitive {
            Primitive::Gemm(p) => gemm::lower(self, p, to, finish),
            Primitive::GeneratedSum(p) => generated::sum(self, p, to, part.keep as f32, finish),
            Primitive::GeneratedProducts(p) => generated::products(self, p, to, finish),
            Primitive::Reduce(p) => reduce::lower(self, p, to, finish),
            Primitive::Gather(p) => gather::lower(self, p, to, finish),
            Primitive::Maximum(p) => maximum::lower(self, p, to, finish),
            Primitive::MaximumGradient(p) => maximum::gradient(self, p, to, finish),
            Primitive::CrossEntropy(p) => cross_entropy::lower(self, p, to, finish),
            Primitive::CrossEntropyGradient(p) => cross_entropy::gradient(self, p, to, finish),
            Primitive::Hadamard(p) => hadamard::lower(self, p, to),
            Primitive::Trigonometric(p) => trigonometric::lower(self, p, to, finish),
            Primitive::Map(_)
            | Primitive::Zip(_)
            | Primitive::Fill(_)
            | Primitive::Descent(_)
            | Primitive::AdamStep(_) => unreachable!("elementwise work is all finish"),
        }
    }

    /// Whether the numbers of an instruction go through one `finish`.
    pub fn is_one(&self, part: &Instruction) -> bool {
        match part.primitive {
            Primitive::GeneratedSum(_) => generated::is_one(self, part.to),
            Primitive::Hadamard(_) => false,
            _ => true,
        }
    }

    /// Has `finish` done at so many places.
    fn each(&mut self, entries: usize, finish: Finish) {
        let constants = [("THREADS", word(THREADS))];
        let text = include_str!("elementwise.wgsl");
        let kernel = Kernel::new("elementwise", &constants, text);
        let groups = entries.div_ceil(THREADS);
        self.dispatch(kernel, Vec::new(), vec![word(entries)], finish, [groups, 1]);
    }

    /// Has every entry of `to` set to `value`.
    fn fill(&mut self, value: f32, to: View) {
        for matrix in 0..to.batch {
            let to = View {
                offset: to.offset + matrix * to.batch_stride,
                batch: 1,
                ..to
            };
            let mut finish = Finish::new(to.rows);
            let value = finish.number(value);
            finish.store(self, to, &value);
            self.each(to.entries(), finish);
        }
    }

    /// The slot of a buffer.
    pub fn slot(&self, buffer: Buffer) -> usize {
        let planned = &self.plan.buffers()[buffer.index()];
        planned.slot.expect("what a plan uses has a slot")
    }

    /// What a kernel sees of a view: the binding, and the strides in it.
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

    /// Whether one of `parts` reads what lies in a slot.
    fn reads(&self, parts: &[Instruction], slot: usize) -> bool {
        let operands = parts
            .iter()
            .flat_map(|part| part.primitive.rule().operands());
        operands
            .into_iter()
            .any(|view| self.slot(view.buffer) == slot)
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

    /// Runs a kernel that hands its numbers to `finish`, in so many workgroups and layers of them.
    pub fn dispatch(
        &mut self,
        kernel: Kernel,
        reads: Vec<Binding>,
        parameters: Vec<u32>,
        finish: Finish,
        grid: [usize; 2],
    ) {
        let place = 1 + reads.len();
        let kernel = kernel.with(&finish.text(place));
        let after = Some((place, finish.parameters()));
        let bindings = [reads, finish.bindings].concat();
        self.start(kernel, bindings, parameters, grid);
        let dispatch = self.lowered.dispatches.last_mut().expect("a dispatch");
        dispatch.after = after;
    }

    /// Runs a kernel.
    pub fn start(
        &mut self,
        kernel: Kernel,
        bindings: Vec<Binding>,
        parameters: Vec<u32>,
        [groups, layers]: [usize; 2],
    ) {
        let [x, y] = folded(groups);
        self.lowered.dispatches.push(Dispatch {
            kernel,
            bindings,
            parameters,
            after: None,
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
