//! Sets by name, and what lies in a folder.

use super::build::*;
use spectra::data::{Content, Format, find, open};
use std::path::Path;

fn says(name: &str, root: Option<&Path>, words: &[&str]) {
    let text = open(name, root).unwrap_err().to_string();
    assert!(!text.chars().any(char::is_control), "{text}");
    assert_says(&text, words);
}

/// Wherever the usual tools put it; and a set in a folder is opened by that folder's name.
#[test]
fn known_sets_are_found_in_a_folder() {
    for place in ["mnist", "MNIST/raw"] {
        let root = Folder::new();
        for (name, bytes) in idx_files() {
            root.file(&format!("{place}/{name}"), &bytes);
            root.file(&format!("letters/{name}"), &bytes);
        }
        let set = open("mnist", Some(root.path())).unwrap();
        assert_eq!((&*set.name, set.train.len()), ("mnist", 3));
        assert_eq!((set.classes, &*set.class_names[7]), (10, "7"));
        let set = open("letters", Some(root.path())).unwrap();
        assert_eq!(set.name, "letters");
    }
    let root = cifar_set(1);
    assert_eq!(open("cifar10", Some(root.path())).unwrap().train.len(), 5);
}

/// Catches a known set that is not found by its name, or one that is offered for download and cannot be fetched.
#[test]
fn stl10_and_svhn_are_known() {
    let stl = stl_set();
    assert_eq!(open("stl10", Some(stl.path())).unwrap().train.len(), 3);
    let root = Folder::new();
    for part in ["train", "test"] {
        for digit in 0..10 {
            root.file(&format!("SVHN/{part}/{digit}/1.png"), &grey(digit));
        }
    }
    let set = open("svhn", Some(root.path())).unwrap();
    assert_eq!((&*set.name, set.classes, set.train.len()), ("svhn", 10, 10));
    assert_eq!(set.class_names[3], "3");
    let empty = Folder::new();
    for name in ["stl10", "svhn"] {
        says(name, Some(empty.path()), &[name, "spectra data lists"]);
        let text = open(name, Some(empty.path())).unwrap_err().to_string();
        assert!(!text.contains("fetch"), "{text}");
    }
    let matlab = Folder::new();
    matlab.file("svhn/train_32x32.mat", b"MATLAB 5.0 MAT-file");
    says("svhn", Some(matlab.path()), &["MATLAB", "PNG"]);
}

/// Catches another set taken for the known one.
#[test]
fn a_known_name_with_too_many_classes() {
    let root = Folder::new();
    for (name, bytes) in idx_files() {
        let bytes = if name == LABELS {
            idx(&[3], &[1, 46, 2])
        } else {
            bytes
        };
        root.file(&format!("mnist/{name}"), &bytes);
    }
    let words = ["mnist: has labels up to 46", "10 classes", "another name"];
    says("mnist", Some(root.path()), &words);
}

#[test]
fn sets_that_are_not_there() {
    let root = Folder::new();
    says("mnist", None, &["mnist", "folder of data sets"]);
    says("mnist", Some(root.path()), &["mnist", "spectra data fetch"]);
    says(
        "letters",
        Some(root.path()),
        &["letters", "spectra data lists"],
    );
    says("letters", None, &["letters", "does not exist", "digits"]);
    says("a\u{202e}b\n", Some(root.path()), &["a\\u{202e}b\\u{a}"]);
}

/// Catches a set that is left out, counted wrongly, or opened where headers are enough.
#[test]
fn what_lies_in_a_folder() {
    let root = Folder::new();
    for (name, bytes) in idx_files() {
        // Cut: the headers are sound.
        let bytes = if name == IMAGES { gzip(&bytes) } else { bytes };
        root.file(&format!("b-idx/{name}"), &bytes);
    }
    root.file(&format!("broken/{IMAGES}"), b"<html>");
    for batch in 1..=6 {
        let name = format!("cifar/cifar-10-batches-bin/{}", batch_name(batch));
        root.file(&name, &cifar_batch(batch, 2));
    }
    for i in 0..7 {
        root.file(&format!("pictures/{}/{i}.png", ["x", "y"][i % 2]), &grey(0));
    }
    let arrays = [
        ("x", npy("|u1", "(6, 2, 2)", &[0; 24])),
        ("y", npy("|u1", "(6,)", &[0, 1, 0, 1, 0, 1])),
    ];
    for (name, bytes) in [("X", stl_images(1)), ("y", vec![1])] {
        root.file(&format!("stl/train_{name}.bin"), &bytes);
        root.file(&format!("stl/test_{name}.bin"), &bytes);
    }
    root.file("set.npz", &npz(&arrays));
    root.file("weights.npz", &npz(&arrays[..1]));
    root.file("notes.txt", b"words");
    root.file("empty/.keep", b"");
    let found = find(root.path()).unwrap();
    let names: Vec<&str> = found.iter().map(|found| &*found.name).collect();
    assert_eq!(
        names,
        ["b-idx", "broken", "cifar", "pictures", "set.npz", "stl"]
    );
    let counts = found.iter().map(|found| match &found.content {
        Content::Sound {
            train, test, shape, ..
        } => Some((*train, *test, *shape)),
        Content::Broken { problem } => {
            assert_says(problem, &["broken", "lacks train-labels"]);
            None
        }
    });
    assert_eq!(
        counts.collect::<Vec<_>>(),
        [
            Some((3, 2, [1, 2, 2])),
            None,
            Some((10, 2, [3, 32, 32])),
            Some((5, 2, [1, 2, 2])),
            Some((4, 2, [1, 2, 2])),
            Some((1, 1, [3, 96, 96])),
        ]
    );
    assert_eq!(found[3].format, Format::Images);
    for found in found.iter().filter(|found| found.name != "broken") {
        let set = open(&found.name, Some(root.path())).unwrap();
        let Content::Sound { train, test, .. } = found.content else {
            panic!("{found:?}");
        };
        assert_eq!((set.train.len(), set.test.len()), (train, test));
    }
    assert_eq!(find(&root.path().join("pictures")).unwrap().len(), 1);
    assert!(find(&root.path().join("nowhere")).is_err());
}
