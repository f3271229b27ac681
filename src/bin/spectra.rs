//! `spectra`: what has a weight matrix learned, and how few parameters does it need?

use std::process::ExitCode;

fn main() -> ExitCode {
    spectra::cli::main()
}
