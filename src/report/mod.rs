//! Results to tables, plots, JSON and a page.

pub mod page;

mod curves;
mod text;
