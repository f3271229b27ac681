//! The folders of `src` are floors: a file imports from lower floors or from its own folder only.

use std::fs;
use std::path::{Path, PathBuf};

const FLOORS: [(&str, usize); 15] = [
    ("random", 0),
    ("weights", 0),
    ("program", 0),
    ("linalg", 1),
    ("device", 1),
    ("operator", 1),
    ("data", 1),
    ("survey", 1),
    ("spectrum", 2),
    ("fit", 2),
    ("sketch", 2),
    ("train", 2),
    ("study", 3),
    ("report", 4),
    ("cli", 5),
];

fn floor(module: &str) -> Option<usize> {
    let place = FLOORS.iter().find(|(name, _)| *name == module);
    place.map(|&(_, floor)| floor)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .collect()
}

/// Catches an import that climbs, or that crosses between folders of one floor.
#[test]
fn imports_go_down_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut seen = 0;
    for (module, own) in FLOORS {
        for file in files(&root.join(module)) {
            let text = fs::read_to_string(&file).unwrap();
            for (number, line) in text.lines().enumerate() {
                let imported = line.split("crate::").skip(1).map(|rest| {
                    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                    &rest[..end.unwrap_or(rest.len())]
                });
                for name in imported.filter(|name| *name != module) {
                    seen += 1;
                    let below = floor(name).is_some_and(|floor| floor < own);
                    let place = format!("{}:{}", file.display(), number + 1);
                    assert!(below, "{place}: {module} imports {name}");
                }
            }
        }
    }
    assert!(seen > 10, "the search found {seen} imports: it is broken");
}
