//! The files of a report in their folder.

use crate::weights::{escape_within, write_file};
use std::io::Error;
use std::path::{Path, PathBuf};

/// Longest path shown, in characters.
const LONGEST_PATH: usize = 1000;

/// Writes files of these names into `folder`, making it where it is missing, in order, so that
/// the last one, the page, stands for all; then removes pictures that an earlier report left.
///
/// # Errors
///
/// As [`write_file`].
pub fn write_folder(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(|error| {
        let shown = escape_within(&folder.to_string_lossy(), LONGEST_PATH);
        Error::new(
            error.kind(),
            format!("{shown}: cannot be made: {}", error.kind()),
        )
    })?;
    for (name, bytes) in files {
        write_file(&folder.join(name), bytes)?;
    }
    for path in pictures(folder)? {
        let kept = |(name, _): &(String, Vec<u8>)| path.ends_with(name);
        if !files.iter().any(kept) {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// The pictures in a report folder, by their names.
fn pictures(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let ours = name.is_some_and(|name| {
            let drawn = name.ends_with(".svg") || name.ends_with(".png");
            let stem = ["figure-", "layer-", "tensor-", "training-", "overview."];
            drawn && stem.iter().any(|stem| name.starts_with(stem))
        });
        if ours {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::write_folder;

    /// Catches pictures of an earlier report among those of a new one, and files of others removed.
    #[test]
    fn a_new_report_leaves_no_old_pictures() {
        let folder = tempfile::tempdir().unwrap();
        let report = |names: &[&str]| -> Vec<(String, Vec<u8>)> {
            names.iter().map(|n| ((*n).into(), b"x".to_vec())).collect()
        };
        let old = report(&[
            "layer-001-tail.svg",
            "layer-002-tail.svg",
            "figure-error.png",
            "index.html",
        ]);
        write_folder(folder.path(), &old).unwrap();
        std::fs::write(folder.path().join("mine.svg"), "y").unwrap();
        write_folder(
            folder.path(),
            &report(&["layer-001-tail.svg", "index.html"]),
        )
        .unwrap();
        let left = std::fs::read_dir(folder.path()).unwrap();
        let mut left: Vec<_> = left.map(|e| e.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["index.html", "layer-001-tail.svg", "mine.svg"]);
    }
}
