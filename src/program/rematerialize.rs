//! Rematerialization: rows gathered again where they are read, not kept.

use super::gemm::Gemm;
use super::instruction::Instruction;
use super::primitive::Primitive;
use super::record::{Declared, Role};
use super::view::Buffer;

/// Emits an enlarging [`Gather`](super::Gather) of single rows again right before every product that uses it as right
/// operand, if nothing else reads it.
///
/// Patches of images are such: many times larger than the images, read by the product with the kernel and again
/// by that of its gradient. They are quick to gather and expensive to keep; an executor that runs the two steps as one
/// needs but a part of them at a time (as cuDNN does: Chetlur et al. 2014).
pub(super) fn rematerialize(
    instructions: Vec<Instruction>,
    buffers: &mut Vec<Declared>,
) -> Vec<Instruction> {
    let moved: Vec<bool> = instructions
        .iter()
        .map(|i| is_moved(i, &instructions, buffers))
        .collect();
    let mut result = Vec::new();
    for (i, instruction) in instructions.iter().enumerate() {
        if moved[i] {
            continue;
        }
        let mut instruction = instruction.clone();
        let from = |gather: &Instruction, product: &Gemm| gather.to.buffer == product.b.buffer;
        if let Primitive::Gemm(product) = &mut instruction.primitive
            && let Some(place) = (0..i).find(|&g| moved[g] && from(&instructions[g], product))
        {
            let mut gather = instructions[place].clone();
            let buffer = gather.to.buffer;
            let again = result.iter().any(|i: &Instruction| i.to.buffer == buffer);
            if again {
                buffers.push(buffers[buffer.0].clone());
                let copy = Buffer(buffers.len() - 1);
                gather.to = gather.to.of(copy);
                product.b = product.b.of(copy);
            }
            result.push(gather);
        }
        result.push(instruction);
    }
    result
}

fn is_moved(gather: &Instruction, all: &[Instruction], buffers: &[Declared]) -> bool {
    let buffer = gather.to.buffer;
    let declared = &buffers[buffer.0];
    let larger = match &gather.primitive {
        Primitive::Gather(p) => p.lists.longest() <= 1 && p.lists.len() > p.lists.sources(),
        _ => false,
    };
    let own = matches!(declared.role, Role::Computed) && declared.name.is_none();
    let whole = gather.keep == 0.0 && gather.to.entries() == declared.len();
    let writes = || all.iter().filter(|i| i.to.buffer == buffer);
    let reads = |i: &&Instruction| {
        let operands = i.primitive.rule().operands();
        operands.iter().any(|operand| operand.buffer == buffer)
    };
    let right = |i: &Instruction| match i.primitive {
        Primitive::Gemm(p) => p.b.buffer == buffer && p.a.buffer != buffer,
        _ => false,
    };
    larger && own && whole && writes().count() == 1 && all.iter().filter(reads).all(right)
}
