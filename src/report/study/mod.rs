//! Studies: their figures, the table of their runs, a summary for the terminal, and the files of a folder.

mod across;
mod cells;
mod figures;
mod frame;
mod json;
mod list;
mod looks;
mod points;
mod series;
mod table;
mod thin;
pub(super) mod words;

pub use figures::study_figures;
pub use frame::study_frame;
pub use json::study_to_json;
pub use list::{study_list, study_list_to_json};
pub(super) use table::demanded;
pub use table::study_table;
