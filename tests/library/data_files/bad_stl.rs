//! STL-10 files that are refused, and why.

use super::build::*;

/// Catches a part that is taken for the whole set.
#[test]
fn a_missing_file() {
    for name in ["train_X.bin", "train_y.bin", "test_X.bin", "test_y.bin"] {
        let folder = stl_set();
        std::fs::remove_file(folder.path().join(name)).unwrap();
        assert_says(&folder.refusal(), &[&format!("lacks {name}")]);
    }
}

/// Catches an image that is read beyond the end of its file.
#[test]
fn a_length_that_is_no_number_of_images() {
    for (length, words) in [
        (27_647, "27647 bytes"),
        (27_649, "27649 bytes"),
        (0, "0 bytes"),
    ] {
        let folder = stl_set();
        folder.file("test_X.bin", &vec![0; length]);
        assert_says(&folder.refusal(), &["test_X.bin", words, "27648"]);
    }
}

/// Catches images whose labels are those of others.
#[test]
fn more_or_fewer_labels_than_images() {
    for labels in [&[1, 2][..], &[1, 2, 3, 4], &[]] {
        let folder = stl_set();
        folder.file("train_y.bin", labels);
        let words = format!("3 images and {} labels", labels.len());
        assert_says(&folder.refusal(), &["train_X.bin", "train_y.bin", &words]);
    }
}

/// Catches labels that are counted from 0, or that are no class.
#[test]
fn a_label_of_no_class() {
    for label in [0, 11, 255] {
        let folder = stl_set();
        folder.file("train_y.bin", &[1, 2, label]);
        let words = format!("label {label} is of no class (1 to 10)");
        assert_says(&folder.refusal(), &["train_y.bin, byte 2", &words]);
    }
}

/// Catches a list that names other classes than there are.
#[test]
fn a_list_of_too_few_names() {
    let folder = stl_set();
    folder.file("class_names.txt", b"airplane\nbird\n");
    assert_says(&folder.refusal(), &["class_names.txt", "2 classes, not 10"]);
}
