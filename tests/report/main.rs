//! What results are shown as: pages, pictures and tables.

#[path = "../common/mod.rs"]
mod common;

mod page_data;
mod samples;
mod study_sample;

mod browser;
mod comparison;
mod figures;
mod fit_page;
mod page;
mod plots;
mod study_report;
mod train_report;
