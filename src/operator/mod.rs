//! Structured matrices, each known by its action on a block of columns.
//!
//! A [`LinearOperator`] owes its shape, the number of its parameters and one function that writes its
//! action down in [`crate::program`]'s primitives. Adjoint, gradient, cost and every machine follow.
//!
//! Leaves: [`Dense`], [`Diagonal`], [`BlockDiagonal`], [`Circulant`], [`Cyclic`], [`Dct`], [`Hadamard`],
//! [`Selection`], [`Hashed`], [`Signed`], [`RandomSum`], [`BasisSum`]. Combinators: [`Sum`], [`Product`],
//! [`Stacked`], [`Repeated`], [`Adjoint`], [`Fixed`], [`Linked`], [`Tied`], [`Scaled`], [`Convolution`]. Recipes
//! of these: [`recipes`]. [`conformance`] checks any of them, a user's too. [`basis`] has the fixed matrices that fits are sums of.
//!
//! ```
//! use spectra::operator::{self, Dense, Diagonal, LinearOperator, Sum};
//!
//! let a = Sum::new(vec![Box::new(Dense::new(2, 2)), Box::new(Diagonal::new(2, 2))]);
//! assert_eq!(a.to_string(), "dense(2×2) + diagonal(2×2)");
//! assert_eq!(a.parameters(), 6);
//! // multiply-adds of the product, one multiplication and one addition a row of the diagonal
//! assert_eq!(operator::cost(&a, 1).flops, 8 + 4);
//! ```

mod adjoint;
pub mod basis;
mod basis_sum;
mod block_diagonal;
mod circulant;
pub mod conformance;
mod convolution;
mod cyclic;
mod dct;
mod dense;
mod diagonal;
mod fixed;
mod hadamard;
mod hashed;
mod linear_operator;
mod link;
mod linked;
mod patches;
mod product;
mod random_sum;
pub mod recipes;
mod repeated;
mod scaled;
mod selection;
mod shared;
mod signed;
mod stacked;
mod sum;
mod tied;

pub use adjoint::Adjoint;
pub use basis_sum::BasisSum;
pub use block_diagonal::BlockDiagonal;
pub use circulant::Circulant;
pub use convolution::Convolution;
pub use cyclic::Cyclic;
pub use dct::Dct;
pub use dense::Dense;
pub use diagonal::Diagonal;
pub use fixed::Fixed;
pub use hadamard::Hadamard;
pub use hashed::Hashed;
pub use linear_operator::{LinearOperator, apply, cost};
pub use link::Link;
pub use linked::Linked;
pub use patches::{Geometry, Kernel, SmallImage};
pub use product::Product;
pub use random_sum::RandomSum;
pub use repeated::Repeated;
pub use scaled::Scaled;
pub use selection::Selection;
pub use signed::Signed;
pub use stacked::Stacked;
pub use sum::Sum;
pub use tied::Tied;
