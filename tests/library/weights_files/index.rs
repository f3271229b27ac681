//! Models in several files.

use std::path::Path;

use spectra::weights::{Format, Kind, discover};

use super::build::{
    Folder, assert_says, f32s, one_tensor, open, read_all, refusal_of, safetensors, torch,
};

fn shard(folder: &Folder, file: &str, tensor: &str, value: f32) {
    let header = format!(r#"{{"{tensor}":{{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}}}}"#);
    folder.file(file, &safetensors(&header, &f32s(&[value])));
}

fn index(folder: &Folder, map: &str) -> std::path::PathBuf {
    let json = format!(r#"{{"metadata": {{"total_size": 8}}, "weight_map": {map}}}"#);
    folder.file("model.safetensors.index.json", json.as_bytes())
}

const MAP: &str = r#"{"b": "2.safetensors", "a": "1.safetensors"}"#;

fn two_shards() -> Folder {
    let folder = Folder::new();
    shard(&folder, "1.safetensors", "a", 1.0);
    shard(&folder, "2.safetensors", "b", 2.0);
    folder
}

#[test]
fn shards_are_one_model() {
    let folder = two_shards();
    let path = index(&folder, MAP);
    let source = open(&path).unwrap();
    assert_eq!(source.format(), Format::Index);
    let names: Vec<&str> = source.tensors().iter().map(|info| &*info.name).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(read_all(&path).unwrap()[1].data, [2.0]);
    assert_eq!(discover(folder.path()).unwrap(), [path]);
}

/// The hash is the model's identity: another shard, another hash.
#[test]
fn the_hash_covers_the_shards() {
    let (one, two) = (two_shards(), two_shards());
    shard(&two, "2.safetensors", "c", 2.0);
    shard(&two, "3.safetensors", "b", 2.0);
    let map = MAP.replace('2', "3");
    let first = open(&index(&one, MAP)).unwrap().header_hash();
    assert_eq!(first, open(&index(&one, MAP)).unwrap().header_hash());
    assert_ne!(first, open(&index(&two, &map)).unwrap().header_hash());
}

#[test]
fn shards_of_pytorch() {
    let folder = Folder::new();
    folder.file("1.bin", &torch(&one_tensor().stop(), &[&f32s(&[1.0; 4])]));
    let path = folder.file(
        "pytorch_model.bin.index.json",
        br#"{"weight_map":{"w":"1.bin"}}"#,
    );
    assert_eq!(read_all(&path).unwrap()[0].data, [1.0; 4]);
    assert_eq!(discover(folder.path()).unwrap(), [path]);
}

#[test]
fn missing_shards_are_listed() {
    let folder = Folder::new();
    let text = refusal_of(&index(&folder, MAP));
    assert_says(
        &text,
        &["tensor 'a'", "its shard '1.safetensors' cannot be read"],
    );
}

#[test]
fn paths_out_of_the_folder() {
    let folder = two_shards();
    for bad in [
        "../x.safetensors",
        "/etc/passwd",
        "a/../../x",
        "",
        ".",
        "..",
        "a\\\\..\\\\x",
        "x\\u0000",
    ] {
        let text = refusal_of(&index(&folder, &format!(r#"{{"a": "{bad}"}}"#)));
        assert_says(&text, &["outside its own folder"]);
    }
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder() {
    let (folder, other) = (two_shards(), two_shards());
    let target = other.path().join("1.safetensors");
    std::os::unix::fs::symlink(target, folder.path().join("link")).unwrap();
    let text = refusal_of(&index(&folder, r#"{"a": "link"}"#));
    assert_says(&text, &["'link' outside its own folder"]);
}

/// Download caches keep the files elsewhere and link to all of them, the index too.
#[cfg(unix)]
#[test]
fn links_beside_the_links_target_are_inside() {
    let (store, folder) = (two_shards(), Folder::new());
    let path = index(&store, MAP);
    for file in [
        path.as_path(),
        Path::new("1.safetensors"),
        Path::new("2.safetensors"),
    ] {
        let link = folder.path().join(file.file_name().unwrap());
        std::os::unix::fs::symlink(store.path().join(file), link).unwrap();
    }
    let link = folder.path().join(path.file_name().unwrap());
    assert_eq!(read_all(&link).unwrap().len(), 2);
}

#[test]
fn a_tensor_absent_from_its_shard() {
    let folder = two_shards();
    let text = refusal_of(&index(
        &folder,
        r#"{"a": "1.safetensors", "z": "1.safetensors"}"#,
    ));
    assert_says(
        &text,
        &[
            "'z'",
            "not in its shard '1.safetensors'",
            "one and the same model",
        ],
    );
}

#[test]
fn unlisted_tensors_are_skipped_rows() {
    let folder = Folder::new();
    let header = r#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"x":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#;
    folder.file("1.safetensors", &safetensors(header, &[1, 2]));
    let source = open(&index(&folder, r#"{"a": "1.safetensors"}"#)).unwrap();
    let kinds: Vec<(&str, Kind)> = (source.tensors().iter())
        .map(|info| (info.name.as_str(), info.kind))
        .collect();
    assert_eq!(kinds, [("a", Kind::Weight), ("x", Kind::Unlisted)]);
}

#[test]
fn an_index_that_is_not_one() {
    let folder = two_shards();
    for (json, words) in [
        (r#"{"architectures": ["X"]}"#, "without a weight_map"),
        (r#"{"weight_map": ["a"]}"#, "JSON"),
        (r#"{"weight_map": {"a": 1}}"#, "JSON"),
        (
            r#"{"weight_map": {"a": "1.safetensors", "a": "2.safetensors"}}"#,
            "'a' stands twice",
        ),
        (
            r#"{"weight_map": {}, "weight_map": {}}"#,
            "'weight_map' stands twice",
        ),
        (r#"{"weight_map": {"a": "1.safetensors"}"#, "JSON"),
        (r#"{"weight_map": {"i": "i.json"}}"#, "itself an index"),
    ] {
        assert_says(
            &refusal_of(&folder.file("i.json", json.as_bytes())),
            &[words],
        );
    }
}

#[test]
fn an_index_100_000_deep() {
    let folder = Folder::new();
    for open in ["[", "{\"a\":"] {
        let json = format!("{{\"weight_map\": {}", open.repeat(100_000));
        assert_says(
            &refusal_of(&folder.file("i.json", json.as_bytes())),
            &["JSON"],
        );
        let json = format!("{{\"metadata\": {}", open.repeat(100_000));
        assert_says(
            &refusal_of(&folder.file("i.json", json.as_bytes())),
            &["JSON"],
        );
    }
}

/// An index of itself would open files until none are left.
#[test]
fn an_index_that_names_itself() {
    let folder = Folder::new();
    let text = refusal_of(&index(&folder, r#"{"a": "model.safetensors.index.json"}"#));
    assert_says(&text, &["itself an index"]);
}

/// Looking for two million files takes many seconds.
#[test]
fn more_files_than_a_model_has() {
    let folder = Folder::new();
    let entries: Vec<String> = (0..10_001).map(|i| format!(r#""{i}":"{i}.st""#)).collect();
    let text = refusal_of(&index(&folder, &format!("{{{}}}", entries.join(","))));
    assert_says(&text, &["names 10001 files; at most 10000"]);
}
