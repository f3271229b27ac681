//! The adapter that tests run on.
// each program that takes this file in uses a part of it
#![allow(dead_code)]

use spectra::device::{Adapter, Machine, adapters};
use std::io::Write;

/// The first adapter. None is said on stderr, past what captures the output of tests, or is a failure where
/// `SPECTRA_TEST_GPU=require`.
pub fn adapter() -> Option<Adapter> {
    let found = adapters().into_iter().next();
    if found.is_none() {
        let required = std::env::var_os("SPECTRA_TEST_GPU").is_some_and(|value| value == "require");
        assert!(
            !required,
            "no adapter was found, and SPECTRA_TEST_GPU=require"
        );
        skipped("there is none");
    }
    found
}

/// Says on stderr, past what captures the output of tests, that this test shows nothing here, and why.
pub fn skipped(why: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let _ = writeln!(
        std::io::stderr(),
        "skipped for want of a GPU adapter: {test}: {why}"
    );
}

/// The same, open.
pub fn machine() -> Option<Machine> {
    adapter().map(|adapter| adapter.open().unwrap())
}
