//! The tape on which layers write their primitives.

use super::drawn::Drawn;
use crate::program::{Record, View};
use crate::train::group::Moment;

/// Whether a network learns or is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::train) enum Mode {
    /// Dropout drops, batches are brought to their own mean.
    Training,
    /// Neither.
    Test,
}

/// A record on which the layers of a network are written one after another, with what they share.
pub(in crate::train) struct Tape<'a> {
    /// The record.
    pub record: &'a mut Record,
    /// Columns.
    pub samples: usize,
    /// Whether it learns.
    pub mode: Mode,
    /// Inputs that are drawn anew for each step.
    pub drawn: Vec<Drawn>,
    /// Running means and variances, layer by layer.
    pub running: Vec<Running>,
}

/// A running mean or variance of a batch normalisation.
#[derive(Debug, Clone)]
pub(in crate::train) struct Running {
    /// The name of the layer.
    pub layer: String,
    /// Which of the two.
    pub moment: Moment,
    /// The state, or in tests the input.
    pub view: View,
}
