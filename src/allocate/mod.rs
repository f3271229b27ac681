//! One budget over many layers: of each layer one choice, so that all costs together stay within the budget and all errors
//! together are least.
//!
//! The problem is a multiple-choice knapsack. [`allocate`] solves its relaxation by the lower hulls of the layers, which
//! gives a bound that no allocation can pass, then a whole allocation near it, and where the numbers allow, the best
//! one, with a proof: all partial allocations that the bound does not rule out are merged layer by layer.
//!
//! Source: Sinha, Zoltners 1979 (the relaxation); Dyer, Kayal, Walker 1984 (reduction and dynamic programming).

mod allocation;
mod choice;
mod exact;
mod frontier;
mod greedy;

pub use allocation::allocate;
pub use choice::{AllocateError, Allocation, Choice};

#[cfg(test)]
mod tests;
