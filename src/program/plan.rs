//! A record made ready to run.

use super::instruction::Instruction;
use super::memory::{Memory, lay_out};
use super::record::{Declared, Record, Role};
use super::rematerialize::rematerialize;
use super::schedule::schedule;
use super::view::{Buffer, View};
use std::fmt;

/// A list of primitives with static memory: nothing is allocated to run it.
///
/// Against its [`Record`], primitives that no output needs are gone; the first writes into parts that
/// fill a buffer store instead of adding; rows that only products read are gathered right before each of
/// them; buffers that never live together share memory.
#[derive(Debug, Clone)]
pub struct Plan {
    buffers: Vec<PlannedBuffer>,
    instructions: Vec<Instruction>,
    outputs: Vec<Buffer>,
    slots: Vec<usize>,
}

/// A buffer of a plan: a column-major matrix.
#[derive(Debug, Clone)]
pub struct PlannedBuffer {
    /// The name, if it is an input, a constant or an output.
    pub name: Option<String>,
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// The origin of its values.
    pub role: Role,
    /// The index in [`Plan::slots`]; `None` if the plan does not use it.
    pub slot: Option<usize>,
}

/// The cost of one run of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Floating-point operations; a value of a function counts as one.
    pub flops: u64,
    /// Numbers read from and written to memory, as if nothing were cached between primitives.
    pub numbers: u64,
    /// Random entries drawn.
    pub draws: u64,
}

impl Cost {
    /// Bytes moved, for numbers of `size` bytes.
    pub fn bytes(&self, size: usize) -> u64 {
        self.numbers * size as u64
    }
}

impl Plan {
    /// The plan that computes the outputs of `record`.
    pub fn new(record: &Record) -> Plan {
        let mut buffers = record.buffers.clone();
        let instructions = rematerialize(schedule(record), &mut buffers);
        let sizes: Vec<usize> = buffers.iter().map(|b| b.len()).collect();
        let mut used = vec![false; sizes.len()];
        for buffer in instructions.iter().flat_map(Instruction::buffers) {
            used[buffer.0] = true;
        }
        let pinned: Vec<Buffer> = (0..sizes.len())
            .filter(|&i| match buffers[i].role {
                Role::Input | Role::State => true,
                Role::Constant(_) => used[i],
                Role::Computed => record.outputs.contains(&Buffer(i)),
            })
            .map(Buffer)
            .collect();
        let Memory { slots, places } = lay_out(&sizes, &pinned, &instructions);
        let planned = |(declared, slot): (&Declared, _)| PlannedBuffer {
            name: declared.name.clone(),
            rows: declared.rows,
            columns: declared.columns,
            role: declared.role.clone(),
            slot,
        };
        Plan {
            buffers: buffers.iter().zip(places).map(planned).collect(),
            instructions,
            outputs: record.outputs.clone(),
            slots,
        }
    }

    /// All buffers of the record, by [`Buffer::index`], then those of its own.
    pub fn buffers(&self) -> &[PlannedBuffer] {
        &self.buffers
    }

    /// The steps, in order. For an adjacent gather and product with a data dependency, no operand aliases either result, so
    /// that an executor may fuse them.
    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }

    /// The buffers that can be read after a run.
    pub fn outputs(&self) -> &[Buffer] {
        &self.outputs
    }

    /// Sizes of the slots of memory, in numbers.
    pub fn slots(&self) -> &[usize] {
        &self.slots
    }

    /// Returns the cost of one run.
    pub fn cost(&self) -> Cost {
        let mut cost = Cost {
            flops: 0,
            numbers: 0,
            draws: 0,
        };
        for instruction in &self.instructions {
            let Instruction {
                primitive,
                to,
                keep,
            } = instruction;
            let rule = primitive.rule();
            let result = to.entries() as u64;
            let read = rule.operands().iter().map(View::distinct).sum::<usize>();
            cost.flops += rule.flops() + result * instruction.additions();
            cost.numbers += read as u64 + result * (1 + u64::from(*keep != 0.0));
            cost.draws += rule.draws();
        }
        cost
    }

    /// A bound on the roundings on any path from an input to an output: each result is within about
    /// `roundings · ε` of the exact one, relative to the sum of the sizes of what it adds up.
    pub fn roundings(&self) -> usize {
        let each = |i: &Instruction| i.primitive.rule().roundings() + i.additions() as usize;
        self.instructions.iter().map(each).sum()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, buffer) in self.buffers.iter().enumerate() {
            let PlannedBuffer { name, slot, .. } = buffer;
            let kind = match buffer.role {
                _ if slot.is_none() => continue,
                Role::Input => "input",
                Role::State => "state",
                Role::Constant(_) => "constant",
                Role::Computed if self.outputs.contains(&Buffer(i)) => "output",
                Role::Computed => continue,
            };
            let name = name.as_deref().unwrap_or_default();
            let (rows, columns) = (buffer.rows, buffer.columns);
            writeln!(f, "{kind:8} {} {name} {rows}×{columns}", Buffer(i))?;
        }
        for instruction in &self.instructions {
            writeln!(f, "{instruction}")?;
        }
        let memory = self.slots.iter().sum::<usize>();
        let Cost {
            flops,
            numbers,
            draws,
        } = self.cost();
        write!(
            f,
            "{} steps, {flops} operations, {numbers} numbers moved, {draws} drawn; {memory} numbers in {} slots",
            self.instructions.len(),
            self.slots.len()
        )
    }
}
