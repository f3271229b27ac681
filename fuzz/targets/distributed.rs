#![no_main]

use std::sync::Once;

use ::zip::CompressionMethod::Stored;
use spectra_fuzz::{check, folder, zip};

static CHUNKS: Once = Once::new();

/// A tensor of 2 x 3 floats in storage 0, as torch.save pickles it.
const TENSOR: &[u8] = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\n\
X\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x06tQK\x00K\x02K\x03\x86K\x03K\x01\x86\x89ccollections\nOrderedDict\n)RtR.";

// Bytes are the metadata; a file of two chunks lies beside them.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    CHUNKS.call_once(|| {
        let chunk = zip(&[("archive/data.pkl", TENSOR), ("archive/data/0", &[0x3c; 24])], Stored);
        std::fs::write(folder().join("a"), [chunk.as_slice(), &chunk].concat()).expect("a file in the folder");
    });
    check(".metadata", bytes, 64);
});
