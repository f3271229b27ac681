//! A watch: its page, and its numbers as TensorBoard reads them.

mod event_file;
mod figures;

pub use event_file::EventFile;
pub(super) use figures::watch_figures;

use super::json::to_json;
use super::page;
use crate::watch::Watched;

/// Returns the files of a watch's folder, each with its bytes: `report.json` and `index.html`, which a
/// browser loads again after so many seconds. The same checkpoints give the same bytes.
///
/// # Errors
///
/// When a value cannot be written as JSON.
pub fn watch_files(
    watched: &Watched,
    reloads: Option<u32>,
) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let page = page::render_watch(watched, reloads);
    Ok(vec![
        ("report.json".to_owned(), to_json(watched)?.into_bytes()),
        ("index.html".to_owned(), page.into_bytes()),
    ])
}
