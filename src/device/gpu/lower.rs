//! A plan as dispatches.

use super::builder::{Limits, Lowered, Lowering};
use super::chain::Chain;
use super::dispatch::{Kernel, THREADS, word};
use super::finish::Finish;
use super::split::split;
use super::{cross_entropy, gather, gemm, generated, hadamard, maximum, reduce, trigonometric};
use crate::program::{Instruction, Plan, Primitive, View};

/// The dispatches of `plan`. With `poisoned`, what is to be stored holds no number before.
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
        let chain = Chain::new(&lowering, rest);
        let (taken, after) = rest.split_at(chain.len());
        if poisoned {
            for part in taken.iter().filter(|part| part.keep == 0.0) {
                // memory of what is read no more may be a chain's to write
                let slot = lowering.slot(part.to.buffer);
                if !reads(&lowering, taken, slot) {
                    fill(&mut lowering, f32::NAN, part.to);
                }
            }
        }
        let finish = chain.finish(&lowering, after);
        if chain.is_elementwise() {
            each(&mut lowering, chain.entries(), finish);
        } else {
            one(&mut lowering, first, finish);
        }
        rest = after;
    }
    Ok(lowering.into_lowered())
}

/// Work that is not elementwise; `finish` is done with its numbers.
fn one(lowering: &mut Lowering<'_>, part: &Instruction, finish: Finish) {
    let to = part.to;
    match &part.primitive {
        Primitive::Gemm(p) => gemm::lower(lowering, p, to, finish),
        Primitive::GeneratedSum(p) => generated::sum(lowering, p, to, part.keep as f32, finish),
        Primitive::GeneratedProducts(p) => generated::products(lowering, p, to, finish),
        Primitive::Reduce(p) => reduce::lower(lowering, p, to, finish),
        Primitive::Gather(p) => gather::lower(lowering, p, to, finish),
        Primitive::Maximum(p) => maximum::lower(lowering, p, to, finish),
        Primitive::MaximumGradient(p) => maximum::gradient(lowering, p, to, finish),
        Primitive::CrossEntropy(p) => cross_entropy::lower(lowering, p, to, finish),
        Primitive::CrossEntropyGradient(p) => cross_entropy::gradient(lowering, p, to, finish),
        Primitive::Hadamard(p) => hadamard::lower(lowering, p, to),
        Primitive::Trigonometric(p) => trigonometric::lower(lowering, p, to, finish),
        Primitive::Map(_)
        | Primitive::Zip(_)
        | Primitive::Fill(_)
        | Primitive::Descent(_)
        | Primitive::AdamStep(_) => unreachable!("elementwise work is all finish"),
    }
}

/// Has `finish` done at so many places.
fn each(lowering: &mut Lowering<'_>, entries: usize, finish: Finish) {
    let constants = [("THREADS", word(THREADS))];
    let text = include_str!("elementwise.wgsl");
    let kernel = Kernel::new("elementwise", &constants, text);
    let groups = entries.div_ceil(THREADS);
    lowering.dispatch(kernel, Vec::new(), vec![word(entries)], finish, [groups, 1]);
}

/// Has every entry of `to` set to `value`.
fn fill(lowering: &mut Lowering<'_>, value: f32, to: View) {
    for matrix in 0..to.batch {
        let to = View {
            offset: to.offset + matrix * to.batch_stride,
            batch: 1,
            ..to
        };
        let mut finish = Finish::new(to.rows);
        let value = finish.number(value);
        finish.store(lowering, to, &value);
        each(lowering, to.entries(), finish);
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
