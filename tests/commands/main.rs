//! The commands as users run them.

#[path = "../common/mod.rs"]
mod common;

mod analyze;
mod compress;
mod contracts;
mod data;
mod families;
mod fit_basis;
mod outputs;
mod plan;
mod real_files;
mod run_folder;
mod sketch;
mod study;
mod surroundings;
mod train;
mod train_data;
mod watch;
