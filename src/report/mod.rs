//! Results to tables, plots, JSON and a page.

mod analysis;
mod axis;
mod column;
mod curves;
mod datasets;
mod devices;
mod families;
mod figure;
mod figures;
mod folder;
mod format;
mod frame;
mod grid;
mod json;
mod layers;
mod manifest;
mod mark;
pub mod page;
mod pairs;
mod plan;
pub mod plots;
mod product;
mod report_folder;
mod sketch;
mod study;
mod summary;
mod table;
mod tensors;
mod terms;
mod text;
mod training;
mod watch;
mod weightwatcher;

pub use analysis::{SortColumn, TableOptions, analysis_table};
pub use axis::Axis;
pub use datasets::{data_table, sample_sheet};
pub use devices::{DeviceRow, device_table};
pub use families::{family_figures, family_frame, family_table};
pub use figure::{Aside, Figure, Layout, Panel, Stop};
pub use figures::{AnalysisFigures, analysis_figures, comparison_figures};
pub use folder::{
    ReportFiles, comparison_files, family_files, plan_files, product_files, report_files,
    sketch_files, study_files,
};
pub use frame::{csv, parquet};
pub use json::{to_json, to_json_lines};
pub use layers::analysis_frame;
pub use manifest::NamedFiles;
pub use mark::{Bar, Color, Mark, Point, Shape, Stretch, Stroke};
pub use pairs::{comparison_frame, comparison_table};
pub use plan::{Emitted, emitted, plan_figures, plan_frame, plan_table};
pub use product::{
    FitFileError, matrices_file, product_figures, product_frame, product_table, read_fit_file,
    write_fit_file,
};
pub use report_folder::{ReportFolder, is_whole, write_in_place};
pub use sketch::{
    sketch_figures, sketch_frame, sketch_table, sketches_to_json, sketches_to_json_lines,
};
pub use study::{
    study_figures, study_frame, study_list, study_list_to_json, study_table, study_to_json,
};
pub use table::{frame_table, inspection_table};
pub use terms::{TERMS, Term};
pub use training::{
    class_list, record_frame, record_to_json, spectra_frame, training_files, training_head,
    training_layers, training_row, training_summary,
};
pub use watch::{EventFile, watch_files};
pub use weightwatcher::weightwatcher_frame;
