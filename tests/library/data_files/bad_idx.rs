//! IDX files that are refused, and why.

use super::build::*;

#[test]
fn a_missing_file() {
    let folder = idx_set("", |bytes| bytes);
    std::fs::remove_file(folder.path().join(TEST_LABELS)).unwrap();
    assert_says(&folder.refusal(), &["lacks t10k-labels-idx1-ubyte", "four"]);
}

/// Whichever way they are swapped, and for either part.
#[test]
fn labels_given_for_images() {
    for (first, second) in [(IMAGES, LABELS), (TEST_IMAGES, TEST_LABELS)] {
        let folder = Folder::new();
        for (name, bytes) in idx_files() {
            let name = match name {
                _ if name == first => second,
                _ if name == second => first,
                _ => name,
            };
            folder.file(name, &bytes);
        }
        assert_says(&folder.refusal(), &[second, "swapped"]);
    }
    let folder = idx_set(IMAGES, |_| idx(&[3], &[1, 2, 3]));
    assert_says(
        &folder.refusal(),
        &[IMAGES, "labels where images", "swapped"],
    );
}

/// Cut anywhere: in the magic, in the dimensions, in the elements; plain and gzipped.
#[test]
fn a_truncated_file() {
    for (kept, words) in [
        (0, "too few"),
        (3, "too few"),
        (6, "within its header"),
        (16, "cut short"),
        (27, "cut short"),
    ] {
        let folder = idx_set(IMAGES, |bytes| bytes[..kept].to_vec());
        assert_says(&folder.refusal(), &[IMAGES, words]);
        let folder = idx_set(IMAGES, |bytes| gzip(&bytes[..kept]));
        assert_says(&folder.refusal(), &[IMAGES, words]);
    }
    let folder = idx_set(LABELS, |bytes| bytes[..10].to_vec());
    assert_says(&folder.refusal(), &[LABELS, "3 labels", "cut short"]);
}

#[test]
fn trailing_bytes() {
    for pack in [|bytes: &[u8]| bytes.to_vec(), gzip] {
        let folder = idx_set(IMAGES, |bytes| pack(&[&bytes[..], &[0]].concat()));
        assert_says(
            &folder.refusal(),
            &[IMAGES, "byte 28", "bytes follow", "3 images of 2x2"],
        );
    }
}

#[test]
fn gzip_that_ends_early_or_is_damaged() {
    let folder = idx_set(IMAGES, |bytes| {
        let packed = gzip(&bytes);
        packed[..packed.len() - 3].to_vec()
    });
    assert_says(&folder.refusal(), &[IMAGES, "cut short"]);
    let folder = idx_set(IMAGES, |bytes| {
        let mut packed = gzip(&bytes);
        let crc = packed.len() - 8;
        packed[crc] ^= 1;
        packed
    });
    assert_says(&folder.refusal(), &[IMAGES, "damaged"]);
    let folder = idx_set(IMAGES, |bytes| {
        [gzip(&bytes), b"junk longer than a header".to_vec()].concat()
    });
    assert_says(&folder.refusal(), &[IMAGES, "damaged"]);
}

/// A header that promises far more than the file holds must not be believed, nor may its product wrap.
#[test]
fn dimensions_beyond_the_file() {
    for dimensions in [
        &[60_000, 28, 28][..],
        &[u32::MAX, 65_536, 65_536],
        &[1 << 31, 1 << 15, 1 << 15, 8],
    ] {
        let folder = idx_set(IMAGES, |_| idx(dimensions, &[0; 12]));
        assert_says(&folder.refusal(), &[IMAGES, "more than its", "can hold"]);
    }
    let folder = idx_set(IMAGES, |_| idx(&[1, 1 << 20, 1 << 20], &[0; 12]));
    assert_says(&folder.refusal(), &[IMAGES, "images are smaller"]);
    let folder = idx_set(LABELS, |_| idx(&[u32::MAX], &[0; 12]));
    assert_says(
        &folder.refusal(),
        &[LABELS, "more than its 20 bytes can hold"],
    );
}

/// 64 MiB of zeros in a few kilobytes, declared as twelve bytes: not unpacked.
#[test]
fn a_bomb() {
    let zeros = gzip(&idx(&[3, 2, 2], &vec![0; 64 << 20]));
    assert!(zeros.len() < 100_000);
    let folder = idx_set(IMAGES, |_| zeros);
    assert_says(&folder.refusal(), &[IMAGES, "bytes follow"]);
}

#[test]
fn counts_that_disagree() {
    let folder = idx_set(LABELS, |_| idx(&[4], &[0, 1, 2, 0]));
    assert_says(
        &folder.refusal(),
        &[IMAGES, LABELS, "3 images and 4 labels"],
    );
}

#[test]
fn parts_of_different_sizes() {
    let folder = idx_set(TEST_IMAGES, |_| idx(&[2, 4, 1], &[0; 8]));
    assert_says(&folder.refusal(), &[IMAGES, TEST_IMAGES, "2x2 and of 4x1"]);
}

#[test]
fn a_label_of_no_class() {
    let folder = idx_set(TEST_LABELS, |_| idx(&[2], &[1, 3]));
    assert_says(
        &folder.refusal(),
        &[TEST_LABELS, "byte 9", "label 3 of image 1", "end at 2"],
    );
}

#[test]
fn elements_that_are_no_bytes() {
    let folder = idx_set(IMAGES, |_| idx_of(0x0d, &[1, 1, 1], &[0; 4]));
    assert_says(&folder.refusal(), &[IMAGES, "type 0x0d", "unsigned bytes"]);
}

#[test]
fn nothing_in_it() {
    let folder = idx_set(IMAGES, |_| idx(&[0, 2, 2], &[]));
    assert_says(
        &folder.refusal(),
        &[IMAGES, "0 images of 2x2", "nothing in it"],
    );
}

#[test]
fn a_web_page_under_the_name() {
    let folder = idx_set(IMAGES, |_| b"<!doctype html>".to_vec());
    assert_says(
        &folder.refusal(),
        &[IMAGES, "begins with 3c 21 64 6f", "take the file anew"],
    );
}

#[test]
fn two_files_for_one_place() {
    let folder = idx_set("", |bytes| bytes);
    folder.file("train-images.idx3-ubyte", &idx(&[3, 2, 2], &[0; 12]));
    assert_says(
        &folder.refusal(),
        &[IMAGES, "train-images.idx3-ubyte", "keep one set"],
    );
}

#[test]
fn one_file_instead_of_the_folder() {
    let folder = idx_set("", |bytes| bytes);
    let text = refusal_of(&folder.path().join(IMAGES));
    assert_says(&text, &["give the folder of the four IDX files"]);
}

/// Opening a pipe would wait for a writer for ever.
#[cfg(unix)]
#[test]
fn a_pipe_under_the_name() {
    let folder = idx_set("", |bytes| bytes);
    let path = folder.path().join(IMAGES);
    std::fs::remove_file(&path).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    assert_says(&folder.refusal(), &["lacks train-images-idx3-ubyte"]);
    assert_says(&refusal_of(&path), &["no regular file"]);
}
