//! Prepared parts of instructions, made once a plan: runs of lists, transforms, fused pairs.

use super::column_transform::ColumnTransform;
use super::patches::Patches;
use super::real::Real;
use super::runs::Runs;
use crate::program::{Instruction, Lists, Plan, Primitive, TrigonometricTransform};
use std::sync::Arc;

/// The runs of the lists of each instruction, once for all that share their lists.
pub(super) fn runs(instructions: &[Instruction]) -> Vec<Option<Arc<Runs>>> {
    let mut known: Vec<(&Arc<Lists>, Option<Arc<Runs>>)> = Vec::new();
    let mut of = |lists| {
        let same = known.iter().find(|(other, _)| Arc::ptr_eq(other, lists));
        if let Some((_, runs)) = same {
            return runs.clone();
        }
        let runs = Runs::new(lists, 0..lists.len()).map(Arc::new);
        known.push((lists, runs.clone()));
        runs
    };
    let each = instructions
        .iter()
        .map(|instruction| match &instruction.primitive {
            Primitive::Gather(p) => of(&p.lists),
            Primitive::Maximum(p) => of(&p.lists),
            Primitive::MaximumGradient(p) => of(&p.lists),
            _ => None,
        });
    each.collect()
}

/// The transform of each instruction, once for all that share it.
pub(super) fn transforms<T: Real>(
    instructions: &[Instruction],
) -> Vec<Option<Arc<dyn ColumnTransform<T>>>> {
    let mut known: Vec<(TrigonometricTransform, Arc<dyn ColumnTransform<T>>)> = Vec::new();
    let mut of = |p: &TrigonometricTransform| {
        let same = |(other, _): &&(TrigonometricTransform, _)| {
            let kind = |p: &TrigonometricTransform| (p.waves, p.order, p.transposed);
            kind(other) == kind(p)
        };
        if let Some((_, transform)) = known.iter().find(same) {
            return Arc::clone(transform);
        }
        let transform = T::transform(p);
        known.push((*p, Arc::clone(&transform)));
        transform
    };
    let each = instructions
        .iter()
        .map(|instruction| match &instruction.primitive {
            Primitive::Trigonometric(p) => Some(of(p)),
            _ => None,
        });
    each.collect()
}

/// How to run each instruction and the next as one, if that pays: a gather and a product one of which reads the
/// other, which nobody else does.
pub(super) fn pairs(plan: &Plan) -> Vec<Option<Patches>> {
    let all = plan.instructions();
    let mut pairs: Vec<Option<Patches>> = Vec::new();
    for (i, first) in all.iter().enumerate() {
        let between = first.to.buffer;
        let reads = |i: &Instruction| {
            let operands = i.primitive.rule().operands();
            operands.iter().any(|operand| operand.buffer == between)
        };
        let own =
            !plan.outputs().contains(&between) && all.iter().filter(|i| reads(i)).count() == 1;
        let taken = pairs.last().is_some_and(Option::is_some);
        let next = all.get(i + 1).filter(|next| own && !taken && reads(next));
        pairs.push(next.and_then(|next| Patches::new(first, next)));
    }
    pairs
}
