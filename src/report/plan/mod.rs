//! The plan for a model: table, frame.

mod frame;
mod table;
mod words;

pub use frame::plan_frame;
pub use table::plan_table;
pub(super) use words::{budget, form, outcome};
