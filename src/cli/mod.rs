//! One file a command: arguments to library to report.
//!
//! Exit codes: 0 done, 2 could not (wholly or for some tensor). The work decides, not who reads what is said of it.

mod advice;
mod analyze;
mod call;
mod command;
mod compare;
mod compress;
mod data;
mod device;
mod devices;
mod families;
mod family_values;
mod fit_basis;
mod fit_files;
mod fit_values;
mod inspect;
mod interrupt;
mod observer;
mod options;
mod output;
mod output_args;
mod plan;
mod progress;
mod rebuild;
mod sketch;
mod sketch_inputs;
mod study;
mod terminal;
#[cfg(test)]
mod tests;
mod threads;
mod train;
mod values;
mod watch;

pub use call::{Outcome, Supplied, call, sentence};
pub use command::Beside;
pub use observer::Observer;

use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::process::ExitCode;
use terminal::complain;
use threads::Threads;

/// What has a weight matrix learned, and how few parameters does it need?
#[derive(Debug, Parser)]
#[command(name = "spectra", version, max_term_width = 100)]
#[command(after_help = "\
Examples:
  spectra analyze model.safetensors                 a table on the terminal
  spectra analyze checkpoints/ --report out         out/index.html, out/report.json, pictures
  spectra compare dense.npz blocks.npz              sister networks, order by order
  spectra fit-basis --p 10 --k 50 weights.npy       a product of sums of fixed matrices
  spectra families weights.npy                      structured families beside one another
  spectra plan model.safetensors --budget 40%       one budget over all layers
  spectra compress model.safetensors plan.json -o smaller   the model in the sizes of a plan
  spectra sketch weights.npy --k 64 --l 2           the variance of random sketches
  spectra train recipe.toml                         a network of structured layers
  spectra watch runs/bert --report out              the checkpoints of a training as they come
  spectra study --list                              the papers' figures and tables, run again
  spectra data                                      labelled images: what is there, and fetch more
  spectra devices                                   the processor and the GPUs, and how fast
  spectra inspect model.pt                          what is in a file, from its headers alone")]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    threads: Threads,
}

#[derive(Debug, Subcommand)]
enum Command {
    Analyze(analyze::Analyze),
    Compare(compare::Compare),
    FitBasis(fit_basis::FitBasis),
    Rebuild(rebuild::Rebuild),
    Families(families::Families),
    Plan(plan::Plan),
    Compress(compress::Compress),
    Sketch(sketch::SketchCommand),
    Train(train::Train),
    Study(study::Study),
    Watch(watch::Watch),
    Inspect(inspect::Inspect),
    Data(data::Data),
    Devices(devices::Devices),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    main_with(std::env::args_os())
}

/// Runs a command line, the name of the program first, as [`main`] runs that of this process.
pub fn main_with(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = Cli::parse_from(arguments);
    ended(cli.threads.begin().and_then(|()| run(cli.command)))
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Analyze(command) => command.run(),
        Command::Compare(command) => command.run(),
        Command::FitBasis(command) => command.run(),
        Command::Rebuild(command) => command.run(),
        Command::Families(command) => command.run(),
        Command::Plan(command) => command.run(),
        Command::Compress(command) => command.run(),
        Command::Sketch(command) => command.run(),
        // on a thread of the pool: no step waits for one to wake
        Command::Train(command) => rayon::scope(|_| command.run()),
        Command::Study(command) => command.run(),
        Command::Watch(command) => command.run(),
        Command::Inspect(command) => command.run(),
        Command::Data(command) => command.run(),
        Command::Devices(command) => command.run(),
    }
}

/// The command `fit-basis` by itself.
#[derive(Debug, Parser)]
#[command(name = "fit-basis", version, max_term_width = 100)]
#[command(about = fit_basis::ABOUT, long_about = None, after_help = fit_values::EXAMPLES)]
struct FitBasisCli {
    #[command(flatten)]
    command: fit_basis::FitBasis,
    #[command(flatten)]
    threads: Threads,
}

/// Runs this process' command line as that of `fit-basis`.
pub fn fit_basis_main() -> ExitCode {
    fit_basis_main_with(std::env::args_os())
}

/// Runs a command line, the name of the program first, as [`fit_basis_main`] runs that of this process.
pub fn fit_basis_main_with(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = FitBasisCli::parse_from(arguments);
    ended(cli.threads.begin().and_then(|()| cli.command.run()))
}

fn ended(result: anyhow::Result<ExitCode>) -> ExitCode {
    match result {
        Ok(code) => code,
        Err(error) => {
            complain(&advice::sentence(&error));
            ExitCode::from(2)
        }
    }
}
