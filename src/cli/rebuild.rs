//! `spectra rebuild`: a file of fits back to matrices.

use super::fit_files::read_bases;
use super::output::{Delivery, Extent, Outputs, files_of};
use crate::report::{matrices_file, read_fit_file};
use crate::weights::{OpenOptions, Source, escape};
use clap::Args;
use std::iter::once;
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
    /// File of the tensors (safetensors) in the names, shapes and floating-point types (of 16 to 64 bits, else
    /// doubles) of those that were fitted
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// The user's own matrices, when the fit was made with a file
    #[arg(long, value_name = "FILE")]
    basis: Option<PathBuf>,
}

impl Rebuild {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let (header, coefficients) = read_fit_file(&self.fit)?;
        let basis = self.basis.as_deref();
        let basis = basis
            .map(|path| Source::open(path, &OpenOptions::default()))
            .transpose()?;
        let outputs = Outputs {
            files: &[("--output", Some(&self.output))],
            report: None,
        };
        outputs.check(once(self.fit.as_path()).chain(files_of(basis.as_slice())))?;
        let given = basis.as_ref().map(read_bases).transpose()?;
        let shown = escape(&self.fit.to_string_lossy());
        let mut matrices = Vec::new();
        for (index, a) in coefficients.iter().enumerate() {
            let name = &header.fits[index].name;
            let matrix = header.rebuild(index, a, given.as_deref());
            let matrix = matrix
                .map_err(|problem| anyhow::anyhow!("{shown}: {}: {problem}", escape(name)))?;
            matrices.push((name.clone(), header.fits[index].stored.clone(), matrix));
        }
        let mut delivery = Delivery::new(Extent::Whole);
        delivery.file(matrices_file(&matrices), &self.output);
        delivery.end()?;
        Ok(ExitCode::SUCCESS)
    }
}
