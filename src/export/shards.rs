//! The files of a model's weights, and their names in the folder that is written.

use super::ExportError;
use crate::weights::{Dtype, Format, OpenOptions, Source, TensorInfo, folder_of};
use std::path::{Path, PathBuf};

/// The files of a model in safetensors.
#[derive(Debug)]
pub(super) struct Shards {
    /// The files with tensors, and their names relative to the folder.
    pub files: Vec<(PathBuf, PathBuf)>,
    /// The index, where there is one.
    pub index: Option<PathBuf>,
    /// The folder that they lie in.
    pub home: PathBuf,
}

impl Shards {
    /// Returns those of `source`.
    pub fn of(source: &Source) -> Result<Shards, ExportError> {
        let path = source.path();
        let home = folder_of(path);
        let name = |file: &Path| {
            let relative = file.strip_prefix(&home).ok().map(Path::to_path_buf);
            relative.or_else(|| file.file_name().map(PathBuf::from))
        };
        let named = |file: &Path| Some((file.to_path_buf(), name(file)?));
        match source.format() {
            Format::Safetensors => Ok(Shards {
                files: named(path).into_iter().collect(),
                index: None,
                home,
            }),
            Format::Index => {
                let others: Vec<&Path> = source.files().filter(|file| *file != path).collect();
                let is_missing = |info: &&TensorInfo| info.dtype == Dtype::Other("unknown".into());
                if let Some(info) = source.tensors().iter().find(is_missing) {
                    let reason = info.unreadable.clone().unwrap_or_default();
                    return Err(ExportError::tensor(path, &info.name, reason));
                }
                for file in &others {
                    let is_safe = Source::open(file, &OpenOptions::default())
                        .is_ok_and(|shard| shard.format() == Format::Safetensors);
                    if !is_safe {
                        return Err(refused(file));
                    }
                }
                Ok(Shards {
                    files: others.into_iter().filter_map(named).collect(),
                    index: Some(path.to_path_buf()),
                    home,
                })
            }
            _ => Err(refused(path)),
        }
    }
}

fn refused(path: &Path) -> ExportError {
    let problem = "is not in safetensors, the one format that models are written in; convert it first and plan again";
    ExportError::file(path, problem)
}
