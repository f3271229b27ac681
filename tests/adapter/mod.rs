//! The adapter that tests run on.

use spectra::device::{Machine, adapters};

/// An open GPU, or none, which is an error where `SPECTRA_TEST_GPU=require`.
pub fn machine() -> Option<Machine> {
    match adapters().first() {
        Some(adapter) => Some(adapter.open().unwrap()),
        None => None,
    }
}
