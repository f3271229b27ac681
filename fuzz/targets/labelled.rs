#![no_main]

use ::zip::CompressionMethod::{Deflated, Stored};
use spectra_fuzz::{check_set, zip};

// A byte for the length of the labels (in steps of four), the labels' array and the samples'.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((&length, rest)) = bytes.split_first() else {
        return;
    };
    let (y, x) = rest.split_at(rest.len().min(4 * usize::from(length)));
    let halves = [("y.npy", y), ("x.npy", x)];
    let parts = [
        ("y_train.npy", y),
        ("x_train.npy", x),
        ("x_test.npy", x),
        ("y_test.npy", y),
    ];
    check_set("labelled", &[("a.npz", &zip(&halves, Stored))], 1);
    check_set("labelled", &[("a.npz", &zip(&parts, Deflated))], 1100);
});
