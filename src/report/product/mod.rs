//! Fits of products of sums: a table, a frame, a file that holds them and a report folder.

mod file;
mod folder;
mod frame;
mod table;

pub use file::{FitFileError, matrices_file, read_fit_file, write_fit_file};
pub use folder::product_files;
pub use frame::product_frame;
pub use table::product_table;
pub(super) use table::{device_account, ended};
