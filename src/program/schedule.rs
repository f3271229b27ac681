//! Selection of the steps that a plan needs, and of those that store instead of adding.

use super::fill::Fill;
use super::instruction::Instruction;
use super::primitive::Primitive;
use super::record::{Declared, Record, Role};
use super::view::{Buffer, View};
use std::ops::Range;

/// Returns the steps that the outputs need, in order, with fills of zero for buffers that are added to.
pub(super) fn schedule(record: &Record) -> Vec<Instruction> {
    let needed = needed(record);
    let (stores, mut zeroed) = stores(record);
    let mut instructions = Vec::new();
    for ((primitive, to), stores) in record.instructions.iter().zip(stores) {
        if !needed[to.buffer.0] {
            continue;
        }
        let rule = primitive.rule();
        let operands = rule.operands().into_iter().map(|view| view.buffer);
        for buffer in operands.chain([to.buffer]) {
            if std::mem::take(&mut zeroed[buffer.0]) {
                instructions.push(zero(record, buffer));
            }
        }
        instructions.push(Instruction {
            primitive: primitive.clone(),
            to: *to,
            keep: if stores { 0.0 } else { 1.0 },
        });
    }
    let updated = record.updates.iter().flat_map(|(primitive, ..)| {
        let operands = primitive.rule().operands();
        operands.into_iter().map(|view| view.buffer)
    });
    for buffer in record.outputs.iter().copied().chain(updated) {
        if std::mem::take(&mut zeroed[buffer.0]) {
            instructions.push(zero(record, buffer));
        }
    }
    let updates = record.updates.iter();
    instructions.extend(updates.map(|(primitive, to, keep)| Instruction {
        primitive: primitive.clone(),
        to: *to,
        keep: *keep,
    }));
    instructions
}

/// The buffers on which an output or an update depends.
fn needed(record: &Record) -> Vec<bool> {
    let mut needed = vec![false; record.buffers.len()];
    for output in &record.outputs {
        needed[output.0] = true;
    }
    for operand in record.updates.iter().flat_map(|u| u.0.rule().operands()) {
        needed[operand.buffer.0] = true;
    }
    for (primitive, to) in record.instructions.iter().rev() {
        if needed[to.buffer.0] {
            for operand in primitive.rule().operands() {
                needed[operand.buffer.0] = true;
            }
        }
    }
    needed
}

/// Which instructions may store instead of adding, and which buffers must be zeroed first.
///
/// If the parts of a buffer that are written into for the first time fill it, those writes store.
/// No part is read before all are written, as a record demands.
fn stores(record: &Record) -> (Vec<bool>, Vec<bool>) {
    let mut written: Vec<Vec<Range<usize>>> = vec![Vec::new(); record.buffers.len()];
    let mut stored = vec![0; record.buffers.len()];
    let first = |(_, to): &(Primitive, View)| {
        let span = to.offset..to.end();
        let earlier = &mut written[to.buffer.0];
        let first = earlier
            .iter()
            .all(|other| other.end <= span.start || span.end <= other.start);
        earlier.push(span);
        stored[to.buffer.0] += if first { to.entries() } else { 0 };
        first
    };
    let mut stores: Vec<bool> = record.instructions.iter().map(first).collect();
    let unfilled = |(buffer, &stored): (&Declared, &usize)| {
        matches!(buffer.role, Role::Computed) && stored < buffer.len()
    };
    let zeroed: Vec<bool> = record.buffers.iter().zip(&stored).map(unfilled).collect();
    for (stores, (_, to)) in stores.iter_mut().zip(&record.instructions) {
        *stores &= !zeroed[to.buffer.0];
    }
    (stores, zeroed)
}

fn zero(record: &Record, buffer: Buffer) -> Instruction {
    let Declared { rows, columns, .. } = record.buffers[buffer.0];
    let fill = Fill {
        value: 0.0,
        rows,
        columns,
    };
    Instruction {
        primitive: fill.into(),
        to: View::packed(buffer, [rows, columns, 1]),
        keep: 0.0,
    }
}
