//! Results to tables, plots, JSON and a page.
