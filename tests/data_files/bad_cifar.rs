//! CIFAR-10 batches that are refused, and why.

use super::build::*;

#[test]
fn a_missing_batch() {
    for batch in [3, 6] {
        let folder = cifar_set(1);
        std::fs::remove_file(folder.path().join(batch_name(batch))).unwrap();
        assert_says(&folder.refusal(), &["lacks", batch_name(batch)]);
    }
}

#[test]
fn a_length_that_is_no_number_of_records() {
    for (length, words) in [(3072, "3072 bytes"), (3074, "3074 bytes"), (0, "0 bytes")] {
        let folder = cifar_set(1);
        folder.file("data_batch_2.bin", &vec![0; length]);
        assert_says(&folder.refusal(), &["data_batch_2.bin", words, "3073"]);
    }
}

#[test]
fn a_label_of_no_class() {
    let folder = cifar_set(2);
    let mut batch = cifar_batch(4, 2);
    batch[3073] = 10;
    folder.file("data_batch_4.bin", &batch);
    assert_says(
        &folder.refusal(),
        &[
            "data_batch_4.bin",
            "byte 3073",
            "label 10 of image 1",
            "0 to 9",
        ],
    );
}

#[test]
fn a_list_of_too_few_names() {
    let folder = cifar_set(1);
    folder.file("batches.meta.txt", b"airplane\nbird\n");
    assert_says(
        &folder.refusal(),
        &["batches.meta.txt", "2 classes, not 10"],
    );
}

/// A pickle is a program; it is not run.
#[test]
fn the_python_version() {
    let folder = Folder::new();
    folder.file("data_batch_1", b"\x80\x02}q");
    folder.file("test_batch", b"\x80\x02}q");
    assert_says(
        &folder.refusal(),
        &["Python pickles", "not run", "binary version"],
    );
}
