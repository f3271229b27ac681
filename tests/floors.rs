//! The folders of `src` are floors: a file imports from lower floors or from its own folder only, and within a folder no
//! files import one another in a circle.

mod import_graph;

use import_graph::{Graph, Module};
use std::fs;
use std::path::{Path, PathBuf};

const FLOORS: [(&str, usize); 21] = [
    ("random", 0),
    ("weights", 0),
    ("allocate", 1),
    ("linalg", 1),
    ("program", 1),
    ("device", 2),
    ("operator", 2),
    ("data", 2),
    ("survey", 2),
    ("compress", 2),
    ("family", 3),
    ("spectrum", 4),
    ("fit", 4),
    ("sketch", 4),
    ("train", 4),
    ("study", 5),
    ("watch", 5),
    ("plan", 5),
    ("export", 6),
    ("report", 6),
    ("cli", 7),
];

/// Files that may import one another in a circle, by folder, with the reason.
const CIRCLES: [(&str, &[&str]); 5] = [
    // A closed list of primitives, each of which writes its derivative in other primitives of the list.
    (
        "program",
        &[
            "backward",
            "cross_entropy",
            "descent",
            "fill",
            "gather",
            "gemm",
            "generated",
            "hadamard",
            "map",
            "maximum",
            "primitive",
            "record",
            "reduce",
            "rule",
            "trigonometric",
            "zip",
        ],
    ),
    // A trait of numbers that names an algorithm on them.
    (
        "linalg",
        &["bidiagonal", "bisection", "lanes", "real", "scale", "sturm"],
    ),
    // Types that lie in the wrong file: to be moved, not to be joined by others.
    ("operator", &["basis", "basis/tiled"]),
    ("family", &["projection/diagonals", "projection/grid"]),
    ("sketch", &["exact", "layer"]),
];

fn floor(module: &str) -> Option<usize> {
    let place = FLOORS.iter().find(|(name, _)| *name == module);
    place.map(|&(_, floor)| floor)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
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

/// Catches an error of the library that names an option of the command line, which its user does not have.
#[test]
fn the_library_names_no_options() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let library = FLOORS.iter().map(|(module, _)| *module);
    for module in library.filter(|module| !["report", "cli"].contains(module)) {
        for file in files(&root.join(module)) {
            let text = fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            for (number, line) in code.lines().enumerate() {
                let mut words = line.split_whitespace();
                let is_comment = line.trim_start().starts_with("//");
                let option = words.find_map(|word| {
                    let name = word
                        .trim_start_matches(['"', '(', '`'])
                        .strip_prefix("--")?;
                    name.starts_with(|c: char| c.is_ascii_lowercase())
                        .then_some(name)
                });
                // a program of others, and its options
                let foreign = ["input_format", "output_format"];
                let allowed = option.is_none_or(|name| foreign.iter().any(|f| name.starts_with(f)));
                let place = format!("{}:{}", file.display(), number + 1);
                assert!(is_comment || allowed, "{place}: {option:?}");
            }
        }
    }
}

/// The module of a file in a folder.
fn module_of(folder: &Path, file: &Path) -> Module {
    let path = file.strip_prefix(folder).unwrap().with_extension("");
    let parts = path
        .iter()
        .map(|part| part.to_str().unwrap().to_owned())
        .filter(|part| part != "mod" && part != "lib");
    parts.collect()
}

/// Catches files that can be understood only together, as a type that lies in the wrong file makes them.
#[test]
fn files_of_a_folder_import_one_another_in_no_circle() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut texts = Vec::new();
    for file in files(&root) {
        let module = module_of(&root, &file);
        let is_code = !module.iter().any(|part| part == "tests" || part == "bin");
        if is_code {
            texts.push((module, fs::read_to_string(&file).unwrap()));
        }
    }
    let graph = Graph::new(texts.iter().map(|(module, text)| (module.clone(), &**text)));
    let circles: Vec<Vec<String>> = graph
        .circles()
        .iter()
        .map(|circle| circle.iter().map(|module| module.join("/")).collect())
        .collect();
    let is_inside = |circle: &[String], (folder, files): &(&str, &[&str])| {
        circle.iter().all(|name| {
            let file = name.strip_prefix(&format!("{folder}/"));
            file.is_some_and(|file| files.contains(&file))
        })
    };
    for circle in &circles {
        let is_allowed = CIRCLES.iter().any(|allowed| is_inside(circle, allowed));
        assert!(is_allowed, "a circle of imports: {circle:?}");
    }
    for allowed in CIRCLES {
        let is_there = circles.iter().any(|circle| is_inside(circle, &allowed));
        assert!(is_there, "this circle is gone, its line too: {allowed:?}");
    }
}

/// Catches a search that overlooks circles, or that sees them in comments, tests and re-exports.
#[test]
fn a_circle_is_found_and_no_other() {
    let circles = |texts: &[(&str, &str)]| {
        let module = |name: &str| name.split('/').map(str::to_owned).collect::<Module>();
        let graph = Graph::new(texts.iter().map(|(name, text)| (module(name), *text)));
        let circles = graph.circles();
        let names = |circle: &std::collections::BTreeSet<&Module>| {
            let names: Vec<String> = circle.iter().map(|module| module.join("/")).collect();
            names.join(" ")
        };
        circles.iter().map(names).collect::<Vec<String>>()
    };
    let parent = (
        "x",
        "mod a; mod b; mod c; pub use a::*; pub use b::{B as Other, f};",
    );
    let c = ("x/c", "pub fn c() {}");
    // by a group, by a path in the code, and by a re-export under another name
    for (a, b) in [
        (
            "use super::{c, b::{B}}; pub struct A(B);",
            "use super::a::A; pub struct B(Box<A>); pub fn f() {}",
        ),
        (
            "pub struct A; fn g() { crate::x::b::f() }",
            "pub struct B; pub fn f() { let _ = super::A; }",
        ),
        (
            "use super::Other; pub struct A(Other);",
            "use crate::x::{self, c}; pub struct B; pub fn f(_: x::A) {}",
        ),
    ] {
        let found = circles(&[parent, ("x/a", a), ("x/b", b), c]);
        assert_eq!(found, ["x/a x/b"], "{a}\n{b}");
    }
    let found = circles(&[
        parent,
        ("x/a", "use super::b::B; pub struct A(B);"),
        (
            "x/b",
            "// as super::a::A\npub struct B; pub fn f() { \"super::a::A\"; '\\''; } \
             #[cfg(test)] mod tests { use super::super::a::A; fn t(_: A) {} }",
        ),
        c,
    ]);
    assert!(found.is_empty(), "{found:?}");
    // a folder whose files use what its mod.rs defines, and which uses them
    let found = circles(&[
        ("x", "mod a; pub struct X; fn f() { a::g() }"),
        ("x/a", "use super::X; pub fn g() { X; }"),
    ]);
    assert_eq!(found, ["x x/a"]);
}
