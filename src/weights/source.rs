//! An open weight file.

mod read;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::archive::Archive;
use super::error::{Fault, WeightsError};
use super::foreign::foreign_archive;
use super::format::Format;
use super::input::Input;
use super::memory::{self, MemoryReader, MemoryTensor};
use super::parsed::{OpenOptions, Parsed};
use super::recognise::{Content, HEAD, recognise};
use super::tensor::TensorInfo;
use super::{composed, config, gguf, index, kind_by_name, npy, npz, quantised, safetensors, torch};

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

#[derive(Debug)]
enum Store {
    File(Input),
    Archive(Archive),
    Shards(Vec<Source>),
    Distributed(torch::Checkpoint),
    Memory(Arc<dyn MemoryReader>),
    /// No store: the file cannot be opened.
    Nothing,
}

/// The name of the one tensor that stands for a file which cannot be opened.
pub const WHOLE_FILE: &str = "(the whole file)";

impl Source {
    /// Opens a file and reads its headers. The format is recognised by content.
    ///
    /// # Errors
    /// Whatever in the headers does not fit the file, with the place and the way out.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Source, WeightsError> {
        let input = Input::open(path)?;
        let mut source = Source::open_input(path, input, options, open_index)?;
        source.mark();
        source.release();
        Ok(source)
    }

    /// Closes its files until they are read again.
    fn release(&self) {
        match &self.store {
            Store::File(input) => input.release(),
            Store::Archive(archive) => archive.release(),
            Store::Shards(shards) => shards.iter().for_each(Source::release),
            Store::Distributed(_) | Store::Memory(_) | Store::Nothing => {}
        }
    }

    /// Stands for a file that cannot be opened: one tensor, which cannot be read, named [`WHOLE_FILE`].
    pub fn unreadable(path: &Path, reason: String) -> Source {
        let info = TensorInfo::unreadable(WHOLE_FILE.into(), reason);
        Source {
            path: path.to_path_buf(),
            format: Format::Unreadable,
            bytes: std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
            parsed: Parsed {
                tensors: vec![info],
                ..Parsed::default()
            },
            store: Store::Nothing,
        }
    }

    /// Opens `bytes` as if they were a file called `name`; they lie in a temporary file without a name.
    ///
    /// # Errors
    /// The errors of [`Source::open`].
    #[cfg(not(fuzzing))]
    pub fn of_bytes(name: &Path, bytes: &[u8]) -> Result<Source, WeightsError> {
        let input = Input::of_bytes(bytes).map_err(|source| WeightsError::Io {
            path: name.to_path_buf(),
            source,
        })?;
        let mut source = Source::open_input(name, input, &OpenOptions::default(), open_index)?;
        source.mark();
        Ok(source)
    }

    /// Takes tensors that a program holds, as a file called `name` would have them. Nothing is read before its turn comes.
    pub fn in_memory(
        name: &Path,
        tensors: Vec<MemoryTensor>,
        reader: Arc<dyn MemoryReader>,
    ) -> Source {
        let parsed = memory::describe(tensors);
        let bytes = |info: &TensorInfo| {
            let size = info.dtype.size().unwrap_or(0);
            (info.len() as u64).saturating_mul(size as u64)
        };
        let stored = parsed.tensors.iter().filter(|info| info.alias_of.is_none());
        let mut source = Source {
            path: name.to_path_buf(),
            format: Format::Memory,
            bytes: stored.map(bytes).fold(0, u64::saturating_add),
            parsed,
            store: Store::Memory(reader),
        };
        source.mark();
        source
    }

    /// Says what the tensors are to one another. Behind an index that is known only of the whole model.
    fn mark(&mut self) {
        let tensors = &mut self.parsed.tensors;
        kind_by_name::mark(tensors);
        quantised::mark(tensors, || match self.format {
            Format::Memory => None,
            _ => config::quantisation(&self.path),
        });
        composed::mark(tensors);
        kind_by_name::own(tensors);
    }

    /// Opens one file of a model in several, which cannot itself be an index.
    fn open_shard(path: &Path, options: &OpenOptions) -> Result<Source, WeightsError> {
        Source::open_input(path, Input::open(path)?, options, |path, _, _| {
            let problem = "a shard is itself an index; give the index that names the weight files";
            Err(Fault::malformed(problem).with_path(path, Format::Index))
        })
    }

    fn open_input(
        path: &Path,
        input: Input,
        options: &OpenOptions,
        index: impl Fn(&Path, &Input, &OpenOptions) -> Result<(Parsed, Vec<Source>), WeightsError>,
    ) -> Result<Source, WeightsError> {
        let head = input.head(HEAD).map_err(|source| WeightsError::Io {
            path: path.to_path_buf(),
            source,
        })?;
        let bytes = input.length();
        let name = path.to_string_lossy();
        let located = |format: Format| move |fault: Fault| fault.with_path(path, format);
        let source = |format, bytes, parsed, store| Source {
            path: path.to_path_buf(),
            format,
            bytes,
            parsed,
            store,
        };
        let refused = |found: String, advice: String| {
            Err(WeightsError::NotRecognised {
                path: path.to_path_buf(),
                found,
                advice,
            })
        };
        match recognise(&head, bytes, &name) {
            Content::Npy => {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                let parsed = npy::open(&input, stem.into_owned(), options.strict);
                let parsed = parsed.map_err(located(Format::Npy))?;
                Ok(source(Format::Npy, bytes, parsed, Store::File(input)))
            }
            Content::Safetensors => {
                let parsed = safetensors::open(&input).map_err(located(Format::Safetensors))?;
                let store = Store::File(input);
                Ok(source(Format::Safetensors, bytes, parsed, store))
            }
            Content::Zip if name.ends_with(".distcp") => refused(
                "a part of a folder of torch.distributed.checkpoint".into(),
                "give the folder, with its .metadata".into(),
            ),
            Content::Zip => {
                let mut archive = Archive::open(&input).map_err(located(Format::Npz))?;
                if let Some((found, advice)) = foreign_archive(archive.names()) {
                    return refused(found.into(), advice.into());
                }
                let (format, parsed) = if torch::is_package(&archive) {
                    (Format::Torch, torch::open_package(&mut archive))
                } else {
                    (Format::Npz, npz::open(&archive, options.strict))
                };
                let parsed = parsed.map_err(located(format))?;
                Ok(source(format, bytes, parsed, Store::Archive(archive)))
            }
            Content::TorchLegacy => {
                let parsed = torch::open_legacy(&input).map_err(located(Format::Torch))?;
                Ok(source(Format::Torch, bytes, parsed, Store::File(input)))
            }
            Content::Json => {
                let (parsed, shards) = index(path, &input, options)?;
                let bytes = shards.iter().map(|shard| shard.bytes).sum();
                Ok(source(Format::Index, bytes, parsed, Store::Shards(shards)))
            }
            Content::Distributed => {
                let (parsed, checkpoint) =
                    torch::open_distributed(path, &input).map_err(located(Format::Distributed))?;
                let bytes = bytes + checkpoint.bytes;
                let store = Store::Distributed(checkpoint);
                Ok(source(Format::Distributed, bytes, parsed, store))
            }
            Content::Gguf => refused(
                gguf::describe(&input),
                "give the safetensors file it was made from".into(),
            ),
            Content::Foreign(found, advice) | Content::Unknown(found, advice) => {
                refused(found, advice)
            }
        }
    }

    /// Returns why the file could not be opened, if it could not.
    pub fn whole_file_problem(&self) -> Option<&str> {
        let is_closed = self.format == Format::Unreadable;
        let info = self.parsed.tensors.first().filter(|_| is_closed)?;
        info.unreadable.as_deref()
    }

    /// The path it was opened by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns every file that is read: itself and, behind an index, the shards, or the files with chunks.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let (shards, chunks): (&[Source], &[PathBuf]) = match &self.store {
            Store::Shards(shards) => (shards, &[]),
            Store::Distributed(checkpoint) => (&[], checkpoint.files()),
            _ => (&[], &[]),
        };
        let own = (self.format != Format::Memory).then(|| self.path());
        let others = shards.iter().map(Source::path);
        own.into_iter()
            .chain(others)
            .chain(chunks.iter().map(PathBuf::as_path))
    }

    /// Returns the format.
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

    /// Returns the tensors, in the order of the file.
    pub fn tensors(&self) -> &[TensorInfo] {
        &self.parsed.tensors
    }

    /// Returns oddities of the file, one sentence each, with names escaped.
    pub fn warnings(&self) -> &[String] {
        &self.parsed.warnings
    }
}

/// Opens an index and its shards, whose files are closed until they are read.
fn open_index(
    path: &Path,
    input: &Input,
    options: &OpenOptions,
) -> Result<(Parsed, Vec<Source>), WeightsError> {
    let shard = |file: &Path| Source::open_shard(file, options).inspect(Source::release);
    index::open(path, input, shard, |source| &source.parsed)
}
