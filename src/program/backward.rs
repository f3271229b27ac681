//! The adjoint program.

use super::map::{Function, Map};
use super::primitive::Primitive;
use super::record::Record;
use super::reduce::{Axis, Reduce};
use super::view::{Buffer, View};

impl Record {
    /// Appends the program of the gradients `∂⟨dy, y⟩/∂w` for each `w` of `wrt`, and returns them.
    ///
    /// `dy` is the gradient of some number in `y`, so these are the gradients of that number.
    /// Only what lies between `wrt` and `y` is differentiated. Cost: about twice that of
    /// the differentiated primitives, once for each operand that depends on `wrt`.
    ///
    /// # Panics
    /// If `y` and `dy` differ in shape, or a primitive on the way has no derivative.
    pub fn backward(&mut self, y: View, dy: View, wrt: &[View]) -> Vec<View> {
        assert!(y.shape() == dy.shape(), "backward: {dy} for {y}");
        let end = self.instructions.len();
        let mut active = vec![false; self.buffers.len()];
        for view in wrt {
            active[view.buffer.0] = true;
        }
        for (primitive, to) in &self.instructions {
            for operand in primitive.rule().operands() {
                active[to.buffer.0] |= active[operand.buffer.0];
            }
        }
        let whole = self.is_whole(y) && self.is_whole(dy);
        let mut adjoints = Adjoints {
            gradients: vec![None; active.len()],
            active,
            record: self,
        };
        if whole {
            // no path leads from y to y: nothing else will be added to its gradient
            adjoints.gradients[y.buffer.0] = Some(dy.buffer);
        } else {
            adjoints.add(y, || Map::copy(dy));
        }
        for index in (0..end).rev() {
            let (primitive, to) = &adjoints.record.instructions[index];
            if adjoints.active[to.buffer.0]
                && let Some(gradient) = adjoints.gradients[to.buffer.0]
            {
                let dy = to.of(gradient);
                primitive.clone().rule().differentiate(dy, &mut adjoints);
            }
        }
        wrt.iter().map(|view| adjoints.gradient(*view)).collect()
    }
}

/// The gradients found so far, to which the rules of primitives add.
#[derive(Debug)]
pub struct Adjoints<'a> {
    record: &'a mut Record,
    active: Vec<bool>,
    gradients: Vec<Option<Buffer>>,
}

impl Adjoints<'_> {
    /// Adds a primitive to the gradient of `operand`, unless nobody asks for that.
    ///
    /// Where the operand is one matrix, column or row repeated, the contributions are summed.
    pub fn add<P: Into<Primitive>>(&mut self, operand: View, contribution: impl FnOnce() -> P) {
        if !self.active[operand.buffer.0] {
            return;
        }
        let mut to = self.gradient(operand);
        let mut contribution = contribution().into();
        if to.batch > 1 && to.batch_stride == 0 {
            let each = self.record.push(contribution);
            let matrices = each.reshaped([to.rows * to.columns, to.batch, 1]);
            let sum = Reduce::new(Axis::Columns, matrices);
            let sum = self.record.push(sum);
            contribution = Map::copy(sum.reshaped([to.rows, to.columns, 1])).into();
            to.batch = 1;
        }
        if to.columns > 1 && to.column_stride == 0 {
            let each = self.value(contribution);
            contribution = Reduce::new(Axis::Columns, each).into();
            to.columns = 1;
        }
        if to.rows > 1 && to.row_stride == 0 {
            let each = self.value(contribution);
            contribution = Reduce::new(Axis::Rows, each).into();
            to.rows = 1;
        }
        self.record.add(to, contribution);
    }

    /// Refuses a derivative with respect to `operand`.
    ///
    /// # Panics
    /// If the gradient of `operand` is asked for.
    pub fn refuse(&self, operand: View, problem: &str) {
        let active = self.active[operand.buffer.0];
        assert!(!active, "{problem} {operand}");
    }

    /// The result of a primitive, where it is already if it is a copy.
    fn value(&mut self, primitive: Primitive) -> View {
        match primitive {
            Primitive::Map(Map {
                function: Function::Scale(1.0),
                x,
            }) => x,
            primitive => self.record.push(primitive),
        }
    }

    /// The gradient of `view`, zero as yet if nothing was added to it.
    fn gradient(&mut self, view: View) -> View {
        let place = view.buffer.0;
        let buffer = match self.gradients[place] {
            Some(buffer) => buffer,
            None => {
                let of = &self.record.buffers[place];
                let (rows, columns) = (of.rows, of.columns);
                self.record.zeros(rows, columns).buffer
            }
        };
        self.gradients[place] = Some(buffer);
        view.of(buffer)
    }
}
