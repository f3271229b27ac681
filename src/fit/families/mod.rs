//! Every family of structured matrices that a practitioner would set beside another, each by its best
//! projection known, at the same numbers of parameters.

pub mod block_circulant;
pub mod block_diagonal;
pub mod block_toeplitz;
#[cfg(test)]
mod check;
pub mod dct;
mod grid;
pub mod hashed;
pub mod kronecker;
pub mod low_rank;
mod member;
pub mod monarch;
pub mod permuted_blocks;
pub mod random_subspace;
pub mod sketch;
mod spectral;
mod tied;

pub use member::{Member, best};
use member::{energy_of, entries};
