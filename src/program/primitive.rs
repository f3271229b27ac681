//! The closed list of primitive operations.

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
use super::rule::Rule;
use super::trigonometric::TrigonometricTransform;
use super::zip::Zip;

/// Writes the enum, its access to the rules and the conversions from a table of variants.
macro_rules! primitives {
    ($($(#[$doc:meta])* $variant:ident($kind:ident),)*) => {
        /// One primitive operation on its operands. Its result is *added* to a view of a buffer.
        ///
        /// An executor matches on this list; everything else follows from [`Rule`].
        #[derive(Debug, Clone)]
        pub enum Primitive {
            $($(#[$doc])* $variant($kind),)*
        }

        impl Primitive {
            /// Returns the rule of the operation.
            pub fn rule(&self) -> &dyn Rule {
                match self {
                    $(Primitive::$variant(primitive) => primitive,)*
                }
            }
        }

        $(impl From<$kind> for Primitive {
            fn from(primitive: $kind) -> Primitive {
                Primitive::$variant(primitive)
            }
        })*
    };
}

primitives! {
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
    /// The gradient.
    MaximumGradient(MaximumGradient),
    /// Cross-entropy of a softmax.
    CrossEntropy(CrossEntropy),
    /// The gradient.
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
