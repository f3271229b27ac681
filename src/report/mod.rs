//! Results to tables, plots, JSON and a page.

pub mod page;
pub mod plots;

mod curves;
mod text;
