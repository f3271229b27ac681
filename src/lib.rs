//! What has a weight matrix learned, and how few parameters does it need?
//!
//! The folders are floors; a file imports from lower floors or from its own folder only.
//!
//! | floor | module | what it is |
//! |---|---|---|
//! | 0 | [`random`] | counter-based generator: the same seed gives the same bits everywhere |
//! | 0 | [`weights`] | files to named tensors to matrices |
//! | 1 | [`operator`] | structured linear maps, each family once |
//! | 1 | [`linalg`] | singular values |
//! | 2 | [`spectrum`] | a spectrum against random-matrix theory |
//! | 2 | [`fit`] | structured fits, each beside what chance gives |
//! | 3 | [`report`] | results to tables, plots, JSON and a page |
//! | 4 | [`cli`] | arguments to library to report |
//!
//! # Conventions
//!
//! A weight matrix is `m × n`, outputs × inputs, as PyTorch stores it. Singular values
//! `s₁ ≥ s₂ ≥ …` are those of `W`; eigenvalues, wherever the word stands, are those of
//! `(1/n) W Wᵀ`, that is `sᵢ²/n`.
#![warn(missing_docs)]
#![forbid(unsafe_code)]

pub mod cli;
pub mod fit;
pub mod linalg;
pub mod operator;
pub mod random;
pub mod report;
pub mod spectrum;
pub mod weights;
