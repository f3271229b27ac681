//! The stack of a pickle's machine, with the marks set on it.

use super::Value;
use crate::weights::error::Fault;

/// Marks that may be open at once.
const MOST_MARKS: usize = 1000;

/// Values below the last mark cannot be reached until it is taken away.
#[derive(Default)]
pub(super) struct Stack {
    values: Vec<Value>,
    /// Heights at which the open marks stand.
    marks: Vec<usize>,
}

impl Stack {
    pub(super) fn push(&mut self, value: Value) {
        self.values.push(value);
    }

    pub(super) fn mark(&mut self) -> Result<(), Fault> {
        if self.marks.len() == MOST_MARKS {
            return Err(Fault::malformed(format!(
                "more than {MOST_MARKS} open marks"
            )));
        }
        self.marks.push(self.values.len());
        Ok(())
    }

    fn reachable(&self) -> &[Value] {
        &self.values[self.marks.last().copied().unwrap_or(0)..]
    }

    pub(super) fn top(&self) -> Result<Value, Fault> {
        self.reachable().last().copied().ok_or_else(underflow)
    }

    pub(super) fn pop(&mut self) -> Result<Value, Fault> {
        let top = self.top()?;
        self.values.pop();
        Ok(top)
    }

    /// The last `count` values, the topmost last.
    pub(super) fn pop_many(&mut self, count: usize) -> Result<Vec<Value>, Fault> {
        if self.reachable().len() < count {
            return Err(underflow());
        }
        Ok(self.values.split_off(self.values.len() - count))
    }

    /// Everything above the last mark, and the mark.
    pub(super) fn pop_mark(&mut self) -> Result<Vec<Value>, Fault> {
        let mark = self.marks.pop();
        let mark = mark.ok_or_else(|| Fault::malformed("a mark is missing on the stack"))?;
        Ok(self.values.split_off(mark))
    }

    /// Takes away the topmost value, or the mark when none stands above it.
    pub(super) fn drop_top(&mut self) -> Result<(), Fault> {
        if !self.marks.is_empty() && self.reachable().is_empty() {
            self.marks.pop();
            return Ok(());
        }
        self.pop().map(drop)
    }
}

fn underflow() -> Fault {
    Fault::malformed("the stack is empty where a value is needed")
}
