//! How files are opened, and what their headers say.

use super::tensor::TensorInfo;

/// How a file is opened.
#[derive(Debug, Clone, Copy, Default)]
pub struct OpenOptions {
    /// Refuse what is otherwise read with a warning, such as bytes after the last array.
    pub strict: bool,
}

/// The headers of a file as the reader of its format understands them.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub(super) tensors: Vec<TensorInfo>,
    pub(super) warnings: Vec<String>,
    pub(super) header_hash: u64,
    /// Bytes of tensors that lie among the headers.
    pub(super) held: Vec<Vec<u8>>,
}
