//! The graph of imports between the files of a crate.

mod tokens;

use std::collections::{BTreeMap, BTreeSet};
use tokens::{Item, Path, items};

/// A file's module path from the crate's root, such as `["program", "plan"]`.
pub type Module = Vec<String>;

/// The files of a crate by module.
pub struct Graph {
    files: BTreeMap<Module, File>,
}

/// What one file says of its imports.
struct File {
    /// Imports, with the names that they get here.
    uses: Vec<(Path, String)>,
    /// Names that it defines.
    definitions: BTreeSet<String>,
    /// Names and paths that its code mentions.
    mentions: BTreeSet<Path>,
}

impl Graph {
    /// Reads the texts of files.
    pub fn new<'a>(texts: impl IntoIterator<Item = (Module, &'a str)>) -> Graph {
        let files = texts.into_iter().map(|(module, text)| {
            let mut file = File {
                uses: Vec::new(),
                definitions: BTreeSet::new(),
                mentions: BTreeSet::new(),
            };
            for item in items(text) {
                match item {
                    Item::Use(path, name) => file.uses.push((path, name)),
                    Item::Definition(name) => drop(file.definitions.insert(name)),
                    Item::Mention(path) => drop(file.mentions.insert(path)),
                }
            }
            (module, file)
        });
        Graph {
            files: files.collect(),
        }
    }

    /// Returns the sets of files that import one another in a circle. A re-export is no import: what is imported through it
    /// comes from the file that defines it.
    pub fn circles(&self) -> Vec<BTreeSet<&Module>> {
        let edges: BTreeMap<&Module, BTreeSet<&Module>> = self
            .files
            .keys()
            .map(|module| (module, self.imported(module)))
            .collect();
        let reached: BTreeMap<&Module, BTreeSet<&Module>> = edges
            .keys()
            .map(|module| (*module, reachable(module, &edges)))
            .collect();
        let mut circles = Vec::new();
        for (module, own) in &reached {
            let circle: BTreeSet<&Module> = own
                .iter()
                .copied()
                .filter(|other| reached[other].contains(module))
                .collect();
            if circle.first() == Some(module) {
                circles.push(circle);
            }
        }
        circles
    }

    /// The other files from which the code of `module` takes something.
    fn imported<'a>(&'a self, module: &'a Module) -> BTreeSet<&'a Module> {
        let file = &self.files[module];
        let paths = file.mentions.iter().filter_map(|path| {
            // a single name, or the first of a path, may have been imported; else it is a variable or a field
            let (first, rest) = path.split_first()?;
            let import = file.uses.iter().find(|(_, name)| name == first);
            match import {
                Some((import, _)) => Some([import, rest].concat()),
                None => (!rest.is_empty()).then(|| path.clone()),
            }
        });
        let found = paths.filter_map(|path| self.resolve(module, &path, 0));
        found.filter(|other| *other != module).collect()
    }

    /// The file that defines what `path` names in `module`; `None` for names of other crates and of the language.
    fn resolve<'a>(&'a self, module: &Module, path: &[String], depth: usize) -> Option<&'a Module> {
        const DEEPEST: usize = 20;
        let mut current = module.clone();
        let mut rest = path;
        match rest.first()?.as_str() {
            "crate" => {
                current.clear();
                rest = &rest[1..];
            }
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|part| part == "super") {
                    current.pop();
                    rest = &rest[1..];
                }
            }
            first => {
                let file = self.files.get(&current)?;
                let child = [current.as_slice(), &[first.to_owned()]].concat();
                let imported = file.uses.iter().any(|(_, name)| name == first);
                if !self.files.contains_key(&child) && !imported {
                    return None;
                }
            }
        }
        while let [part, tail @ ..] = rest {
            let child = [current.as_slice(), std::slice::from_ref(part)].concat();
            if self.files.contains_key(&child) {
                current = child;
                rest = tail;
                continue;
            }
            let file = self.files.get(&current)?;
            if file.definitions.contains(part) || depth == DEEPEST {
                break;
            }
            let through = |(import, name): &(Path, String)| {
                let named = name == part && import.as_slice() != path;
                let other = (named || name == "*").then(|| {
                    let module = import.strip_suffix(&["*".to_owned()]).unwrap_or(import);
                    self.resolve(&current, module, depth + 1)
                });
                let defines = |other: &&Module| self.files[*other].definitions.contains(part);
                other.flatten().filter(|other| named || defines(other))
            };
            if let Some(other) = file.uses.iter().find_map(through) {
                return Some(other);
            }
            break;
        }
        self.files.get_key_value(&current).map(|(module, _)| module)
    }
}

/// What can be reached from `module` in one step or more.
fn reachable<'a>(
    module: &'a Module,
    edges: &BTreeMap<&'a Module, BTreeSet<&'a Module>>,
) -> BTreeSet<&'a Module> {
    let mut reached = BTreeSet::new();
    let mut left: Vec<&Module> = edges[module].iter().copied().collect();
    while let Some(next) = left.pop() {
        if reached.insert(next) {
            left.extend(edges.get(next).into_iter().flatten());
        }
    }
    reached
}
