#![no_main]

// Bytes are a whole file, and the header of one with a true length and eight bytes of data.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    spectra_fuzz::check("a.safetensors", bytes, 1);
    let mut whole = (bytes.len() as u64).to_le_bytes().to_vec();
    whole.extend(bytes);
    whole.extend([0x3c; 8]);
    spectra_fuzz::check("a.safetensors", &whole, 1);
});
