//! The origin of a data set, as a run records it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The origin of a data set: enough to tell it from every other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Origin {
    /// Drawn by a generator.
    Generated {
        /// The generator's name.
        generator: String,
        /// Raised when the same seed gives other samples.
        version: u32,
        /// The seed.
        seed: u64,
        /// Samples to train on.
        train: usize,
        /// Samples to test with.
        test: usize,
    },
    /// Read from files.
    Files {
        /// How they are written.
        format: Format,
        /// The files, in the order in which they are read.
        files: Vec<FileRecord>,
        /// How the samples to test with were chosen.
        split: Split,
    },
}

/// How the samples to test with were chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Split {
    /// The files say.
    Given,
    /// One of so many samples of each class was held out, at least one where there are two.
    ByClass(usize),
}

/// One file that was read, or all the pictures of one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// The name within the set's folder.
    pub name: String,
    /// Bytes of its content, unpacked where it is gzipped; of all pictures together.
    pub bytes: u64,
    /// SHA-256 of that content. For pictures, of the lines `sha256sum` prints of them: the sum of each
    /// file, two spaces, its name within the folder.
    pub sha256: String,
}

/// How a data set is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Two pairs of IDX files, as MNIST's.
    Idx,
    /// CIFAR-10's binary batches.
    Cifar,
    /// CIFAR-100's binary files with their fine labels; the coarse ones are not used.
    Cifar100,
    /// STL-10's binary files.
    Stl,
    /// A folder of PNG and JPEG files, a subfolder a class.
    Images,
    /// Arrays of NumPy.
    Npz,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Idx => "IDX",
            Format::Cifar => "CIFAR-10 batches",
            Format::Cifar100 => "CIFAR-100 files, fine labels",
            Format::Stl => "STL-10 files",
            Format::Images => "image folder",
            Format::Npz => "npz",
        })
    }
}
