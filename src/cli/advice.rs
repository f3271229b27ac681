//! Advice on errors, in the options of the command line.

use crate::data::DataError;
use crate::program::ExecError;
use crate::train::TrainError;
use crate::weights::WeightsError;
use anyhow::Error;

/// Returns the sentence of `error`, with what the user can do about it.
pub(super) fn sentence(error: &Error) -> String {
    let sentence = match error.downcast_ref::<WeightsError>() {
        // Its sentence says what its source says.
        Some(error) => error.to_string(),
        None => format!("{error:#}"),
    };
    sentence + advice(error)
}

/// The end of a sentence about `error` that names options; empty where none helps.
fn advice(error: &Error) -> &'static str {
    let find = |cause: &(dyn std::error::Error + 'static)| {
        if let Some(TrainError::Exec(error)) = cause.downcast_ref() {
            return Some(in_training(error));
        }
        if let Some(error) = cause.downcast_ref() {
            return Some(elsewhere(error));
        }
        match cause.downcast_ref()? {
            DataError::NoFolder { .. } => Some("; give one with --data or SPECTRA_DATA"),
            DataError::Download { .. } | DataError::Checksum { .. } => {
                Some("; --mirror takes another server")
            }
            _ => None,
        }
    };
    error.chain().find_map(find).unwrap_or_default()
}

/// Advice where a training may go on from its last checkpoint.
fn in_training(error: &ExecError) -> &'static str {
    match error {
        ExecError::Lost { .. } | ExecError::Late { .. } => {
            ": go on from the last checkpoint with --resume, or take --device cpu"
        }
        _ => elsewhere(error),
    }
}

fn elsewhere(error: &ExecError) -> &'static str {
    match error {
        ExecError::OutOfMemory { .. } => ", or --device cpu",
        ExecError::OutOfHostMemory { .. } => "",
        ExecError::Lost { .. } | ExecError::Late { .. } | ExecError::Refused { .. } => {
            ": take --device cpu"
        }
    }
}
