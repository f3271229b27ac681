//! The report as one self-contained HTML page.
//!
//! The words and the tables are in the page itself; a script of ours draws the curves from one
//! JSON block, each when it comes into sight. The page asks for nothing: its policy allows only
//! the style and the script in it, by their hashes.

mod alert;
mod analysis;
mod comparison;
mod data;
mod facts;
mod families;
mod html;
mod layout;
mod mark;
mod model;
mod notes;
mod plan;
mod product;
mod run;
mod shared_data;
mod sketch;
mod study;
mod summary;
mod table;
mod training;
mod watch;

pub use analysis::{PAGE_BYTES, overview, render};
pub use comparison::render_comparison;
pub use families::render_families;
pub use plan::render_plan;
pub use product::render_product;
pub use sketch::render_sketches;
pub use study::render_study;
pub use training::render_training;
pub(super) use watch::render_watch;
