//! Dispatches: what a plan comes down to on a GPU.

use crate::program::View;

/// Threads of a workgroup of every kernel that runs over entries.
pub(super) const THREADS: usize = 256;

/// Workgroups a dimension that every adapter takes.
const WIDEST: u32 = 65_535;

/// Text before every kernel.
const PRELUDE: &str = concat!(
    include_str!("prelude.wgsl"),
    include_str!("elementary.wgsl")
);

/// A program for the GPU. Kernels of one text are compiled once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Kernel {
    /// The name in errors.
    pub name: &'static str,
    /// WGSL; `main` is its entry point.
    pub text: String,
}

impl Kernel {
    /// The kernel in `file` with these constants.
    pub fn new(name: &'static str, constants: &[(&str, u32)], file: &str) -> Kernel {
        let constants: String = constants
            .iter()
            .map(|(name, value)| format!("const {name}: u32 = {value}u;\n"))
            .collect();
        let text = format!("{PRELUDE}{constants}{file}");
        Kernel { name, text }
    }

    /// The same with more text.
    pub fn with(mut self, more: &str) -> Kernel {
        self.text.push_str(more);
        self
    }
}

/// Memory of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// A slot of the plan.
    Slot(usize),
    /// A table that never changes.
    Table(usize),
    /// Room for partial results.
    Scratch,
}

/// Part of a memory that a kernel sees, in numbers of four bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Binding {
    pub source: Source,
    pub first: usize,
    pub count: usize,
    pub write: bool,
}

impl Binding {
    /// The smallest binding that covers two parts of one memory.
    pub fn joined(&self, other: &Binding) -> Binding {
        let first = self.first.min(other.first);
        let end = (self.first + self.count).max(other.first + other.count);
        Binding {
            source: self.source,
            first,
            count: end - first,
            write: self.write || other.write,
        }
    }
}

/// One run of a kernel. Binding 0 has the parameters, the others follow in order.
#[derive(Debug, Clone)]
pub(super) struct Dispatch {
    pub kernel: Kernel,
    pub bindings: Vec<Binding>,
    /// A uniform structure, word by word.
    pub parameters: Vec<u32>,
    /// A second uniform structure, for what is done with the results, and its place among the bindings.
    pub after: Option<(usize, Vec<u32>)>,
    /// Workgroups in each dimension.
    pub groups: [u32; 3],
}

/// A view as kernels have it: place of the first entry in its binding, then the distances between rows,
/// columns and matrices.
pub(super) fn strides(view: View, first: usize) -> [u32; 4] {
    [
        view.offset - first,
        view.row_stride,
        view.column_stride,
        view.batch_stride,
    ]
    .map(word)
}

/// A size as a word of a parameter.
pub(super) fn word(size: usize) -> u32 {
    u32::try_from(size).expect("gpu: parts were cut to 32-bit sizes")
}

/// `count` workgroups, folded into two dimensions where one does not take them; a kernel's `group` unfolds them.
pub(super) fn folded(count: usize) -> [u32; 2] {
    let widest = WIDEST as usize;
    let rows = count.div_ceil(widest).max(1);
    [word(count.div_ceil(rows)), word(rows)]
}
