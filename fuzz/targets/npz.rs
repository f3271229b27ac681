#![no_main]

use ::zip::CompressionMethod::{Deflated, Stored};
use spectra_fuzz::{check, zip};

// Bytes that begin as a zip archive are one; others are members of one.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if bytes.starts_with(b"PK") {
        check("a.npz", bytes, 1100);
    } else {
        let (first, second) = bytes.split_at(bytes.len() / 2);
        check("a.npz", &zip(&[("a.npy", bytes)], Stored), 1);
        check(
            "a.npz",
            &zip(&[("a.npy", first), ("b", second)], Deflated),
            1100,
        );
    }
});
