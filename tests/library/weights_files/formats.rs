//! Files that the real libraries wrote (`analysis/fixtures/make_formats.py`), read as these libraries load them.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use spectra::weights::{
    Chosen, Kind, OpenOptions, Selection, Source, Status, ViewRules, discover, open_all,
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats")
}

fn rows() -> Json {
    let text = std::fs::read_to_string(folder().join("rows.json")).unwrap();
    serde_json::from_str::<Json>(&text).unwrap()["rows"].clone()
}

fn open(file: &str) -> Source {
    Source::open(&folder().join(file), &OpenOptions::default())
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Catches numbers other than those that PyTorch and NumPy load: signs of negated views, places of expanded and
/// overlapping ones, orders of bytes and dimensions, scales of weight norm, masks, chunks in the wrong place. All are
/// exact but for weight norm and spectral norm, whose quotients PyTorch takes in single precision.
#[test]
fn numbers_are_those_of_the_writers_library() {
    let expected = open("expected.safetensors");
    let mut compared = 0;
    for (file, names) in rows().as_object().unwrap() {
        let source = open(file);
        for (name, status) in names.as_object().unwrap() {
            let index = source.tensors().iter().position(|info| info.name == *name);
            let index = index.unwrap_or_else(|| panic!("{file} lacks {name}"));
            if status != "read" {
                continue;
            }
            let key = format!("{file}/{name}");
            let place = expected.tensors().iter().position(|info| info.name == key);
            let wanted = expected.read(place.expect(&key)).unwrap();
            let found = source.read(index).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(found.shape, wanted.shape, "{key}");
            let largest = wanted
                .data
                .iter()
                .fold(0.0, |most: f64, x| most.max(x.abs()));
            let divided = |note: &String| note.contains("|v|") || note.contains("spectral norm");
            let tolerance = if source.tensors()[index].notes.iter().any(divided) {
                8.0 * f64::from(f32::EPSILON) * largest
            } else {
                0.0
            };
            for (place, (found, wanted)) in found.data.iter().zip(&wanted.data).enumerate() {
                assert!(
                    (found - wanted).abs() <= tolerance,
                    "{key} [{place}]: {found} for {wanted}"
                );
            }
            compared += 1;
        }
    }
    assert!(compared >= 30, "{compared} tensors compared");
}

/// Catches tensors that are called weights and are none, and weights that cannot be read and are said to be empty,
/// or left out as if nothing were wrong.
#[test]
fn rows_are_called_what_they_are() {
    let all = Selection::new(vec![], ViewRules::default()).unwrap();
    for (file, names) in rows().as_object().unwrap() {
        let source = open(file);
        for (index, info) in source.tensors().iter().enumerate() {
            let Some(status) = names.get(&info.name).and_then(Json::as_str) else {
                continue;
            };
            let gap = Chosen::new(&source, index, &all).gap();
            let gap = gap.map(|gap| (gap.status, gap.reason));
            let what = format!("{file}: {}: {gap:?}", info.name);
            match (status, gap) {
                ("failed", Some((Status::Failed, reason))) => {
                    assert!(!reason.contains("empty: shape"), "{what}");
                }
                ("skipped", Some((Status::Skipped, _))) => {}
                ("read", None) => assert_eq!(info.kind, Kind::Weight, "{what}"),
                // Scalars and vectors are read, but are no matrices.
                ("read", Some((Status::Skipped, reason))) => {
                    let small = ["a vector", "a scalar", "smaller"];
                    assert!(small.iter().any(|words| reason.contains(words)), "{what}");
                }
                _ => panic!("{what} is not {status}"),
            }
        }
    }
}

/// Catches special tensors whose row does not say what they are or what to do.
#[test]
fn special_tensors_say_what_they_are() {
    let says = |file: &str, name: &str, words: &[&str]| {
        let source = open(file);
        let info = source
            .tensors()
            .iter()
            .find(|info| info.name == name)
            .unwrap();
        let reason = info.unreadable.as_deref().unwrap_or_default();
        for word in words {
            assert!(reason.contains(word), "{file} {name}: {reason}");
        }
        info.shape.clone()
    };
    assert_eq!(says("special.pt", "coo", &["sparse", "to_dense"]), [6, 8]);
    assert_eq!(says("special.pt", "csr", &["sparse", "to_dense"]), [6, 8]);
    assert_eq!(
        says("special.pt", "quantised", &["quantised", "dequantize"]),
        [6, 8]
    );
    assert_eq!(says("special.pt", "meta", &["meta", "no numbers"]), [9, 9]);
    assert_eq!(says("special.pt", "complex", &["omplex"]), [6, 8]);
    says("special.pt", "nested", &["nested"]);
    assert_eq!(says("dtensor.pt", "w", &["DTensor", "full_tensor"]), [7, 5]);
    says("zero3.pt", "module.fc.weight", &["ZeRO", "zero_to_fp32.py"]);
    says(
        "floats8.safetensors",
        "c.weight",
        &["codes", "weight_scale"],
    );
}

/// Catches files of a distributed checkpoint that are listed one by one, and a folder whose rows are not those of its
/// files.
#[test]
fn a_folder_is_every_file_in_it() {
    let found = discover(&folder()).unwrap();
    let names: Vec<String> = found
        .into_iter()
        .map(|file| {
            file.strip_prefix(folder())
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    assert!(
        names.contains(&"distributed/.metadata".to_owned()),
        "{names:?}"
    );
    assert!(
        !names.iter().any(|name| name.ends_with(".distcp")),
        "{names:?}"
    );
    let sources = open_all(&[folder()], &OpenOptions::default());
    assert_eq!(sources.len(), names.len());
    assert!(
        sources
            .iter()
            .all(|source| source.whole_file_problem().is_none())
    );
}
