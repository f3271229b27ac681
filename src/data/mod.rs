//! Labelled images.
//!
//! [`open()`] takes a name or a path to a [`Dataset`] in memory. Every file is taken as hostile: sizes are
//! compared with the file's length before memory is asked for, gzip is unpacked to the declared length
//! and no further, and what does not fit is refused in one sentence. What a file is, its content says.
//!
//! | set | what is read |
//! |---|---|
//! | `digits` | drawn by a generator ([`digits()`]); nothing to download |
//! | IDX | MNIST's four files, gzipped or not; unsigned bytes |
//! | CIFAR-10 | the binary batches |
//! | CIFAR-100 | the binary files, with their fine labels |
//! | STL-10 | the binary files of labelled images |
//! | images | a folder of PNG and JPEG files, a subfolder a class, in `train` and `test` or not; turned upright by their EXIF data |
//! | npz | arrays `x` and `y`, or `x_train`, `y_train`, `x_test`, `y_test` |
//!
//! A set without a part to test with has a sixth of each class held out, which its [`Origin`] says.

mod cifar;
mod class_names;
mod dataset;
#[cfg(not(fuzzing))]
mod digits;
mod error;
#[cfg(all(feature = "fetch", not(fuzzing)))]
mod fetch;
mod file;
mod find;
mod idx;
mod idx_file;
mod images;
mod known;
mod npz;
mod open;
mod orientation;
mod origin;
mod picture;
mod recognise;
mod split;
mod stl;
mod tree;

pub use dataset::{Dataset, Pixels, Samples};
#[cfg(not(fuzzing))]
pub use digits::{DIGITS_TEST, DIGITS_TRAIN, digits};
pub use error::DataError;
#[cfg(all(feature = "fetch", not(fuzzing)))]
pub use fetch::{FetchProgress, FetchSettings, OnProgress, fetch};
pub use find::{Content, Found, find};
pub use open::open;
pub use origin::{FileRecord, Format, Origin, Split};
pub use recognise::open_path;
