//! Recognition of data sets by content.

use super::dataset::Dataset;
use super::error::DataError;
use super::{cifar, file, idx, idx_file, images, npz, stl, tree};
use std::path::{Path, PathBuf};

/// Bytes of the beginning that tell what a file is.
const HEAD: u64 = 512;

/// The files of SVHN's cropped digits.
const MATLAB: [&str; 3] = ["train_32x32.mat", "test_32x32.mat", "extra_32x32.mat"];

/// A set that was recognised, its files listed and nothing of it read.
pub(super) enum Place {
    Idx(PathBuf, idx::Files),
    Cifar(&'static cifar::Cifar, PathBuf),
    Stl(PathBuf),
    Images(PathBuf, tree::Tree),
    Npz(Box<npz::Arrays>),
}

/// Opens the data set at a path, whatever it is named.
///
/// # Errors
/// Whatever in its files does not fit, with the place and the way out.
pub fn open_path(path: &Path) -> Result<Dataset, DataError> {
    read(recognise(path)?)
}

/// The kind of a data set.
pub(super) fn recognise(path: &Path) -> Result<Place, DataError> {
    let metadata = std::fs::metadata(path).map_err(DataError::io(path))?;
    if !metadata.is_dir() {
        return recognise_file(path);
    }
    let folder = path.to_path_buf();
    if let Some(files) = idx::locate(path)? {
        return Ok(Place::Idx(folder, files));
    }
    if let Some((set, files)) = cifar::locate(path) {
        return Ok(Place::Cifar(set, files));
    }
    if let Some(files) = stl::locate(path) {
        return Ok(Place::Stl(files));
    }
    let refuse = |found: &str, advice: &str| DataError::NotRecognised {
        path: path.to_path_buf(),
        found: found.into(),
        advice: advice.into(),
    };
    if cifar::is_pickled(path) {
        return Err(refuse(
            "holds CIFAR-10 or CIFAR-100 as Python pickles, which are programs and are not run",
            "take the binary version, cifar-10-binary.tar.gz or cifar-100-binary.tar.gz",
        ));
    }
    if tree::is_tree(path) {
        return Ok(Place::Images(folder, tree::list(path)?));
    }
    if MATLAB.iter().any(|name| path.join(name).is_file()) {
        return Err(refuse(
            "holds SVHN as MATLAB files, which are not read",
            "save the digits as PNG files, in train and test a folder a class",
        ));
    }
    let raw = path.join("raw");
    if raw.is_dir()
        && let Some(files) = idx::locate(&raw)?
    {
        return Ok(Place::Idx(folder, files));
    }
    Err(refuse(
        "is a folder without a data set that is read",
        "four IDX files, the .bin files of CIFAR-10, CIFAR-100 or STL-10, or folders of PNG or JPEG files, one a \
         class (in train and test), are needed",
    ))
}

fn recognise_file(path: &Path) -> Result<Place, DataError> {
    let head = file::head(path, HEAD)?;
    let refuse = |found: &str, advice: &str| DataError::NotRecognised {
        path: path.to_path_buf(),
        found: found.into(),
        advice: advice.into(),
    };
    if head.starts_with(b"PK") {
        return Ok(Place::Npz(Box::new(npz::locate(path)?)));
    }
    let packed: [&[u8]; 4] = [b"\xfd7zXZ", b"BZh", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf"];
    let is_tar = head.get(257..262) == Some(b"ustar");
    Err(
        if is_tar || packed.iter().any(|magic| head.starts_with(magic)) {
            refuse("is an archive", "unpack it and give the folder")
        } else if idx_file::is_idx(&head) || head.starts_with(&[0x1f, 0x8b]) {
            refuse(
                "is one file, an IDX file or gzipped",
                "give the folder of the four IDX files; unpack an archive first",
            )
        } else if head.starts_with(b"\x93NUMPY") {
            refuse(
                "is one array",
                "save x and y together with numpy.savez(FILE, x=x, y=y)",
            )
        } else if head.is_empty() {
            refuse("is empty (0 bytes)", "take the file anew")
        } else {
            refuse(
                "is no data set that is read",
                "give a folder of IDX files, of CIFAR-10, CIFAR-100 or STL-10 files or of pictures, or an .npz file with x and y",
            )
        },
    )
}

/// Reads a recognised set.
fn read(place: Place) -> Result<Dataset, DataError> {
    match place {
        Place::Idx(folder, files) => idx::open(&folder, &files),
        Place::Cifar(set, folder) => set.open(&folder),
        Place::Stl(folder) => stl::open(&folder),
        Place::Images(folder, tree) => images::open(&folder, &tree),
        Place::Npz(arrays) => npz::open(&arrays),
    }
}
