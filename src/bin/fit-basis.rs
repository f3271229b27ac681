//! `fit-basis`: the same as `spectra fit-basis`.

use std::process::ExitCode;

fn main() -> ExitCode {
    spectra::cli::fit_basis_main()
}
