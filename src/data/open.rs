//! From a name or a path to a data set.

use super::dataset::Dataset;
#[cfg(not(fuzzing))]
use super::digits::{DIGITS_TEST, DIGITS_TRAIN, digits};
use super::error::DataError;
use super::known::{self, Known};
use super::recognise::open_path;
use std::path::Path;

/// The generated set's name.
#[cfg(not(fuzzing))]
const DIGITS: &str = "digits";

/// Opens a data set.
///
/// `digits` is the generated set of [`digits`](super::digits()) with seed 0 and
/// [`DIGITS_TRAIN`](super::DIGITS_TRAIN) and [`DIGITS_TEST`](super::DIGITS_TEST) samples; `mnist`,
/// `fashion-mnist`, `cifar10`, `cifar100`, `stl10` and `svhn` (as a folder of pictures) are looked for in `root`; anything
/// else is a path, or the name of a folder or file in `root`. What a file is, its content says.
///
/// # Errors
/// A set that is not found, and whatever in its files does not fit, with the place and the way out.
pub fn open(name_or_path: &str, root: Option<&Path>) -> Result<Dataset, DataError> {
    #[cfg(not(fuzzing))]
    if name_or_path == DIGITS {
        return Ok(digits(0, DIGITS_TRAIN, DIGITS_TEST));
    }
    match (known::by_name(name_or_path), root) {
        (Some(set), Some(root)) => open_known(set, root),
        (Some(set), None) => Err(DataError::NoFolder {
            name: set.name.to_owned(),
        }),
        (None, root) => open_other(name_or_path, root),
    }
}

fn open_known(set: &Known, root: &Path) -> Result<Dataset, DataError> {
    let mut folders = set.folders.iter().map(|folder| root.join(folder));
    if let Some(folder) = folders.find(|folder| folder.is_dir()) {
        return as_known(set, open_path(&folder)?, &folder);
    }
    // The folder may itself be the set.
    match open_path(root) {
        Ok(dataset) if dataset.name == set.name => Ok(dataset),
        Err(error @ (DataError::Malformed { .. } | DataError::Disagree { .. })) => Err(error),
        _ => Err(DataError::NotFound {
            name: set.name.to_owned(),
            root: root.to_path_buf(),
            fetchable: set.fetchable,
        }),
    }
}

fn open_other(name: &str, root: Option<&Path>) -> Result<Dataset, DataError> {
    let path = Path::new(name);
    if path.exists() {
        return open_path(path);
    }
    match root {
        Some(root) if root.join(path).exists() => open_path(&root.join(path)),
        Some(root) => Err(DataError::NotFound {
            name: name.to_owned(),
            root: root.to_path_buf(),
            fetchable: false,
        }),
        None => Err(DataError::NotRecognised {
            path: path.to_path_buf(),
            found: "does not exist".into(),
            advice: "give a data set's folder or .npz file, or one of digits, mnist, \
                     fashion-mnist, cifar10, cifar100, stl10, svhn"
                .into(),
        }),
    }
}

/// A set that was found under a known set's name takes on its classes.
fn as_known(set: &Known, dataset: Dataset, folder: &Path) -> Result<Dataset, DataError> {
    let classes = set.classes.len();
    if dataset.classes > classes {
        return Err(DataError::NotRecognised {
            path: folder.to_path_buf(),
            found: format!("has labels up to {}", dataset.classes - 1),
            advice: format!(
                "{} has {classes} classes: give the folder another name",
                set.name
            ),
        });
    }
    let class_names = if dataset.class_names.len() == classes {
        dataset.class_names
    } else {
        set.class_names()
    };
    Ok(Dataset {
        name: set.name.to_owned(),
        classes,
        class_names,
        ..dataset
    })
}
