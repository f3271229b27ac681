//! Trainings: rows on a terminal, a summary, frames, JSON and the files of a run.

mod classes;
mod figures;
mod folder;
mod frame;
mod outcome;
mod sheet;
mod table;

pub use classes::class_list;
pub(super) use figures::{kept_rows, training_figures};
pub use folder::{record_to_json, training_files};
pub use frame::{record_frame, spectra_frame};
pub(super) use frame::{watched as watched_row, watched_layers};
pub(super) use outcome::{Outcome, accuracy, standard_error};
pub use table::{training_head, training_layers, training_row, training_summary};
