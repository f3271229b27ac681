#![no_main]

use ::zip::CompressionMethod::{Deflated, Stored};
use spectra_fuzz::{check, zip};

// Bytes that begin as a zip archive are one; others are the pickle of one.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if bytes.starts_with(b"PK") {
        check("a.pt", bytes, 1100);
        return;
    }
    let (zero, one) = ([0x3c; 96], [1; 17]);
    let members = [
        ("m/data.pkl", bytes),
        ("m/byteorder", b"little"),
        ("m/data/0", &zero),
        ("m/data/1", &one),
    ];
    let method = if bytes.len() % 2 == 0 {
        Stored
    } else {
        Deflated
    };
    check("a.pt", &zip(&members, method), 1);
});
