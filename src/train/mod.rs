//! Training networks of structured layers.
//!
//! A [`Recipe`] says data, layers and training; [`Network`] is its layers with their sizes; [`Trainer`]
//! runs it on a machine. A layer's weight is a [`LinearOperator`](crate::operator::LinearOperator), so
//! what is trained is what is analysed and fitted. A training step is one plan.

mod augment;
mod batches;
mod carry;
mod check;
mod checkpoint;
mod error;
mod event;
mod group;
mod labels;
mod layer;
mod losses;
mod network;
mod number;
mod phase_run;
mod phases;
pub mod recipe;
mod remark;
mod result;
mod rows;
mod rows_file;
mod run_folder;
mod run_lock;
mod selection;
mod shape;
mod sparse;
mod state;
mod step;
mod tester;
#[cfg(test)]
mod tests;
mod trainer;
mod update;
mod variable;
mod watch;
mod weights_file;

pub use crate::family::weight;
pub use checkpoint::class_names;
pub use error::TrainError;
pub use event::{Event, Listener};
pub use layer::{Action, Affine, BatchNorm, Layer, Pool, Problem};
pub use network::{LayerError, Network, Parameters};
pub use phases::learning_rates;
pub use recipe::Recipe;
pub use remark::Remark;
pub use result::{
    Ended, LayerSummary, ParameterCounts, PhaseSummary, Row, SCHEMA_VERSION, Timing, TrainingRecord,
};
pub use rows_file::RowsFile;
pub use run_folder::{Refused, RunFolder};
pub use run_lock::RunLock;
pub use selection::SampleCounts;
pub use shape::{ImageShape, Shape};
pub use trainer::{Trained, Trainer};
pub use watch::Watched;
