//! One step of a plan.

use super::primitive::Primitive;
use super::view::{Buffer, View};
use std::fmt;

/// One step of a plan.
#[derive(Debug, Clone)]
pub struct Instruction {
    /// The operation.
    pub primitive: Primitive,
    /// The view that is written. It never shares a slot with an operand.
    pub to: View,
    /// The retention factor of the target: `to ← keep · to + result`. With 0 what is there
    /// is not read; a product or a transform keeps 0 or 1.
    pub keep: f64,
}

impl Instruction {
    pub(super) fn buffers(&self) -> impl Iterator<Item = Buffer> {
        let operands = self.primitive.rule().operands();
        operands
            .into_iter()
            .map(|view| view.buffer)
            .chain([self.to.buffer])
    }

    /// Whether an executor may run this step and the next as one: a gather and a product, one of which reads the other.
    pub(super) fn joins(&self, next: &Instruction) -> bool {
        let kinds = matches!(
            (&self.primitive, &next.primitive),
            (Primitive::Gather(_), Primitive::Gemm(_)) | (Primitive::Gemm(_), Primitive::Gather(_))
        );
        kinds && next.buffers().any(|buffer| buffer == self.to.buffer)
    }

    /// Operations for each entry beside those of the primitive.
    pub(super) fn additions(&self) -> u64 {
        match self.keep {
            0.0 => 0,
            1.0 => 1,
            _ => 2,
        }
    }
}

impl fmt::Display for Instruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Instruction { to, keep, .. } = self;
        match keep {
            0.0 => write!(f, "{to} = ")?,
            1.0 => write!(f, "{to} += ")?,
            _ => write!(f, "{to} = {keep} of it + ")?,
        }
        self.primitive.rule().fmt(f)
    }
}
