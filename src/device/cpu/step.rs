//! One instruction on the CPU.

use super::column_transform::ColumnTransform;
use super::operand::{Operand, Target};
use super::real::Real;
use super::runs::Runs;
use super::{
    cross_entropy, descent, elementwise, gather, gemm, generated, hadamard, maximum, reduce,
    trigonometric,
};
use crate::program::{Buffer, CrossEntropy, Instruction, Plan, Primitive};
use faer::traits::math_utils::from_f64;

/// Numbers of work space that an instruction takes.
pub(super) fn space(instruction: &Instruction) -> usize {
    match &instruction.primitive {
        Primitive::Gemm(p) => gemm::space(p),
        Primitive::Reduce(p) => reduce::space(&p.x, p.over),
        _ => 0,
    }
}

/// Returns the slot of a buffer that the plan uses.
pub(super) fn slot(plan: &Plan, buffer: Buffer) -> usize {
    let planned = &plan.buffers()[buffer.index()];
    planned.slot.expect("what a plan uses has a slot")
}

/// The prepared parts of an instruction.
pub(super) struct Ready<'a, T> {
    pub runs: Option<&'a Runs>,
    pub transform: Option<&'a dyn ColumnTransform<T>>,
}

pub(super) fn step<T: Real>(
    plan: &Plan,
    instruction: &Instruction,
    ready: Ready<'_, T>,
    memory: &[Vec<T>],
    values: &mut [T],
    work: &mut [T],
) {
    let operand = |view| Operand::new(view, &memory[slot(plan, view.buffer)]);
    let target = Target::new(instruction.to, values, instruction.keep);
    let Ready { runs, transform } = ready;
    match &instruction.primitive {
        Primitive::Gemm(p) => gemm::run(target, p, operand(p.a), operand(p.b), work),
        Primitive::GeneratedSum(p) => {
            generated::sum(target, &p.matrices, operand(p.coefficients));
        }
        Primitive::GeneratedProducts(p) => generated::products(target, &p.matrices, operand(p.d)),
        Primitive::Map(p) => elementwise::map(target, p.function, operand(p.x)),
        Primitive::Zip(p) => {
            elementwise::zip(target, p.combination, operand(p.x), operand(p.z));
        }
        Primitive::Reduce(p) => reduce::run(target, p.over, operand(p.x), work),
        Primitive::Gather(p) => gather::run(target, &p.lists, runs, operand(p.x)),
        Primitive::Maximum(p) => maximum::run(target, &p.lists, runs, operand(p.x)),
        Primitive::MaximumGradient(p) => {
            maximum::gradient(target, &p.lists, runs, operand(p.x), operand(p.dy));
        }
        Primitive::CrossEntropy(p) => {
            cross_entropy::run(target, operand(p.scores), operand(p.classes));
        }
        Primitive::CrossEntropyGradient(p) => {
            let CrossEntropy { scores, classes } = p.of;
            cross_entropy::gradient(target, operand(scores), operand(classes), operand(p.dy));
        }
        Primitive::Hadamard(p) => hadamard::run(target, from_f64(p.scale), operand(p.x)),
        Primitive::Trigonometric(p) => {
            let transform = transform.expect("what prepare made ready");
            trigonometric::run(target, p, transform, operand(p.x));
        }
        Primitive::Fill(p) => elementwise::fill(target, from_f64(p.value)),
        Primitive::Descent(p) => {
            let (rate, decay) = (operand(p.rate), from_f64(p.decay));
            descent::run(target, operand(p.gradient), operand(p.weight), rate, decay);
        }
        Primitive::AdamStep(p) => {
            descent::adam(target, operand(p.m), operand(p.v), operand(p.settings));
        }
    }
}
