//! Files to named tensors to matrices.
//!
//! Every file is taken as hostile. [`Source::open`] reads headers only, checks every size in
//! 64 bits against the length of the file before memory is asked for, and executes nothing;
//! [`Source::read`] reads one tensor. Formats are recognised by content, never by name:
//!
//! | format | what is read |
//! |---|---|
//! | npy | versions 1 to 3; f2 f4 f8, integers of 1 to 8 bytes, booleans; both byte orders, C and Fortran order |
//! | npz | members stored or deflated, zip64; checksums compared |
//! | safetensors | F64 F32 F16 BF16, integers, booleans; in shards through `*.index.json` |
//! | PyTorch | zip files of 1.6 and later, their pickle interpreted without executing anything |
//!
//! A tensor is taken as a matrix by `matrix_view`, which alone needs the linear algebra and is
//! left out when the readers are built for fuzzing.
//!
//! ```
//! use spectra::weights::{OpenOptions, Source, ViewRules, matrix_view};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("w.npy");
//! # let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}";
//! # let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
//! # bytes.extend((header.len() as u16).to_le_bytes());
//! # bytes.extend(header.as_bytes());
//! # bytes.extend([1_f32, 2., 3., 4., 5., 6.].iter().flat_map(|x| x.to_le_bytes()));
//! # std::fs::write(&path, bytes)?;
//! let source = Source::open(&path, &OpenOptions::default())?;
//! for (index, info) in source.tensors().iter().enumerate() {
//!     let view = matrix_view(&info.shape, &ViewRules::default())?;
//!     let tensor = source.read(index)?;
//!     let matrix = view.block(&tensor.data, 0);
//!     assert_eq!((matrix.nrows(), matrix.ncols()), (2, 3));
//!     assert_eq!(matrix[(1, 0)], 4.0);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod archive;
#[cfg(not(fuzzing))]
mod checksum;
#[cfg(not(fuzzing))]
mod chosen;
mod composed;
mod config;
mod decode;
mod discover;
mod dtype;
#[cfg(not(fuzzing))]
mod encode;
mod error;
mod escape;
mod foreign;
mod format;
mod gguf;
mod hash;
mod index;
mod input;
mod json;
mod kind;
mod kind_by_name;
#[cfg(not(fuzzing))]
mod layout;
mod memory;
#[cfg(not(fuzzing))]
mod metadata;
#[cfg(not(fuzzing))]
mod names;
#[cfg(not(fuzzing))]
mod normalise;
mod npy;
mod npy_dictionary;
mod npy_types;
mod npz;
mod parsed;
mod pickle;
mod quantised;
#[cfg(not(fuzzing))]
mod raw_header;
mod recognise;
mod safetensors;
#[cfg(not(fuzzing))]
mod selection;
mod source;
#[cfg(not(fuzzing))]
mod temporary;
mod tensor;
mod torch;
#[cfg(not(fuzzing))]
mod view;
#[cfg(not(fuzzing))]
mod write;

#[cfg(not(fuzzing))]
pub use checksum::{hexadecimal, sha256};
#[cfg(not(fuzzing))]
pub use chosen::{Chosen, FileIdentity, Gap, Status};
pub use discover::{discover, open_all};
pub use dtype::Dtype;
#[cfg(not(fuzzing))]
pub use encode::encode;
pub use error::WeightsError;
pub use escape::{escape, escape_within};
pub use format::Format;
#[cfg(not(fuzzing))]
pub(crate) use json::Unique;
pub use kind::Kind;
#[cfg(not(fuzzing))]
pub use layout::Guesses;
pub use memory::{MemoryReader, MemoryTensor};
#[cfg(not(fuzzing))]
pub use metadata::safetensors_metadata;
#[cfg(not(fuzzing))]
pub use names::{Namesakes, owners, prefixes};
#[cfg(not(fuzzing))]
pub use normalise::normalise;
pub use npy_types::parse_descr;
pub use parsed::OpenOptions;
#[cfg(not(fuzzing))]
pub use raw_header::{RawHeader, RawTensor};
#[cfg(not(fuzzing))]
pub use selection::Selection;
pub use source::{Source, WHOLE_FILE};
#[cfg(not(fuzzing))]
pub use temporary::{TEMPORARY_PREFIX, TemporaryFolder, folder_of, is_temporary, sweep};
pub use tensor::{NonFinite, Tensor, TensorInfo};
#[cfg(not(fuzzing))]
pub use view::{MatrixView, ViewRules, matrix_view};
#[cfg(not(fuzzing))]
pub use write::{plain_reason, sync_folder, write_file};
