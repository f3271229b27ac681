//! `spectra inspect`: what is in a file, from its headers alone.

use super::options::Reading;
use super::output::{ended, name_failures};
use super::terminal::{colours, print};
use crate::report::{class_list, inspection_table, to_json};
use crate::spectrum::{Listed, Listing, list_tensors};
use crate::train::class_names;
use crate::weights::{Format, Status, escape};
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

/// Classes that are named on a terminal.
const NAMES: usize = 100;

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

/// The listing and the class names, as they are printed in JSON.
#[derive(Serialize)]
struct Inspection {
    #[serde(flatten)]
    listing: Listing,
    /// Names of the classes, in the order of the network's outputs: a list for each file, empty where it holds none.
    class_names: Vec<Vec<String>>,
}

impl Inspect {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let selection = self.reading.selection()?;
        let sources = self.reading.open(&self.paths)?;
        let listing = list_tensors(&sources, &selection);
        if listing.tensors.is_empty() {
            return Err(self.reading.nothing(&sources));
        }
        let failed = listing
            .tensors
            .iter()
            .filter(|row| row.status == Status::Failed);
        let failed: Vec<Listed> = failed.cloned().collect();
        let names = sources.iter().map(|source| match source.format() {
            Format::Safetensors => class_names(source.path()),
            _ => Vec::new(),
        });
        let names: Vec<Vec<String>> = names.collect();
        let text = if self.json {
            let class_names = names;
            to_json(&Inspection {
                listing,
                class_names,
            })?
        } else {
            let lists = names.iter().zip(&sources).filter_map(|(names, source)| {
                let list = class_list(names, NAMES)?;
                let file = escape(&source.path().to_string_lossy());
                Some(format!("{file}: outputs by class: {list}\n"))
            });
            inspection_table(&listing, colours(None)) + &lists.collect::<String>()
        };
        print(text.as_bytes())?;
        let failed = name_failures(
            failed
                .iter()
                .map(|row| (row.file.as_str(), row.name.as_str(), row.reason.as_deref())),
        );
        Ok(ended(failed, self.reading.keep_going))
    }
}
