//! The library that makes operations on files fail, compiled with the system's C compiler.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What happens at an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The process is killed before it.
    Kill,
    /// The process is killed when half of a write is done.
    Torn,
    /// There is no space, once.
    NoSpace,
    /// There is no space from then on.
    FullDisk,
    /// The device fails, once.
    Input,
    /// A write is interrupted before it began.
    Interrupted,
    /// A write does half of what it is asked for.
    Short,
}

impl Fault {
    pub const KILLS: [Fault; 2] = [Fault::Kill, Fault::Torn];
    pub const ERRORS: [Fault; 5] = [
        Fault::NoSpace,
        Fault::FullDisk,
        Fault::Input,
        Fault::Interrupted,
        Fault::Short,
    ];

    fn kind(self) -> &'static str {
        match self {
            Fault::Kill => "kill",
            Fault::Torn => "torn",
            Fault::NoSpace | Fault::FullDisk => "enospc",
            Fault::Input => "eio",
            Fault::Interrupted => "eintr",
            Fault::Short => "short",
        }
    }

    /// Whether a run that meets it does its work all the same.
    pub fn is_harmless(self) -> bool {
        matches!(self, Fault::Interrupted | Fault::Short)
    }
}

/// The compiled library.
pub struct Preload {
    library: PathBuf,
}

impl Preload {
    /// Compiles it into `folder`, with the compiler that also links Rust programs.
    pub fn compile(folder: &Path) -> Preload {
        let library = folder.join("faults.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/preload.c");
        let done = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .args([&library, &source])
            .args(["-ldl", "-lpthread"])
            .output()
            .expect("a C compiler, cc");
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        Preload { library }
    }

    /// Has `command` meet `fault` at its operation `at` below `folder`.
    pub fn inject(&self, command: &mut Command, folder: &Path, fault: Fault, at: usize) {
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAULT_FOLDER", folder)
            .env("FAULT_KIND", fault.kind())
            .env("FAULT_AT", at.to_string());
        if fault == Fault::FullDisk {
            command.env("FAULT_LASTING", "1");
        }
    }

    /// Has `command` write one letter for each of its operations below `folder` into `log`.
    pub fn count(&self, command: &mut Command, folder: &Path, log: &Path) {
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAULT_FOLDER", folder)
            .env("FAULT_LOG", log);
    }
}
