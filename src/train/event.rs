//! What happens while a network is trained, and who is told of it.

use super::result::Row;
use std::ops::ControlFlow;

/// What happens while a network is trained.
#[derive(Debug)]
pub enum Event<'a> {
    /// The loss of a step is known. On a machine that runs apart from the processor later ones may be under way.
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

/// Hears what happens; it can ask for an end, which comes after a last checkpoint.
pub type Listener<'a> = dyn FnMut(Event<'_>) -> anyhow::Result<ControlFlow<()>> + 'a;
