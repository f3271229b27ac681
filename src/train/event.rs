//! Events of a training and their listener.

use super::result::Row;
use std::ops::ControlFlow;

/// An event of a training.
#[derive(Debug)]
pub enum Event<'a> {
    /// The loss of a step is known. On a device that runs apart from the CPU later ones may be queued.
    Step {
        /// How many there were, with this one.
        iteration: u64,
        /// How many there will be.
        of: u64,
        /// The mean loss of its batch, before it.
        loss: f64,
    },
    /// A row was added to the record.
    Row(&'a Row),
    /// A checkpoint, to be kept.
    Checkpoint {
        /// Steps made.
        iteration: u64,
        /// A safetensors file.
        file: Vec<u8>,
    },
}

/// Receives events; it can ask for an end, which comes after a last checkpoint.
pub type Listener<'a> = dyn FnMut(Event<'_>) -> anyhow::Result<ControlFlow<()>> + 'a;
