#![no_main]

use flate2::Compression;
use flate2::write::GzEncoder;
use spectra_fuzz::check_set;
use std::io::Write;

// A byte for the length of the labels, the labels, and the images: as they are and gzipped. Bytes that
// begin as gzip are the images.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let set = |folder: &str, labels: &[u8], images: &[u8], growth| {
        let files = [
            ("train-images-idx3-ubyte", images),
            ("train-labels-idx1-ubyte", labels),
            ("t10k-images-idx3-ubyte", images),
            ("t10k-labels-idx1-ubyte", labels),
        ];
        check_set(folder, &files, growth);
    };
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return set("gzip", &[0, 0, 8, 1, 0, 0, 0, 2, 0, 1], bytes, 1100);
    }
    let Some((&length, rest)) = bytes.split_first() else {
        return;
    };
    let (labels, images) = rest.split_at(rest.len().min(usize::from(length)));
    set("idx", labels, images, 1);
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(images).expect("memory");
    let packed = packer.finish().expect("memory");
    set("idx", labels, &packed, 1100);
});
