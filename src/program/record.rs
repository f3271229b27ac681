//! Writing a program down.

use super::map::Map;
use super::primitive::Primitive;
use super::view::{Buffer, View};
use std::sync::Arc;

/// The origin of the values of a buffer.
#[derive(Debug, Clone)]
pub enum Role {
    /// From outside, before a run: samples, fixed parameters.
    Input,
    /// From outside before the first run, then from the last one: parameters that are trained.
    State,
    /// From the record itself.
    Constant(Arc<[f64]>),
    /// From primitives.
    Computed,
}

/// A buffer as declared: a column-major matrix.
#[derive(Debug, Clone)]
pub(super) struct Declared {
    pub name: Option<String>,
    pub rows: usize,
    pub columns: usize,
    pub role: Role,
    written: bool,
    read: bool,
}

impl Declared {
    pub(super) fn len(&self) -> usize {
        self.rows * self.columns
    }
}

/// A program being written: buffers, and primitives in the order in which they run.
#[derive(Debug, Clone, Default)]
pub struct Record {
    pub(super) buffers: Vec<Declared>,
    pub(super) instructions: Vec<(Primitive, View)>,
    pub(super) outputs: Vec<Buffer>,
    /// State updates applied after the run, with retention factors: `state ← keep · state + update`.
    pub(super) updates: Vec<(Primitive, View, f64)>,
}

impl Record {
    /// The empty program.
    pub fn new() -> Record {
        Record::default()
    }

    /// A matrix that comes from outside; it may be empty.
    pub fn input(&mut self, name: &str, rows: usize, columns: usize) -> View {
        self.declare(Some(name), [rows, columns, 1], Role::Input)
    }

    /// A matrix that lasts from run to run and changes where [`update`](Record::update) says.
    pub fn state(&mut self, name: &str, rows: usize, columns: usize) -> View {
        self.declare(Some(name), [rows, columns, 1], Role::State)
    }

    /// A matrix known now, column-major. Values behind one `Arc` are one buffer.
    ///
    /// # Panics
    /// If `values` has not its size.
    pub fn constant(
        &mut self,
        name: &str,
        rows: usize,
        columns: usize,
        values: impl Into<Arc<[f64]>>,
    ) -> View {
        let values = values.into();
        let given = values.len();
        assert!(
            given == rows * columns,
            "constant {name}: {given} numbers for {rows}×{columns}"
        );
        let same = |declared: &Declared| match &declared.role {
            Role::Constant(known) => Arc::ptr_eq(known, &values) && declared.rows == rows,
            _ => false,
        };
        match self.buffers.iter().position(same) {
            Some(known) => View::packed(Buffer(known), [rows, columns, 1]),
            None => self.declare(Some(name), [rows, columns, 1], Role::Constant(values)),
        }
    }

    /// A matrix of zeros, to be added to.
    pub fn zeros(&mut self, rows: usize, columns: usize) -> View {
        self.declare(None, [rows, columns, 1], Role::Computed)
    }

    /// The result of `primitive` in a buffer of its own.
    ///
    /// # Panics
    /// If the result or an operand is empty, or an operand does not lie in its buffer.
    pub fn push(&mut self, primitive: impl Into<Primitive>) -> View {
        let primitive = primitive.into();
        let to = self.declare(None, primitive.rule().shape(), Role::Computed);
        self.add(to, primitive);
        to
    }

    /// `to ← to + primitive`.
    ///
    /// # Panics
    /// If the shapes differ; if a view is empty or does not lie in its buffer; if two entries of `to` are one; if the buffer of `to` comes from outside, is constant, or has been read before; if a
    /// product has no contiguous rows or columns in `to`.
    pub fn add(&mut self, to: View, primitive: impl Into<Primitive>) {
        let primitive = primitive.into();
        let rule = primitive.rule();
        assert!(rule.shape() == to.shape(), "add: {rule} to {to}");
        self.read_operands(&primitive);
        for operand in rule.operands() {
            let buffer = &self.buffers[operand.buffer.0];
            let changed = matches!(buffer.role, Role::State) && buffer.written;
            assert!(!changed, "{rule}: {operand} has been changed");
        }
        let buffer = &self.buffers[to.buffer.0];
        let [rows, columns] = [buffer.rows, buffer.columns];
        let inside = to.entries() > 0 && to.end() <= buffer.len();
        assert!(
            inside,
            "add: {rule}: {to} is empty or leaves its {rows}×{columns}"
        );
        let computed = matches!(buffer.role, Role::Computed);
        assert!(computed, "add: {rule}: {to} comes from outside");
        assert!(!buffer.read, "add: {rule}: {to} has been read");
        assert!(to.is_injective(), "add: {rule}: {to} overlaps itself");
        match primitive {
            Primitive::Gemm(_) if !to.has_leading_dimension() => {
                panic!("add: {rule}: {to} has no contiguous rows or columns")
            }
            // the butterflies work in place
            Primitive::Hadamard(_) if buffer.written || !self.is_whole(to) => {
                let fresh = self.push(primitive);
                return self.add(to, Map::copy(fresh));
            }
            _ => {}
        }
        self.buffers[to.buffer.0].written = true;
        self.instructions.push((primitive, to));
    }

    /// Changes a state once everything else has read it: `state ← keep · state + primitive`.
    ///
    /// Updates run last, in their order: a later one may read this state and sees what this one made of it.
    /// Nothing else can read it any more in this record, nor can it change again. With `keep` 0 what
    /// the state held does not matter.
    ///
    /// # Panics
    /// If the shapes differ, `state` is not a whole state, the primitive reads it, or it is a product or
    /// transform that needs another place.
    pub fn update(&mut self, state: View, keep: f64, primitive: impl Into<Primitive>) {
        let primitive = primitive.into();
        let rule = primitive.rule();
        let declared = &self.buffers[state.buffer.0];
        let whole = self.is_whole(state) && matches!(declared.role, Role::State);
        assert!(whole, "update: {state} is no whole state");
        assert!(rule.shape() == state.shape(), "update: {rule} to {state}");
        assert!(!declared.written, "update: {state} has been changed");
        for operand in rule.operands() {
            let own = operand.buffer == state.buffer;
            assert!(!own, "update: {rule} reads what it changes");
        }
        assert!(
            !matches!(primitive, Primitive::Gemm(_) | Primitive::Hadamard(_)),
            "update: {rule} needs a buffer of its own"
        );
        self.read_operands(&primitive);
        self.buffers[state.buffer.0].written = true;
        self.updates.push((primitive, state, keep));
    }

    /// Names a result; the buffer in which it can be read after a run.
    ///
    /// # Panics
    /// If `view` is a batch or does not lie in its buffer.
    pub fn output(&mut self, name: &str, view: View) -> Buffer {
        let declared = &self.buffers[view.buffer.0];
        let own = matches!(declared.role, Role::Computed) && declared.name.is_none();
        let result = if own && self.is_whole(view) {
            view
        } else {
            self.push(Map::copy(view))
        };
        self.buffers[result.buffer.0].name = Some(name.to_owned());
        self.outputs.push(result.buffer);
        result.buffer
    }

    /// Notes that the operands are read.
    fn read_operands(&mut self, primitive: &Primitive) {
        let rule = primitive.rule();
        for operand in rule.operands() {
            let buffer = &mut self.buffers[operand.buffer.0];
            let inside = operand.entries() > 0 && operand.end() <= buffer.len();
            assert!(inside, "{rule}: {operand} is empty or leaves its buffer");
            buffer.read = true;
        }
    }

    /// Whether `view` is its buffer, packed.
    pub(super) fn is_whole(&self, view: View) -> bool {
        view.is_packed() && view.entries() == self.buffers[view.buffer.0].len()
    }

    fn declare(&mut self, name: Option<&str>, shape: [usize; 3], role: Role) -> View {
        let [rows, columns, batch] = shape;
        let name = name.map(str::to_owned);
        self.buffers.push(Declared {
            name,
            rows,
            columns: columns * batch,
            role,
            written: false,
            read: false,
        });
        View::packed(Buffer(self.buffers.len() - 1), shape)
    }
}
