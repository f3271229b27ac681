//! Fits of products of sums: a table, a frame, a file that holds them and a report folder.

mod figures;
mod file;
mod frame;
mod table;

pub use figures::product_figures;
pub use file::{FitFileError, matrices_file, read_fit_file, write_fit_file};
pub(super) use frame::FIT;
pub use frame::product_frame;
pub use table::product_table;
pub(super) use table::{device_account, ended, shown_columns};
