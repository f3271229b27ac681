//! The weight files a path stands for.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use super::error::WeightsError;
use super::index;
use super::input::{Input, special};
use super::parsed::OpenOptions;
use super::recognise::{Content, HEAD, recognise};
use super::source::Source;

/// Endings under which weights are kept: a file so named is listed even when its content is something else or cannot
/// be read, so that its row says what.
const ENDINGS: [&str; 18] = [
    "ckpt",
    "distcp",
    "eqx",
    "ggml",
    "gguf",
    "h5",
    "hdf5",
    "keras",
    "mlmodel",
    "msgpack",
    "npy",
    "npz",
    "onnx",
    "pt",
    "pt2",
    "pth",
    "safetensors",
    "tflite",
];
/// Endings under which anything is kept: only what is recognised is listed.
const ANYTHING: [&str; 3] = ["bin", "index", "pb"];
/// The file that says where the chunks of a folder of `torch.distributed.checkpoint` lie.
const METADATA: &str = ".metadata";
/// Folders inside folders.
const DEEPEST: usize = 100;

/// Returns the weight files `path` stands for: a file is itself; of a folder, the weight files in it and in the folders
/// inside it, recognised by content and sorted by path. A model in several files is its index alone, a folder of
/// `torch.distributed.checkpoint` its `.metadata`. Hidden files and folders are passed over, and folders that cannot
/// be searched; [`open_all`] has a row for these.
///
/// # Errors
/// A path that is neither a regular file nor a folder, or cannot be read, and a folder without a weight file.
pub fn discover(path: &Path) -> Result<Vec<PathBuf>, WeightsError> {
    Ok(search(path)?.files)
}

/// Opens every weight file that `paths` stand for. What cannot be opened is a source with one tensor that cannot be
/// read.
pub fn open_all(paths: &[PathBuf], options: &OpenOptions) -> Vec<Source> {
    let unreadable =
        |path: &Path, error: &WeightsError| Source::unreadable(path, error.without_path());
    let mut sources = Vec::new();
    for path in paths {
        match search(path) {
            Err(error) => sources.push(unreadable(path, &error)),
            Ok(Search {
                files, problems, ..
            }) => {
                sources.extend(files.iter().map(|file| {
                    Source::open(file, options).unwrap_or_else(|error| unreadable(file, &error))
                }));
                sources.extend(problems.iter().map(|error| unreadable(error.path(), error)));
            }
        }
    }
    sources
}

/// Searches `path`, at least one file or problem.
fn search(path: &Path) -> Result<Search, WeightsError> {
    let mut search = Search::default();
    let metadata = std::fs::metadata(path).map_err(|source| io(path, source))?;
    if !metadata.is_dir() {
        return match special(&metadata) {
            None => {
                search.files.push(path.to_path_buf());
                Ok(search)
            }
            Some(what) => Err(WeightsError::NotAFile {
                path: path.to_path_buf(),
                what,
            }),
        };
    }
    search.folder(path, 0)?;
    let Search {
        files,
        shards,
        problems,
        ..
    } = &mut search;
    files.retain(|file| !shards.contains(file));
    files.sort();
    problems.extend(missing_parts(files));
    if files.is_empty() && problems.is_empty() {
        Err(WeightsError::NoWeights {
            path: path.to_path_buf(),
        })
    } else {
        Ok(search)
    }
}

/// The files that a search has found so far.
#[derive(Default)]
struct Search {
    files: Vec<PathBuf>,
    /// Files that an index lists.
    shards: HashSet<PathBuf>,
    /// Folders entered, links followed: a link may lead back.
    entered: HashSet<PathBuf>,
    problems: Vec<WeightsError>,
}

impl Search {
    fn folder(&mut self, folder: &Path, depth: usize) -> Result<(), WeightsError> {
        let real = folder.canonicalize().map_err(|source| io(folder, source))?;
        if depth > DEEPEST || !self.entered.insert(real) {
            return Ok(());
        }
        let entries = std::fs::read_dir(folder).map_err(|source| io(folder, source))?;
        let is_distributed = Input::open(&folder.join(METADATA))
            .is_ok_and(|input| content(&input, folder) == Some(Content::Distributed));
        if is_distributed {
            self.files.push(folder.join(METADATA));
        }
        for entry in entries {
            let path = entry.map_err(|source| io(folder, source))?.path();
            if is_hidden(&path) || is_distributed && is_named(&path, &["distcp"]) {
                continue;
            }
            match std::fs::metadata(&path) {
                Ok(metadata) if metadata.is_dir() => {
                    let searched = self.folder(&path, depth + 1);
                    self.problems.extend(searched.err());
                }
                Ok(metadata) if special(&metadata).is_some() => {}
                _ => self.file(folder, path),
            }
        }
        Ok(())
    }

    fn file(&mut self, folder: &Path, file: PathBuf) {
        let Ok(input) = Input::open(&file) else {
            if is_named(&file, &ENDINGS) || is_named(&file, &ANYTHING) {
                self.files.push(file);
            }
            return;
        };
        match content(&input, &file) {
            Some(Content::Json) => {
                let is_index = file.to_string_lossy().ends_with(".index.json");
                // Whatever is wrong with an index, opening it says so.
                if is_index {
                    let named = index::read(&input).map(|(shards, _)| shards);
                    let named = named.unwrap_or_default();
                    self.shards
                        .extend(named.into_keys().map(|shard| folder.join(shard)));
                    self.files.push(file);
                }
            }
            Some(Content::Npy | Content::Zip | Content::Safetensors | Content::TorchLegacy) => {
                self.files.push(file);
            }
            // The name that PyTorch models have on hubs.
            _ if is_model(&file) => self.files.push(file),
            // A pointer, for instance, or a SavedModel.
            Some(Content::Foreign(..) | Content::Gguf) if is_named(&file, &ANYTHING) => {
                self.files.push(file);
            }
            _ if is_named(&file, &ENDINGS) => self.files.push(file),
            _ => {}
        }
    }
}

/// Returns a problem for each model in several files, without an index, some of which are not there: the names
/// `model-00002-of-00005.safetensors` count their files.
fn missing_parts(files: &[PathBuf]) -> Vec<WeightsError> {
    let mut models: BTreeMap<Counted<'_>, BTreeSet<usize>> = BTreeMap::new();
    for file in files {
        if let Some((model, part)) = Counted::of(file) {
            models.entry(model).or_default().insert(part);
        }
    }
    let problems = models.iter().map(|(model, parts)| model.problem(parts));
    problems.flatten().collect()
}

/// A model in several files whose names say how many they are.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Counted<'a> {
    folder: &'a Path,
    stem: &'a str,
    count: usize,
    ending: &'a str,
}

impl<'a> Counted<'a> {
    /// Returns the model that `file` is a part of, and which part it is.
    fn of(file: &'a Path) -> Option<(Counted<'a>, usize)> {
        let number = |digits: &str| (digits.len() == 5).then(|| digits.parse().ok()).flatten();
        let (name, ending) = file.file_name()?.to_str()?.rsplit_once('.')?;
        let (before, count) = name.rsplit_once("-of-")?;
        let (stem, part) = before.rsplit_once('-')?;
        let model = Counted {
            folder: file.parent()?,
            stem,
            count: number(count)?,
            ending,
        };
        Some((model, number(part)?))
    }

    /// Names the first part that is not among `parts`.
    fn problem(&self, parts: &BTreeSet<usize>) -> Option<WeightsError> {
        let Counted { stem, ending, .. } = self;
        // Most number them from one, some from zero.
        let first = usize::from(!parts.contains(&0));
        let number = (first..first + self.count).find(|number| !parts.contains(number))?;
        let name = format!("{stem}-{number:05}-of-{:05}.{ending}", self.count);
        let problem = format!(
            "is not there; of the {} files of this model there are {}",
            self.count,
            parts.len()
        );
        Some(io(&self.folder.join(name), std::io::Error::other(problem)))
    }
}

fn io(path: &Path, source: std::io::Error) -> WeightsError {
    WeightsError::Io {
        path: path.to_path_buf(),
        source,
    }
}

fn content(input: &Input, file: &Path) -> Option<Content> {
    let head = input.head(HEAD).ok()?;
    Some(recognise(&head, input.length(), &file.to_string_lossy()))
}

fn is_named(file: &Path, endings: &[&str]) -> bool {
    let ending = file.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| endings.contains(&ending.to_ascii_lowercase().as_str()))
}

fn is_model(file: &Path) -> bool {
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    is_named(file, &["bin"]) && name.contains("model")
}

fn is_hidden(file: &Path) -> bool {
    file.file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}
