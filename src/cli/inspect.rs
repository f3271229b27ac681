//! `spectra inspect`: what is in a file, from its headers alone.

use super::options::Reading;
use super::output::{colours, deliver, ended, name_failures};
use crate::report::{inspection_table, to_json};
use crate::spectrum::list_tensors;
use crate::weights::Status;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// List tensors from headers alone
#[derive(Debug, Args)]
pub(super) struct Inspect {
    /// Files or folders
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// Write JSON
    #[arg(long)]
    json: bool,
    /// End with status 0 although some files or tensors cannot be read
    #[arg(long)]
    keep_going: bool,
}

impl Inspect {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let selection = self.reading.selection()?;
        let sources = self.reading.open(&self.paths)?;
        let listing = list_tensors(&sources, &selection);
        let text = match self.json {
            true => to_json(&listing)?,
            false => inspection_table(&listing, colours(None)),
        };
        deliver(text.as_bytes(), None)?;
        let failed = listing
            .tensors
            .iter()
            .filter(|row| row.status == Status::Failed);
        let failed = name_failures(
            failed.map(|row| (row.file.as_str(), row.name.as_str(), row.reason.as_deref())),
        );
        Ok(ended(failed, self.keep_going))
    }
}
