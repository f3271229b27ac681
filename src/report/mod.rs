//! Results to tables, plots, JSON and a page.

mod frame;
mod json;
mod table;
mod weightwatcher;
mod write;

pub use frame::{csv, parquet};
pub use json::{to_json, to_json_lines};
pub use table::{analysis_table, comparison_table, inspection_table};
pub use weightwatcher::weightwatcher_frame;
pub use write::{write_file, write_folder};
