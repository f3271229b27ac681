//! The checkpoints of a training, each analysed once as it is written.
//!
//! [`Watcher`] says which checkpoints in a folder are whole and new, [`Snapshot`] keeps the numbers of an analysis that
//! are followed from one checkpoint to the next, and [`Log`] is the file of snapshots, from which a later watch goes on.

mod log;
mod metric;
mod snapshot;
mod stamp;
mod step;
mod watcher;

pub use log::{Log, LogError};
pub use metric::{METRICS, Metric};
pub use snapshot::{Failure, Observed, Snapshot, Watched};
pub use stamp::Stamp;
pub use watcher::{Pending, Watcher};
