//! The variance of sketches: table, frame, JSON, figures.

mod figures;
mod frame;
mod json;
mod table;

pub use figures::sketch_figures;
pub use frame::sketch_frame;
pub use json::{sketches_to_json, sketches_to_json_lines};
pub use table::sketch_table;

use crate::report::text::short_number;

/// `0.21 times the layer's`, `3.4 times the layer's`.
pub(super) fn times_the_layer(rate: f64) -> String {
    format!("{} times the layer's", short_number(rate))
}
