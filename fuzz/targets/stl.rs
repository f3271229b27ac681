#![no_main]

use spectra_fuzz::check_set;

/// Bytes of an image: more than an input has, so an input is repeated to fill its images.
const IMAGE: usize = 3 * 96 * 96;

// The training part: two bytes say what is missing from its images, the next four are labels.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (cut, rest) = bytes.split_at(bytes.len().min(2));
    let labels = &rest[..rest.len().min(4)];
    let cut = cut.iter().fold(0, |cut, byte| 256 * cut + usize::from(*byte));
    let length = (labels.len() * IMAGE).saturating_sub(cut);
    let images: Vec<u8> = rest.iter().copied().cycle().take(length).collect();
    let names = &rest[..rest.len().min(90)];
    let files: [(&str, &[u8]); 5] = [
        ("train_X.bin", &images),
        ("train_y.bin", labels),
        ("test_X.bin", &[3; IMAGE]),
        ("test_y.bin", &[10]),
        ("class_names.txt", names),
    ];
    check_set("stl", &files, 1);
});
