//! The plan for a model: table, frame, figures.

mod emitted;
mod figures;
mod frame;
mod table;
mod words;

pub use emitted::{Emitted, emitted};
pub use figures::plan_figures;
pub(super) use figures::{CURVE, layers_stem};
pub use frame::plan_frame;
pub use table::plan_table;
pub(super) use words::{budget, form, outcome};
