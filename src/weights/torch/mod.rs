//! Files that PyTorch saves: zip archives (`package`), the streams of versions before 1.6 (`legacy`), and the folders of
//! `torch.distributed.checkpoint` (`distributed`).
//!
//! Their pickles are interpreted by [`pickle`](super::pickle), which calls nothing. Here its graph is walked:
//! dictionaries, lists and the states of objects are entered, calls of the few functions that rebuild tensors are
//! understood, any other global is named and left alone.

mod distributed;
mod integers;
mod legacy;
mod list;
mod numpy;
mod package;
mod rebuild;
mod shell;
mod special;
mod storage;
mod walk;

pub use distributed::{Checkpoint, MODULE as DISTRIBUTED_MODULE, open as open_distributed};
pub use legacy::open as open_legacy;
pub use package::{is_package, open as open_package};
