//! A model in the sizes of a plan: files that programs load in the place of the model's own.
//!
//! [`export`] reads the plan back, makes the same fits from the same moments, to the bit, and writes a folder that is there
//! whole or not at all. Tensors that the plan leaves as they are are copied byte for byte; one tensor at a time is in memory.

mod adapters;
mod config;
mod copied;
mod dense;
mod error;
mod factors;
mod fitted;
mod folder;
mod forms;
mod manifest;
mod parts;
mod plan_file;
mod request;
mod shards;

pub use error::ExportError;
pub use folder::export;
pub use manifest::{Exported, SCHEMA_VERSION, WrittenLayer};
pub use plan_file::PlanFile;
pub use request::{ExportRequest, Target};
