//! Arrays with labels that are refused, and why.

use super::build::*;

fn refused(arrays: &[(&str, Vec<u8>)], words: &[&str]) {
    let folder = Folder::new();
    let path = folder.file("a.npz", &npz(arrays));
    assert_says(&refusal_of(&path), words);
}

/// Eight samples of two numbers.
fn x() -> Vec<u8> {
    npy("<f4", "(8, 2)", &f32s(&[0.5; 16]))
}

fn y() -> Vec<u8> {
    npy("<i8", "(8,)", &i64s(&[0, 1, 0, 1, 0, 1, 0, 1]))
}

#[test]
fn arrays_of_other_names() {
    refused(&[("weights", x())], &["'weights'", "x and y"]);
    refused(
        &[("x_train", x()), ("y_train", y())],
        &["'x_train'", "x_test"],
    );
}

/// Catches NaN and infinity that would reach the training, also those that f32 makes of f64.
#[test]
fn numbers_that_are_none() {
    for bad in [f64::NAN, f64::NEG_INFINITY] {
        let mut data = [0.5; 16];
        data[7] = bad;
        let bytes: Vec<u8> = data.iter().flat_map(|x: &f64| x.to_le_bytes()).collect();
        let x = npy("<f8", "(8, 2)", &bytes);
        refused(
            &[("x", x), ("y", y())],
            &["array x", "NaN or infinite", "sample 3"],
        );
    }
    let bytes: Vec<u8> = [1e300_f64; 16]
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    let x = npy("<f8", "(8, 2)", &bytes);
    refused(&[("x", x), ("y", y())], &["array x", "3.4e38"]);
}

#[test]
fn labels_that_are_none() {
    let with = |labels: Vec<u8>, words: &[&str]| refused(&[("x", x()), ("y", labels)], words);
    with(
        npy("<i8", "(8,)", &i64s(&[0, 1, 0, -1, 0, 1, 0, 1])),
        &["array y", "label -1 for sample 3"],
    );
    with(
        npy("<i8", "(8,)", &i64s(&[0, 1, 0, 70_000, 0, 1, 0, 1])),
        &["array y", "label 70000", "at most 65534"],
    );
    with(
        npy("<f4", "(8,)", &f32s(&[0.0; 8])),
        &["array y", "F32", "whole numbers"],
    );
    with(
        npy("<i8", "(7,)", &i64s(&[0; 7])),
        &["array y", "[7]", "8 samples of x"],
    );
    with(
        npy("<i8", "(8, 2)", &i64s(&[0; 16])),
        &["array y", "[8, 2]", "one whole number each"],
    );
}

#[test]
fn shapes_that_are_no_samples() {
    let with = |shape: &str, count: usize, words: &[&str]| {
        let x = npy("|u1", shape, &vec![0; count]);
        refused(&[("x", x), ("y", y())], words);
    };
    with("(8,)", 8, &["array x", "[8]", "(N, features)"]);
    with("(8, 2, 2, 2)", 64, &["array x", "1 or 3 channels"]);
    with("(8, 3, 2, 3)", 144, &["array x", "first or last"]);
    with("(8, 0)", 0, &["array x", "empty"]);
}

#[test]
fn parts_that_disagree() {
    let small = npy("<f4", "(8, 1)", &f32s(&[0.5; 8]));
    let high = npy("<i8", "(8,)", &i64s(&[0, 1, 0, 1, 0, 2, 0, 1]));
    let set = |x_test: Vec<u8>, y_test: Vec<u8>, words: &[&str]| {
        let arrays = [
            ("x_train", x()),
            ("y_train", y()),
            ("x_test", x_test),
            ("y_test", y_test),
        ];
        refused(&arrays, words);
    };
    set(small, y(), &["[1, 1, 2]", "[1, 1, 1]", "one shape"]);
    set(x(), high, &["y_test has label 2", "ends at 1"]);
}

#[test]
fn too_few_to_hold_one_out() {
    let x = npy("<f4", "(5, 2)", &f32s(&[0.5; 10]));
    let y = npy("<i8", "(5,)", &i64s(&[0, 1, 2, 3, 4]));
    refused(
        &[("x", x), ("y", y)],
        &["no two samples of one class among its 5", "test part"],
    );
}

/// What the reader of arrays refuses, in its own words.
#[test]
fn a_cut_file() {
    let folder = Folder::new();
    let whole = npz(&[("x", x()), ("y", y())]);
    let path = folder.file("a.npz", &whole[..whole.len() - 9]);
    assert_says(&refusal_of(&path), &["directory"]);
}
