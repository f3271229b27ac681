//! Files of PyTorch before 1.6 and folders of `torch.distributed.checkpoint`, each wrong in one way.

use std::path::{Path, PathBuf};

use super::build::{Folder, assert_says, open, read_all, refusal};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/formats")
        .join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(fixture(name)).unwrap()
}

/// A copy of the distributed folder, its files changed by `change`; the path of its metadata.
fn distributed(folder: &Folder, change: impl Fn(&str, Vec<u8>) -> Option<Vec<u8>>) -> PathBuf {
    for file in std::fs::read_dir(fixture("distributed")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        if let Some(bytes) = change(&name, bytes(&format!("distributed/{name}"))) {
            folder.file(&name, &bytes);
        }
    }
    folder.path().join(".metadata")
}

/// Replaces the only occurrence of `from`.
fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let places: Vec<usize> = (0..=bytes.len() - from.len())
        .filter(|&at| bytes[at..].starts_with(from))
        .collect();
    assert_eq!(places.len(), 1, "{places:?}");
    let at = places[0];
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

/// Catches a stream that ends in the middle and is read to there, or past there.
#[test]
fn a_legacy_file_that_is_cut_short() {
    let whole = bytes("legacy.pt");
    assert_says(
        &refusal("a.pt", &whole[..whole.len() - 1]),
        &["storage", "cut short"],
    );
    for length in 15..whole.len() - 1 {
        refusal("a.pt", &whole[..length]);
    }
}

/// Catches memory that is asked for because a count says so.
#[test]
fn a_legacy_storage_of_too_many_elements() {
    let whole = bytes("legacy.pt");
    // The first storage has 35 elements, the second 5, the third 15 or in another order.
    let at = whole
        .windows(8)
        .rposition(|count| count == 35_u64.to_le_bytes())
        .unwrap();
    for count in [u64::MAX, 1 << 62, 1 << 40, 36 + (whole.len() as u64) / 4] {
        let mut wrong = whole.clone();
        wrong[at..at + 8].copy_from_slice(&count.to_le_bytes());
        assert_says(&refusal("a.pt", &wrong), &["declares", "cut short"]);
    }
}

/// Catches a tensor that vanishes with the file that some of its chunks are in, or takes the others with it.
#[test]
fn a_missing_file_of_chunks_is_a_row_each() {
    let mut read = 0;
    for missing in ["__0_0.distcp", "__1_0.distcp", "__2_0.distcp"] {
        let folder = Folder::new();
        let path = distributed(&folder, |name, bytes| (name != missing).then_some(bytes));
        let source = open(&path).unwrap();
        assert_eq!(source.tensors().len(), 4);
        for (index, info) in source.tensors().iter().enumerate() {
            match &info.unreadable {
                Some(reason) => assert_says(reason, &[missing, "cannot be read"]),
                None => {
                    source.read(index).unwrap();
                    read += 1;
                }
            }
        }
    }
    // The tensor that is whole lies in one of them.
    assert_eq!(read, 2);
}

/// Catches a chunk that is read past the end of its file, and a damaged one that is taken for numbers.
#[test]
fn a_file_of_chunks_that_is_cut_short_or_damaged() {
    let folder = Folder::new();
    let path = distributed(&folder, |name, mut bytes| {
        if name == "__2_0.distcp" {
            bytes.truncate(bytes.len() - 1);
        }
        Some(bytes)
    });
    let source = open(&path).unwrap();
    let reasons = source
        .tensors()
        .iter()
        .filter_map(|info| info.unreadable.as_deref());
    assert!(reasons.clone().count() >= 1);
    reasons.for_each(|reason| assert_says(reason, &["__2_0.distcp", "cut short"]));
    let folder = Folder::new();
    let path = distributed(&folder, |name, mut bytes| {
        if name.ends_with(".distcp") {
            // The directory at the end of the first chunk.
            let end = bytes
                .windows(4)
                .position(|bytes| bytes == b"PK\x05\x06")
                .unwrap();
            bytes[end] = b'X';
        }
        Some(bytes)
    });
    assert!(read_all(&path).is_err());
}

/// Catches a file outside the folder that is read because the metadata name it.
#[test]
fn chunks_lie_in_the_folder() {
    for name in ["../_1_0.distcp", "/etc/hostnames"] {
        let folder = Folder::new();
        let path = distributed(&folder, |file, bytes| {
            Some(match file {
                // A text of as many bytes.
                ".metadata" => replace(&bytes, b"__1_0.distcp", &name.as_bytes()[..12]),
                _ => bytes,
            })
        });
        let error = open(&path).unwrap_err().to_string();
        assert_says(&error, &["no file beside"]);
    }
}

/// Catches a panic, an endless loop or numbers from nowhere, whatever single byte of the metadata is wrong.
#[test]
fn any_wrong_byte_of_the_metadata_is_survived() {
    let folder = Folder::new();
    let path = distributed(&folder, |_, bytes| Some(bytes));
    let whole = bytes("distributed/.metadata");
    for at in 0..whole.len() {
        for wrong in [whole[at] ^ 1, 0xff, 0] {
            let mut changed = whole.clone();
            changed[at] = wrong;
            std::fs::write(&path, &changed).unwrap();
            let Ok(source) = open(&path) else {
                continue;
            };
            for (index, info) in source.tensors().iter().enumerate() {
                if let Ok(tensor) = source.read(index) {
                    assert_eq!(tensor.data.len(), info.len());
                }
            }
        }
    }
}
