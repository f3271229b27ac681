//! Fits of products of sums: a table, a frame and a file that holds them.

mod file;
mod frame;
mod table;

pub use file::{FitFileError, matrices_file, read_fit_file, write_fit_file};
pub use frame::product_frame;
pub use table::product_table;
