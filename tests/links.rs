//! Links of documents lead to files and headings that are there.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold documents, and the documents beside them.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let is_built =
                name.starts_with('.') || ["target", "runs", "node_modules"].contains(&name);
            if path.is_dir() && !is_built {
                folders.push(path);
            } else if name.ends_with(".md") {
                found.push(path);
            }
        }
    }
    found
}

/// The targets of the links in a document, images included: what stands in `](…)` outside of code.
fn links(text: &str) -> Vec<String> {
    let prose = text.lines().filter(|line| !line.starts_with("    "));
    let prose = prose.collect::<Vec<_>>().join("\n");
    let ends = prose.split("](").skip(1);
    let targets = ends.filter_map(|rest| rest.split_once(')'));
    targets.map(|(target, _)| target.to_owned()).collect()
}

/// The anchor of a heading as GitHub makes it.
fn anchor(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = words
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Catches a file that moved, and a heading that was renamed.
#[test]
fn links_lead_somewhere() {
    let documents = documents();
    let mut checked = 0;
    let mut lost = Vec::new();
    for document in &documents {
        let text = fs::read_to_string(document).unwrap();
        for link in links(&text) {
            if link.starts_with("http:") || link.starts_with("https:") {
                continue;
            }
            checked += 1;
            let (file, heading) = link.split_once('#').unwrap_or((&link, ""));
            let target = match file {
                "" => document.clone(),
                file => document.parent().unwrap().join(file),
            };
            let is_there = target.exists()
                && (heading.is_empty()
                    || fs::read_to_string(&target).is_ok_and(|text| {
                        let headings = text.lines().filter(|line| line.starts_with('#'));
                        headings.map(anchor).any(|anchor| anchor == heading)
                    }));
            if !is_there {
                lost.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(
        checked > 50,
        "{checked} links in {} documents",
        documents.len()
    );
    assert!(lost.is_empty(), "{lost:#?}");
}
