//! From a name or a path to a data set.

use super::dataset::Dataset;
use super::error::DataError;
use super::{cifar, digits, file, idx, images, known, npz, tree};
use std::path::{Path, PathBuf};

/// The generated set's name.
pub(super) const DIGITS: &str = "digits";
/// Bytes of the beginning that tell what a file is.
const HEAD: u64 = 512;

/// A set that was recognised, its files listed and nothing of it read.
pub(super) enum Place {
    Idx(PathBuf, idx::Files),
    Cifar(PathBuf),
    Images(PathBuf, tree::Tree),
    Npz(Box<npz::Arrays>),
}

/// Opens a data set.
///
/// `digits` is the generated set of [`digits`](super::digits) with seed 0 and
/// [`DIGITS_TRAIN`](super::DIGITS_TRAIN) and [`DIGITS_TEST`](super::DIGITS_TEST) samples; `mnist`,
/// `fashion-mnist` and `cifar10` are looked for in `root`; anything else is a path, or the name of a
/// folder or file in `root`. What a file is, its content says.
///
/// # Errors
/// A set that is not found, and whatever in its files does not fit, with the place and the way out.
pub fn open(name_or_path: &str, root: Option<&Path>) -> Result<Dataset, DataError> {
    if name_or_path == DIGITS {
        return Ok(digits::digits(0, digits::DIGITS_TRAIN, digits::DIGITS_TEST));
    }
    let known = known::by_name(name_or_path);
    if known.is_some() && root.is_none() {
        return Err(DataError::NoFolder {
            name: name_or_path.to_owned(),
        });
    }
    let not_found = |root: &Path| DataError::NotFound {
        name: name_or_path.to_owned(),
        root: root.to_path_buf(),
        fetchable: known.is_some(),
    };
    match (known, root) {
        (Some(set), Some(root)) => {
            let mut folders = set.folders.iter().map(|folder| root.join(folder));
            if let Some(folder) = folders.find(|folder| folder.is_dir()) {
                let mut dataset = read(recognise(&folder)?)?;
                dataset.name = set.name.to_owned();
                return Ok(dataset);
            }
            // The folder may itself be the set.
            let dataset = recognise(root).and_then(read).ok();
            let dataset = dataset.filter(|dataset| dataset.name == set.name);
            dataset.ok_or_else(|| not_found(root))
        }
        (None, root) => {
            let path = Path::new(name_or_path);
            let inside = root
                .map(|root| root.join(path))
                .filter(|path| path.exists());
            match (path.exists(), inside, root) {
                (true, _, _) => read(recognise(path)?),
                (false, Some(inside), _) => read(recognise(&inside)?),
                (false, None, Some(root)) => Err(not_found(root)),
                (false, None, None) => Err(DataError::NotRecognised {
                    path: path.to_path_buf(),
                    found: "does not exist".into(),
                    advice: "give a data set's folder or .npz file, or one of digits, mnist, \
                             fashion-mnist, cifar10"
                        .into(),
                }),
            }
        }
        (Some(_), None) => unreachable!("refused above"),
    }
}

/// What a path holds.
pub(super) fn recognise(path: &Path) -> Result<Place, DataError> {
    let metadata = std::fs::metadata(path).map_err(DataError::io(path))?;
    if !metadata.is_dir() {
        return recognise_file(path);
    }
    let folder = path.to_path_buf();
    if let Some(files) = idx::locate(path)? {
        return Ok(Place::Idx(folder, files));
    }
    if let Some(batches) = cifar::locate(path) {
        return Ok(Place::Cifar(batches));
    }
    let refuse = |found: &str, advice: &str| DataError::NotRecognised {
        path: path.to_path_buf(),
        found: found.into(),
        advice: advice.into(),
    };
    if cifar::is_pickled(path) {
        return Err(refuse(
            "holds CIFAR-10 as Python pickles, which are programs and are not run",
            "take the binary version, cifar-10-binary.tar.gz",
        ));
    }
    if tree::is_tree(path) {
        return Ok(Place::Images(folder, tree::list(path)?));
    }
    let raw = path.join("raw");
    if raw.is_dir()
        && let Some(files) = idx::locate(&raw)?
    {
        return Ok(Place::Idx(folder, files));
    }
    Err(refuse(
        "is a folder without a data set that is read",
        "four IDX files, CIFAR-10's .bin batches, or folders of PNG or JPEG files, one a class (in \
         train and test), are needed",
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
        } else if idx::is_idx(&head) || head.starts_with(&[0x1f, 0x8b]) {
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
                "give a folder of IDX files, CIFAR-10 batches or pictures, or an .npz file with x and y",
            )
        },
    )
}

/// Reads a recognised set.
pub(super) fn read(place: Place) -> Result<Dataset, DataError> {
    match place {
        Place::Idx(folder, files) => idx::open(&folder, &files),
        Place::Cifar(folder) => cifar::open(&folder),
        Place::Images(folder, tree) => images::open(&folder, &tree),
        Place::Npz(arrays) => npz::open(&arrays),
    }
}
