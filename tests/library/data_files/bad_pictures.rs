//! Folders of pictures that are refused, and why.

use super::build::*;

/// Two classes of two pictures each, and one file more.
fn with(name: &str, bytes: &[u8]) -> Folder {
    let folder = Folder::new();
    for class in ["a", "b"] {
        for i in 0..4 {
            folder.file(&format!("{class}/{i}.png"), &grey(i));
        }
    }
    folder.file(name, bytes);
    folder
}

#[test]
fn another_size() {
    let folder = with("b/1.png", &png(1, 2, 3, &[0; 6]));
    assert_says(
        &folder.refusal(),
        &["a/0.png", "b/1.png", "2x2 and 3x2", "one size"],
    );
}

#[test]
fn grey_and_colour() {
    let folder = with("b/1.png", &png(3, 2, 2, &[0; 12]));
    assert_says(
        &folder.refusal(),
        &["a/0.png", "b/1.png", "grey and in colour"],
    );
}

#[test]
fn transparency() {
    for channels in [2, 4] {
        let folder = with("b/1.png", &png(channels, 2, 2, &vec![0; 4 * channels]));
        assert_says(
            &folder.refusal(),
            &["b/1.png", "transparency", "save it without"],
        );
    }
}

/// A megabyte that says it is 60,000 pixels wide must not be decoded.
#[test]
fn a_picture_that_says_it_is_huge() {
    let mut bytes = grey(0);
    bytes[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    bytes[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
    let crc = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.to_be_bytes());
    for name in ["a/0.png", "b/1.png"] {
        assert_says(&with(name, &bytes).refusal(), &[name]);
    }
}

/// CRC-32, bit by bit.
fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

#[test]
fn a_damaged_picture() {
    let bytes = grey(7);
    for kept in [8, 20, 33, bytes.len() - 20] {
        let folder = with("b/2.png", &bytes[..kept]);
        assert_says(&folder.refusal(), &["b/2.png", "cannot be decoded", "anew"]);
    }
    let folder = with("b/2.jpg", b"\xff\xd8\xff\xe0 and nothing");
    assert_says(&folder.refusal(), &["b/2.jpg", "cannot be decoded"]);
}

/// The first of several bad pictures is named, whatever the number of threads.
#[test]
fn the_first_bad_picture_is_named() {
    let folder = with("b/0.png", b"\x89PNG\r\n\x1a\n");
    folder.file("a/3.png", b"\x89PNG\r\n\x1a\n");
    for _ in 0..20 {
        assert_says(&folder.refusal(), &["a/3.png"]);
    }
}

#[test]
fn something_else_among_the_pictures() {
    let text = with("b/notes.txt", b"words").refusal();
    assert_says(&text, &["b/notes.txt", "neither PNG nor JPEG"]);
    let text = with("b/9.png", b"").refusal();
    assert_says(&text, &["b/9.png", "is empty"]);
    let text = with("b/deeper/1.png", &grey(0)).refusal();
    assert_says(&text, &["b/deeper", "is no file"]);
}

#[test]
fn a_class_without_a_picture() {
    let folder = with("c/.hidden", b"");
    assert_says(&folder.refusal(), &["/c: is a class without a picture"]);
}

#[test]
fn a_class_to_test_with_alone() {
    let folder = Folder::new();
    for class in ["a", "b"] {
        folder.file(&format!("train/{class}/1.png"), &grey(0));
        folder.file(&format!("test/{class}/1.png"), &grey(0));
    }
    folder.file("test/z/1.png", &grey(0));
    assert_says(&folder.refusal(), &["test/z", "is of no class"]);
}

#[test]
fn too_few_to_hold_one_out() {
    let folder = Folder::new();
    folder.file("a/1.png", &grey(0));
    folder.file("b/1.png", &grey(0));
    assert_says(
        &folder.refusal(),
        &["no two samples of one class among its 2", "test part"],
    );
}

#[test]
fn no_data_set() {
    assert_says(&Folder::new().refusal(), &["folder without a data set"]);
    let folder = Folder::new();
    folder.file("one/1.txt", b"words");
    assert_says(&folder.refusal(), &["folder without a data set"]);
    for (bytes, words) in [
        (&b"\xfd7zXZ\0 and more"[..], "unpack it"),
        (b"", "empty"),
        (b"\x93NUMPY\x01\0", "numpy.savez"),
        (b"words", "no data set that is read"),
    ] {
        assert_says(&refusal_of(&folder.file("x", bytes)), &[words]);
    }
}
