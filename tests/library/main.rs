//! The library: numbers against closed forms, other programs and reference implementations; files from outside; plans.

#[path = "../common/mod.rs"]
mod common;
#[path = "../families_of_operators/mod.rs"]
mod families_of_operators;
#[path = "../../benches/networks/mod.rs"]
mod networks;

mod data_files;
mod examples;
mod golden;
mod golden_losses;
mod machines;
mod memory;
mod operators;
mod program;
mod recipes;
#[cfg(feature = "gpu")]
mod shaders;
mod singular_values;
mod train_step;
mod weights_files;
mod weights_of_layers;
