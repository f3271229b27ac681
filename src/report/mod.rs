//! Results to tables, plots, JSON and a page.

mod json;
mod write;

pub use json::{to_json, to_json_lines};
pub use write::{write_file, write_folder};
