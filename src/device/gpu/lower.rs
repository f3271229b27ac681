//! A plan as dispatches.

use super::builder::{Limits, Lowered, Lowering};
use super::dispatch::{Kernel, THREADS, word};
use super::epilogue::Epilogue;
use super::fused_group::FusedGroup;
use super::split::split;
use super::{cross_entropy, gather, gemm, generated, hadamard, maximum, reduce, trigonometric};
use crate::program::{Instruction, Plan, Primitive, View};

/// Lowers `plan` to dispatches. With `poisoned`, every output that is overwritten is filled with NaN before.
///
/// # Errors
/// An instruction that has no parts that fit the limits.
pub(super) fn lower(
    plan: &Plan,
    limits: Limits,
    poisoned: bool,
) -> Result<Lowered, Box<Instruction>> {
    let mut lowering = Lowering::new(plan, limits);
    let parts = split(plan.instructions(), limits.binding - limits.alignment)?;
    let mut rest = parts.as_slice();
    while let [first, ..] = rest {
        let group = FusedGroup::new(&lowering, rest);
        let (taken, after) = rest.split_at(group.len());
        if poisoned {
            for part in taken.iter().filter(|part| part.keep == 0.0) {
                // memory of what is read no more may be a group's to write
                let slot = lowering.slot(part.to.buffer);
                if !reads(&lowering, taken, slot) {
                    fill(&mut lowering, f32::NAN, part.to);
                }
            }
        }
        let epilogue = group.epilogue(&lowering, after);
        if group.is_elementwise() {
            each(&mut lowering, group.entries(), epilogue);
        } else {
            one(&mut lowering, first, epilogue);
        }
        rest = after;
    }
    Ok(lowering.into_lowered())
}

/// Lowers an instruction that is not elementwise; its results go through `epilogue`.
fn one(lowering: &mut Lowering<'_>, part: &Instruction, epilogue: Epilogue) {
    let to = part.to;
    match &part.primitive {
        Primitive::Gemm(p) => gemm::lower(lowering, p, to, epilogue),
        Primitive::GeneratedSum(p) => generated::sum(lowering, p, to, part.keep as f32, epilogue),
        Primitive::GeneratedProducts(p) => generated::products(lowering, p, to, epilogue),
        Primitive::Reduce(p) => reduce::lower(lowering, p, to, epilogue),
        Primitive::Gather(p) => gather::lower(lowering, p, to, epilogue),
        Primitive::Maximum(p) => maximum::lower(lowering, p, to, epilogue),
        Primitive::MaximumGradient(p) => maximum::gradient(lowering, p, to, epilogue),
        Primitive::CrossEntropy(p) => cross_entropy::lower(lowering, p, to, epilogue),
        Primitive::CrossEntropyGradient(p) => cross_entropy::gradient(lowering, p, to, epilogue),
        Primitive::Hadamard(p) => hadamard::lower(lowering, p, to),
        Primitive::Trigonometric(p) => trigonometric::lower(lowering, p, to, epilogue),
        Primitive::Map(_)
        | Primitive::Zip(_)
        | Primitive::Fill(_)
        | Primitive::Descent(_)
        | Primitive::AdamStep(_) => unreachable!("elementwise work is all epilogue"),
    }
}

/// Has `epilogue` done at so many places.
fn each(lowering: &mut Lowering<'_>, entries: usize, epilogue: Epilogue) {
    let constants = [("THREADS", word(THREADS))];
    let text = include_str!("elementwise.wgsl");
    let kernel = Kernel::new("elementwise", &constants, text);
    let groups = entries.div_ceil(THREADS);
    lowering.dispatch(
        kernel,
        Vec::new(),
        vec![word(entries)],
        epilogue,
        [groups, 1],
    );
}

/// Has every entry of `to` set to `value`.
fn fill(lowering: &mut Lowering<'_>, value: f32, to: View) {
    for matrix in 0..to.batch {
        let to = View {
            offset: to.offset + matrix * to.batch_stride,
            batch: 1,
            ..to
        };
        let mut epilogue = Epilogue::new(to.rows);
        let value = epilogue.number(value);
        epilogue.store(lowering, to, &value);
        each(lowering, to.entries(), epilogue);
    }
}

/// Whether one of `parts` reads what lies in a slot.
fn reads(lowering: &Lowering<'_>, parts: &[Instruction], slot: usize) -> bool {
    let operands = parts
        .iter()
        .flat_map(|part| part.primitive.rule().operands());
    operands
        .into_iter()
        .any(|view| lowering.slot(view.buffer) == slot)
}
