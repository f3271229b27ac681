//! What layers are written down on.

use crate::program::{Record, View};

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

/// An input that is drawn anew for each step.
#[derive(Debug, Clone, Copy)]
pub(in crate::train) struct Drawn {
    /// Where it goes.
    pub view: View,
    /// Which layer it belongs to.
    pub layer: usize,
    /// What it is.
    pub what: Draw,
}

/// What is drawn.
#[derive(Debug, Clone, Copy)]
pub(in crate::train) enum Draw {
    /// 1 / keep with probability `keep`, else 0.
    Mask { keep: f64 },
    /// A permutation matrix.
    Permutation,
}

/// A mean or variance that runs along.
#[derive(Debug, Clone)]
pub(in crate::train) struct Running {
    /// What it is called.
    pub name: String,
    /// The state, or in tests the input.
    pub view: View,
    /// Where it begins.
    pub initial: f64,
}
