//! The closed list of primitive operations and what each of them owes.

use super::backward::Adjoints;
use super::cross_entropy::{CrossEntropy, CrossEntropyGradient};
use super::descent::{AdamStep, Descent};
use super::fill::Fill;
use super::gather::Gather;
use super::gemm::Gemm;
use super::generated::{GeneratedProducts, GeneratedSum};
use super::hadamard::HadamardTransform;
use super::map::Map;
use super::maximum::{Maximum, MaximumGradient};
use super::reduce::Reduce;
use super::trigonometric::TrigonometricTransform;
use super::view::View;
use super::zip::Zip;
use std::fmt;

/// One primitive operation on its operands. Its result is *added* to a view of a buffer.
///
/// An executor matches on this list; everything else follows from [`Rule`].
#[derive(Debug, Clone)]
pub enum Primitive {
    /// `α A B`, strided and batched.
    Gemm(Gemm),
    /// `Σₖ aₖ Gₖ` with generated matrices.
    GeneratedSum(GeneratedSum),
    /// `⟨Gₖ, D⟩` for all k, with generated matrices.
    GeneratedProducts(GeneratedProducts),
    /// `f(x)`, entry by entry.
    Map(Map),
    /// `f(x, z)`, entry by entry.
    Zip(Zip),
    /// Sums of rows or of columns.
    Reduce(Reduce),
    /// Sums of listed rows.
    Gather(Gather),
    /// The largest of listed rows.
    Maximum(Maximum),
    /// Its gradient.
    MaximumGradient(MaximumGradient),
    /// Cross-entropy of a softmax.
    CrossEntropy(CrossEntropy),
    /// Its gradient.
    CrossEntropyGradient(CrossEntropyGradient),
    /// Fast Hadamard transform of each column.
    Hadamard(HadamardTransform),
    /// Fast Fourier or cosine transform of each column.
    Trigonometric(TrigonometricTransform),
    /// One number everywhere.
    Fill(Fill),
    /// A step of gradient descent.
    Descent(Descent),
    /// A step of Adam.
    AdamStep(AdamStep),
}

/// What a primitive owes: its shape, operands, derivative and cost.
pub trait Rule: fmt::Display {
    /// Rows, columns and number of matrices of the result.
    fn shape(&self) -> [usize; 3];

    /// What is read.
    fn operands(&self) -> Vec<View>;

    /// Adds to the gradient of each operand what `dy`, the gradient of the result, gives it.
    fn differentiate(&self, dy: View, adjoints: &mut Adjoints<'_>);

    /// Floating-point operations; a value of a function counts as one.
    fn flops(&self) -> u64;

    /// Random entries drawn.
    fn draws(&self) -> u64 {
        0
    }

    /// Roundings on the longest path from an operand to an entry of the result.
    fn roundings(&self) -> usize;
}

impl Primitive {
    /// Its rule.
    pub fn rule(&self) -> &dyn Rule {
        match self {
            Primitive::Gemm(p) => p,
            Primitive::GeneratedSum(p) => p,
            Primitive::GeneratedProducts(p) => p,
            Primitive::Map(p) => p,
            Primitive::Zip(p) => p,
            Primitive::Reduce(p) => p,
            Primitive::Gather(p) => p,
            Primitive::Maximum(p) => p,
            Primitive::MaximumGradient(p) => p,
            Primitive::CrossEntropy(p) => p,
            Primitive::CrossEntropyGradient(p) => p,
            Primitive::Hadamard(p) => p,
            Primitive::Trigonometric(p) => p,
            Primitive::Fill(p) => p,
            Primitive::Descent(p) => p,
            Primitive::AdamStep(p) => p,
        }
    }
}

/// The number of floating-point operations that is `2·a·b·c`, without overflow on the way.
pub(super) fn twice(factors: [usize; 3]) -> u64 {
    2 * factors.into_iter().map(|f| f as u64).product::<u64>()
}
