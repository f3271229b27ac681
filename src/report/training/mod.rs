//! Trainings: rows on a terminal, a summary.

mod table;

pub use table::{training_head, training_row, training_summary};
