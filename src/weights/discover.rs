//! The weight files a path stands for.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::error::WeightsError;
use super::index;
use super::input::{Input, special};
use super::recognise::{Content, HEAD, recognise};

/// Endings under which weights are kept: a file so named is listed even when its content is
/// something else, so that opening it says what.
const ENDINGS: [&str; 5] = ["npy", "npz", "safetensors", "pt", "pth"];

/// The weight files `path` stands for: a file is itself; of a folder, the weight files in it,
/// recognised by content and sorted by name, folders inside it left out. A model in several files
/// is its index alone.
///
/// # Errors
/// What is neither a regular file nor a folder, or cannot be read, and a folder without a weight
/// file.
pub fn discover(path: &Path) -> Result<Vec<PathBuf>, WeightsError> {
    let io = |source| WeightsError::Io {
        path: path.to_path_buf(),
        source,
    };
    let metadata = std::fs::metadata(path).map_err(io)?;
    if !metadata.is_dir() {
        return match special(&metadata) {
            None => Ok(vec![path.to_path_buf()]),
            Some(what) => Err(WeightsError::NotAFile {
                path: path.to_path_buf(),
                what,
            }),
        };
    }
    let mut files = Vec::new();
    let mut shards = HashSet::new();
    for entry in std::fs::read_dir(path).map_err(io)? {
        let file = entry.map_err(io)?.path();
        let Ok(input) = Input::open(&file) else {
            if is_named(&file, &ENDINGS) && !is_special(&file) {
                files.push(file);
            }
            continue;
        };
        match content(&input, &file) {
            Some(Content::Json) => {
                let is_index = file.to_string_lossy().ends_with(".index.json");
                // Whatever is wrong with an index, opening it says so.
                if is_index {
                    let named = index::read(&input).map(|(shards, _)| shards);
                    shards.extend(named.unwrap_or_default().into_keys().map(|s| path.join(s)));
                    files.push(file);
                }
            }
            Some(Content::Npy | Content::Zip | Content::Safetensors) => files.push(file),
            // A pointer or an old format, for instance.
            Some(Content::Foreign(..)) if is_named(&file, &["bin"]) => files.push(file),
            _ if is_named(&file, &ENDINGS) => files.push(file),
            _ => {}
        }
    }
    files.retain(|file| !shards.contains(file));
    files.sort();
    if files.is_empty() {
        return Err(WeightsError::NoWeights {
            path: path.to_path_buf(),
        });
    }
    Ok(files)
}

fn content(input: &Input, file: &Path) -> Option<Content> {
    let head = input.head(HEAD).ok()?;
    Some(recognise(&head, input.length(), &file.to_string_lossy()))
}

fn is_named(file: &Path, endings: &[&str]) -> bool {
    let ending = file.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| endings.contains(&ending))
}

/// Folders, pipes and devices in a folder are passed over.
fn is_special(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|metadata| special(&metadata).is_some())
}
