//! The data sets in a folder.

use super::error::DataError;
use super::file::{entries, name_of};
use super::origin::Format;
use super::recognise::{Place, recognise};
use super::{cifar, idx, images, npz, stl};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// A data set that lies in a folder, as its headers tell.
#[derive(Debug, Clone, Serialize)]
pub struct Found {
    /// The name to open it by within the folder.
    pub name: String,
    /// How it is written.
    pub format: Format,
    /// The file or folder.
    pub path: PathBuf,
    /// The contents, or in one sentence why it cannot be read.
    #[serde(flatten)]
    pub content: Content,
}

/// The contents of a set by its headers.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// It can be read, as far as headers tell.
    Sound {
        /// Samples to train on.
        train: usize,
        /// Samples to test with.
        test: usize,
        /// Channels, height, width.
        shape: [usize; 3],
        /// Bytes of its files.
        bytes: u64,
    },
    /// It cannot be read.
    Broken {
        /// Why, in one sentence.
        problem: String,
    },
}

/// The data sets in `root`: itself, or the folders and `.npz` files in it, by name. Reads headers only, and labels where
/// the number of held-out samples depends on them; what is no data set is left out.
///
/// # Errors
/// A folder that cannot be listed.
pub fn find(root: &Path) -> Result<Vec<Found>, DataError> {
    if let Some(found) = look(root) {
        return Ok(vec![found]);
    }
    Ok(entries(root)?
        .iter()
        .filter_map(|path| look(path))
        .collect())
}

/// Looks at a path; `None` if it is no data set, not even a broken one.
fn look(path: &Path) -> Option<Found> {
    let found = |format, content: Result<Content, DataError>| Found {
        name: name_of(path),
        format,
        path: path.to_path_buf(),
        content: content.unwrap_or_else(|error| Content::Broken {
            problem: error.to_string(),
        }),
    };
    match recognise(path) {
        Ok(place) => {
            let (format, content) = survey(&place);
            Some(found(format, content))
        }
        Err(error) => {
            let format = match &error {
                DataError::Malformed { format, .. } => *format,
                DataError::Disagree { .. } => Format::Idx,
                _ => return None,
            };
            // A file of arrays that are not a data set is no broken data set.
            (format != Format::Npz).then(|| found(format, Err(error)))
        }
    }
}

fn survey(place: &Place) -> (Format, Result<Content, DataError>) {
    let sound = |[train, test]: [usize; 2], shape, bytes| Content::Sound {
        train,
        test,
        shape,
        bytes,
    };
    match place {
        Place::Idx(_, files) => (
            Format::Idx,
            idx::survey(files).map(|s| sound([s.train, s.test], s.shape, s.bytes)),
        ),
        Place::Cifar(set, folder) => (
            set.format,
            set.survey(folder)
                .map(|(counts, bytes)| sound(counts, cifar::SHAPE, bytes)),
        ),
        Place::Stl(folder) => (
            Format::Stl,
            stl::survey(folder).map(|(counts, bytes)| sound(counts, stl::SHAPE, bytes)),
        ),
        Place::Images(folder, tree) => (
            Format::Images,
            images::survey(folder, tree)
                .map(|(counts, shape)| sound(counts, shape, tree_bytes(tree))),
        ),
        Place::Npz(arrays) => (
            Format::Npz,
            npz::survey(arrays).map(|(counts, shape, bytes)| sound(counts, shape, bytes)),
        ),
    }
}

/// Bytes of all pictures; what cannot be asked counts nothing.
fn tree_bytes(tree: &super::tree::Tree) -> u64 {
    let test = tree.test.iter().flat_map(|listed| &listed.paths);
    let paths = tree.train.paths.iter().chain(test);
    let lengths = paths.filter_map(|path| std::fs::metadata(path).ok());
    lengths.map(|metadata| metadata.len()).sum()
}
