#![no_main]

use spectra_fuzz::check;

/// The magic number, the protocol and the system, as PyTorch 1.5 pickled them.
const HEAD: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\
\x80\x02}q\x00X\x0d\x00\x00\x00little_endianq\x01\x88s.";
/// The keys of two storages, and the storages.
const TAIL: &[u8] = b"\x80\x02]q\x00(X\x01\x00\x00\x000q\x01X\x01\x00\x00\x001q\x02e.\
\x06\x00\x00\x00\x00\x00\x00\x00<<<<<<<<<<<<<<<<<<<<<<<<\x02\x00\x00\x00\x00\x00\x00\x00========";

// Bytes that begin as a file of PyTorch before 1.6 are one; others are the pickle of the objects of one.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if bytes.starts_with(&HEAD[..15]) {
        check("a.pt", bytes, 1);
        return;
    }
    check("a.pt", &[HEAD, bytes, TAIL].concat(), 1);
});
