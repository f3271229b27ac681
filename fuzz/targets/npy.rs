#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| spectra_fuzz::check("a.npy", bytes, 1));
