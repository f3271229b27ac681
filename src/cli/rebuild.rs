//! `spectra rebuild`: a file of fits back to matrices.

use super::fit_basis::read_bases;
use super::output::keep_files;
use crate::report::{matrices_file, read_fit_file};
use crate::weights::{escape, write_file};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// The tensors of a file of fits, made again from coefficients and seed
#[derive(Debug, Args)]
#[command(after_help = "\
The same bits on every machine.

Example:
  spectra rebuild fit.safetensors --output rebuilt.safetensors")]
pub(super) struct Rebuild {
    /// What fit-basis --out wrote
    #[arg(value_name = "FIT")]
    fit: PathBuf,
    /// File of the tensors (safetensors) in the names, types and shapes of those that were fitted
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// The user's own matrices, when the fit was made with a file
    #[arg(long, value_name = "FILE")]
    basis: Option<PathBuf>,
}

impl Rebuild {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let (header, coefficients) = read_fit_file(&self.fit)?;
        let read = [Some(self.fit.as_path()), self.basis.as_deref()];
        keep_files(read.into_iter().flatten(), Some(&self.output))?;
        let given = self.basis.as_deref().map(read_bases).transpose()?;
        let shown = escape(&self.fit.to_string_lossy());
        let mut matrices = Vec::new();
        for (index, a) in coefficients.iter().enumerate() {
            let name = &header.fits[index].name;
            let matrix = header.rebuild(index, a, given.as_deref());
            let matrix = matrix
                .map_err(|problem| anyhow::anyhow!("{shown}: {}: {problem}", escape(name)))?;
            matrices.push((name.clone(), header.fits[index].stored.clone(), matrix));
        }
        write_file(&self.output, &matrices_file(&matrices)?)?;
        Ok(ExitCode::SUCCESS)
    }
}
