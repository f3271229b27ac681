//! What has a weight matrix learned, and how few parameters does it need?
//!
//! The folders are floors; a file imports from lower floors or from its own folder only.
//!
//! | floor | module | what it is |
//! |---|---|---|
//! | 0 | [`random`] | counter-based generator: the same seed gives the same bits everywhere |
//! | 0 | [`weights`] | files to named tensors to matrices |
//! | 1 | [`program`] | primitive operations with derivatives, recorded once, planned in static memory |
//! | 1 | [`allocate`] | one budget over many layers |
//! | 1 | [`linalg`] | singular values |
//! | 2 | [`device`] | machines that run plans: the processor's cores, GPUs |
//! | 2 | [`data`] | labelled images: files, generated digits, downloads |
//! | 2 | [`operator`] | structured matrices: each family once, as its action on columns |
//! | 2 | [`survey`] | one question asked of every matrix of some files: its run, rows and progress |
//! | 2 | [`compress`] | what a layer loses by a compression, as its inputs see it |
//! | 3 | [`family`] | families of structured matrices: each a file, with what it can do |
//! | 4 | [`spectrum`] | a spectrum against random-matrix theory |
//! | 4 | [`fit`] | structured fits, each beside what chance gives |
//! | 4 | [`sketch`] | random sketches: their variance exactly, bounded and measured |
//! | 4 | [`train`] | networks of structured layers, trained |
//! | 5 | [`study`] | grids of trainings and measurements, held against published claims |
//! | 5 | [`watch`] | the checkpoints of a training, each analysed as it is written |
//! | 5 | [`plan`] | one budget for a whole model: curves of its layers, and the sizes that lose least |
//! | 6 | [`export`] | a model in the sizes of a plan, in files that other programs load |
//! | 6 | [`report`] | results to tables, plots, JSON and a page |
//! | 7 | [`cli`] | arguments to library to report |
//!
//! The features `cli`, `pages` ([`report`]), `tables` ([`study`]), `gpu` and `fetch` (downloads) are on by default. Without them the
//! mathematics, the readers and the trainer remain.
//!
//! # Conventions
//!
//! A weight matrix is `m × n`, outputs × inputs, as PyTorch stores it. Singular values
//! `s₁ ≥ s₂ ≥ …` are those of `W`; eigenvalues, wherever the word stands, are those of
//! `(1/n) W Wᵀ`, that is `sᵢ²/n`.
#![warn(missing_docs)]
#![deny(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::print_stdout, clippy::print_stderr))]

pub mod allocate;
#[cfg(feature = "cli")]
pub mod cli;
pub mod compress;
pub mod data;
pub mod device;
pub mod export;
pub mod family;
pub mod fit;
pub mod linalg;
pub mod operator;
pub mod plan;
pub mod program;
pub mod random;
#[cfg(feature = "pages")]
pub mod report;
pub mod sketch;
pub mod spectrum;
#[cfg(feature = "tables")]
pub mod study;
pub mod survey;
pub mod train;
pub mod watch;
pub mod weights;
