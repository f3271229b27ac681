#![no_main]

use spectra_fuzz::check_set;

// One batch of six, and the list of names; then both files of CIFAR-100, which their content tells.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let sound = [3; 3073];
    let names = &bytes[..bytes.len().min(90)];
    let files: [(&str, &[u8]); 7] = [
        ("data_batch_1.bin", bytes),
        ("data_batch_2.bin", &sound),
        ("data_batch_3.bin", &sound),
        ("data_batch_4.bin", &sound),
        ("data_batch_5.bin", &sound),
        ("test_batch.bin", &sound),
        ("batches.meta.txt", names),
    ];
    check_set("cifar", &files, 1);
    let files: [(&str, &[u8]); 2] = [
        ("train.bin", bytes),
        ("test.bin", bytes),
    ];
    check_set("cifar-100", &files, 1);
});
