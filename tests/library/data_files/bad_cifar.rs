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

/// Catches files of CIFAR-100 that are read beyond their records, labels that no list of names has, and other files called
/// train.bin that are taken for it.
#[test]
fn files_that_are_not_cifar100() {
    let set = |train: &[u8], test: &[u8]| {
        let folder = Folder::new();
        folder.file("train.bin", train);
        folder.file("test.bin", test);
        folder
    };
    let [whole, test] = [cifar100_file(3, 2), cifar100_file(4, 1)];
    assert_says(
        &set(&whole[..3073], &whole[..9]).refusal(),
        &["without a data set"],
    );
    for (place, words) in [
        (3074, ["coarse label 100 of image 1", "0 to 19"]),
        (3075, ["fine label 100 of image 1", "0 to 99"]),
    ] {
        let mut wrong = whole.clone();
        wrong[place] = 100;
        let text = set(&wrong, &test).refusal();
        assert_says(&text, &["train.bin", "byte 3074"]);
        assert_says(&text, &words);
        wrong.rotate_left(3074);
        assert_says(&set(&wrong, &wrong).refusal(), &["without a data set"]);
    }
    let cut = set(&whole, &test[..3000]);
    assert_says(&cut.refusal(), &["test.bin", "3000 bytes", "3074"]);
    let folder = set(&whole, &test);
    std::fs::remove_file(folder.path().join("test.bin")).unwrap();
    assert_says(
        &folder.refusal(),
        &["lacks test.bin", "train.bin and test.bin"],
    );
    folder.file("fine_label_names.txt", b"apple\n");
    folder.file("test.bin", &test);
    assert_says(&folder.refusal(), &["1 classes, not 100"]);
}

/// A pickle is a program; it is not run.
#[test]
fn the_python_version() {
    for names in [
        &["data_batch_1", "test_batch"][..],
        &["train", "test", "meta"],
    ] {
        let folder = Folder::new();
        for name in names {
            folder.file(name, b"\x80\x02}q");
        }
        assert_says(
            &folder.refusal(),
            &["Python pickles", "not run", "binary version"],
        );
    }
}
