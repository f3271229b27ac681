//! Studies: what is run, what is measured on it, and which published claims it bears out.

mod cell;
mod file;
mod result;

pub use cell::{Cell, Value, words};
pub use file::*;
pub use result::*;
