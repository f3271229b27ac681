//! `spectra inspect`: what is in a file, from its headers alone.

use super::options::Reading;
use super::output::{colours, deliver};
use crate::report::{inspection_table, to_json};
use crate::spectrum::list_tensors;
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
        Ok(ExitCode::SUCCESS)
    }
}
