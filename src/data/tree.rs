//! A folder of pictures, a subfolder a class, listed before anything is decoded.

use super::error::DataError;
use super::file::{entries, head, name_of};
use super::origin::Format;
use super::picture::is_picture;
use std::path::{Path, PathBuf};

const FORMAT: Format = Format::Images;
/// Classes of the largest set read: labels are stored in 16 bits.
const MOST_CLASSES: usize = 65_535;

/// The pictures of one part, in the order of their classes and names.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) paths: Vec<PathBuf>,
    pub(super) labels: Vec<u16>,
}

/// The pictures of a set and their classes.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) classes: Vec<String>,
    pub(super) train: Listed,
    /// `None` when the folder has no `test`.
    pub(super) test: Option<Listed>,
}

/// Whether a folder is such a set: within it, or within its `train`, are two folders or more, and the
/// first file of most is a picture.
pub(super) fn is_tree(folder: &Path) -> bool {
    let inner = folder.join("train");
    let root = if inner.is_dir() { &inner } else { folder };
    let Ok(classes) = folders(root) else {
        return false;
    };
    let pictured = |class: &PathBuf| {
        let files = entries(class).unwrap_or_default();
        let first = files.iter().find(|path| path.is_file());
        first.is_some_and(|path| head(path, 8).is_ok_and(|head| is_picture(&head)))
    };
    classes.len() >= 2 && 2 * classes.iter().filter(|class| pictured(class)).count() > classes.len()
}

/// Lists the pictures.
pub(super) fn list(folder: &Path) -> Result<Tree, DataError> {
    let (train, test) = (folder.join("train"), folder.join("test"));
    let root = match (train.is_dir(), test.is_dir()) {
        (true, _) => &train,
        (false, false) => folder,
        (false, true) => {
            let problem =
                "has a folder test but no folder train; put the other pictures into train";
            return Err(DataError::malformed(folder, FORMAT, problem));
        }
    };
    let class_folders = folders(root)?;
    if class_folders.len() > MOST_CLASSES {
        let problem = format!(
            "has {} classes; at most {MOST_CLASSES} are read",
            class_folders.len()
        );
        return Err(DataError::malformed(root, FORMAT, problem));
    }
    let classes: Vec<String> = class_folders.iter().map(|path| name_of(path)).collect();
    let listed = part(&class_folders, &classes)?;
    let test = if test.is_dir() {
        Some(part(&folders(&test)?, &classes)?)
    } else {
        None
    };
    Ok(Tree {
        classes,
        train: listed,
        test,
    })
}

fn part(class_folders: &[PathBuf], classes: &[String]) -> Result<Listed, DataError> {
    let mut listed = Listed::default();
    for folder in class_folders {
        let name = name_of(folder);
        let Some(label) = classes.iter().position(|class| *class == name) else {
            let problem = "is of no class: no folder of train has its name";
            return Err(DataError::malformed(folder, FORMAT, problem));
        };
        let files = files(folder)?;
        if files.is_empty() {
            return Err(DataError::malformed(
                folder,
                FORMAT,
                "is a class without a picture",
            ));
        }
        // At most MOST_CLASSES were listed.
        listed.labels.extend(files.iter().map(|_| label as u16));
        listed.paths.extend(files);
    }
    Ok(listed)
}

/// The folders in a folder, by name; links to folders are not followed.
fn folders(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let mut paths = entries(folder)?;
    paths.retain(|path| path.is_dir() && !path.is_symlink());
    Ok(paths)
}

/// The files of a class, by name; links to files are followed.
fn files(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let paths = entries(folder)?;
    match paths.iter().find(|path| !path.is_file()) {
        None => Ok(paths),
        Some(other) => Err(DataError::malformed(
            other,
            FORMAT,
            "is no file; the folder of a class holds pictures alone",
        )),
    }
}
