//! An open weight file.

use std::path::{Path, PathBuf};

use super::archive::Archive;
use super::decode::decode;
use super::error::{Fault, WeightsError};
use super::input::Input;
use super::recognise::{Content, Format, HEAD, recognise};
use super::tensor::{Locator, Tensor, TensorInfo};
use super::{index, npy, npz, quantised, safetensors, torch};

/// How a file is opened.
#[derive(Debug, Clone, Copy, Default)]
pub struct OpenOptions {
    /// Refuse what is otherwise read with a warning, such as bytes after the last array.
    pub strict: bool,
}

/// A weight file, or a model in several files behind an index, opened: its headers are read and
/// checked, its data are not.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    format: Format,
    bytes: u64,
    parsed: Parsed,
    store: Store,
}

/// What a format's reader learns from the headers.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub(super) tensors: Vec<TensorInfo>,
    pub(super) warnings: Vec<String>,
    pub(super) header_hash: u64,
}

#[derive(Debug)]
enum Store {
    File(Input),
    Archive(Archive),
    Shards(Vec<Source>),
}

impl Source {
    /// Opens a file and reads its headers. The format is recognised by content.
    ///
    /// # Errors
    /// Whatever in the headers does not fit the file, with the place and the way out.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Source, WeightsError> {
        Source::open_input(path, Input::open(path)?, options, index::open)
    }

    /// Opens `bytes` as if they were a file called `name`; they lie in a temporary file without a name.
    ///
    /// # Errors
    /// As [`Source::open`].
    #[cfg(not(fuzzing))]
    pub fn of_bytes(name: &Path, bytes: &[u8]) -> Result<Source, WeightsError> {
        let input = Input::of_bytes(bytes).map_err(|source| WeightsError::Io {
            path: name.to_path_buf(),
            source,
        })?;
        Source::open_input(name, input, &OpenOptions::default(), index::open)
    }

    /// Opens one file of a model in several, which cannot itself be an index.
    pub(super) fn open_shard(path: &Path, options: &OpenOptions) -> Result<Source, WeightsError> {
        Source::open_input(path, Input::open(path)?, options, |path, _, _| {
            let problem = "a shard is itself an index; give the index that names the weight files";
            Err(Fault::malformed(problem).with_path(path, Format::Index))
        })
    }

    fn open_input(
        path: &Path,
        input: Input,
        options: &OpenOptions,
        open_index: impl Fn(&Path, &Input, &OpenOptions) -> Result<(Parsed, Vec<Source>), WeightsError>,
    ) -> Result<Source, WeightsError> {
        let head = input.head(HEAD).map_err(|source| WeightsError::Io {
            path: path.to_path_buf(),
            source,
        })?;
        let bytes = input.length();
        let name = path.to_string_lossy();
        let located = |format: Format| move |fault: Fault| fault.with_path(path, format);
        let source = |format, bytes, mut parsed: Parsed, store| {
            quantised::mark(&mut parsed.tensors);
            Source {
                path: path.to_path_buf(),
                format,
                bytes,
                parsed,
                store,
            }
        };
        match recognise(&head, bytes, &name) {
            Content::Npy => {
                let parsed =
                    npy::open(&input, stem(path), options.strict).map_err(located(Format::Npy))?;
                Ok(source(Format::Npy, bytes, parsed, Store::File(input)))
            }
            Content::Safetensors => {
                let parsed = safetensors::open(&input).map_err(located(Format::Safetensors))?;
                Ok(source(
                    Format::Safetensors,
                    bytes,
                    parsed,
                    Store::File(input),
                ))
            }
            Content::Zip => {
                let mut archive = Archive::open(&input).map_err(located(Format::Npz))?;
                let (format, parsed) = if torch::is_torch(&archive) {
                    let parsed = torch::open(&mut archive).map_err(located(Format::Torch))?;
                    (Format::Torch, parsed)
                } else {
                    let parsed =
                        npz::open(&archive, options.strict).map_err(located(Format::Npz))?;
                    (Format::Npz, parsed)
                };
                Ok(source(format, bytes, parsed, Store::Archive(archive)))
            }
            Content::Json => {
                let (parsed, shards) = open_index(path, &input, options)?;
                let bytes = shards.iter().map(|shard| shard.bytes).sum();
                Ok(source(Format::Index, bytes, parsed, Store::Shards(shards)))
            }
            Content::Foreign(found, advice) | Content::Unknown(found, advice) => {
                Err(WeightsError::NotRecognised {
                    path: path.to_path_buf(),
                    found,
                    advice,
                })
            }
        }
    }

    /// The path it was opened by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Length of the file in bytes; of all shards together behind an index.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// FNV-1a (64 bits) of the headers: with the length, the identity of the file.
    pub fn header_hash(&self) -> u64 {
        self.parsed.header_hash
    }

    /// Its tensors, in the order of the file.
    pub fn tensors(&self) -> &[TensorInfo] {
        &self.parsed.tensors
    }

    /// What is odd about the file, one sentence each, with names escaped.
    pub fn warnings(&self) -> &[String] {
        &self.parsed.warnings
    }

    /// Reads tensor `index` of [`tensors`](Self::tensors), and no other byte of the data.
    ///
    /// # Errors
    /// A tensor marked unreadable; data that are damaged, missing, or beyond memory.
    ///
    /// # Panics
    /// When there is no tensor `index`.
    pub fn read(&self, index: usize) -> Result<Tensor, WeightsError> {
        let info = &self.parsed.tensors[index];
        let located = |fault: Fault| fault.tensor(&info.name).with_path(&self.path, self.format);
        if let Some(reason) = &info.unreadable {
            return Err(located(Fault::unsupported(reason)));
        }
        let data = match (&self.store, info.locator) {
            (Store::Shards(shards), Locator::Shard { shard, index }) => {
                return shards[shard].read(index);
            }
            (Store::File(input), Locator::Bytes { offset }) => decode(&mut input.at(offset), info),
            (Store::Archive(archive), Locator::Member { index, skip }) => {
                archive.decode(index, skip, info)
            }
            _ => unreachable!("a locator belongs to the store of its source"),
        };
        Ok(Tensor {
            shape: info.shape.clone(),
            data: data.map_err(located)?,
        })
    }
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
