//! What is run while something fails: every command that writes, with an older result in its place.

use std::path::Path;
use std::process::{Command, Stdio};

/// A command line, its outputs, and how it is run again after it was ended.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    pub name: &'static str,
    /// Arguments; OUT stands for the folder of outputs, IN for that of inputs, SEED for a number.
    arguments: &'static [&'static str],
    /// Arguments of the next start, where these are others.
    again: Option<&'static [&'static str]>,
    /// Whether an older result of another seed lies in its place.
    pub replaces: bool,
}

pub const SCENARIOS: [Scenario; 7] = [
    Scenario {
        name: "analyze",
        arguments: &[
            "analyze",
            "IN/one.npy",
            "--draws",
            "39",
            "--seed",
            "SEED",
            "--json",
            "-o",
            "OUT/layers.json",
            "--report",
            "OUT/report",
            "--pictures",
            "1",
        ],
        again: None,
        replaces: true,
    },
    Scenario {
        name: "compare",
        arguments: &[
            "compare",
            "IN/one.npy",
            "IN/other/one.npy",
            "--draws",
            "39",
            "--seed",
            "SEED",
            "--format",
            "csv",
            "-o",
            "OUT/pairs.csv",
            "--report",
            "OUT/report",
        ],
        again: None,
        replaces: true,
    },
    Scenario {
        name: "families",
        arguments: &[
            "families",
            "IN/one.npy",
            "--family",
            "low-rank",
            "--seed",
            "SEED",
            "--json",
            "-o",
            "OUT/families.json",
            "--report",
            "OUT/report",
            "--pictures",
            "1",
        ],
        again: None,
        replaces: true,
    },
    Scenario {
        name: "sketch",
        arguments: &[
            "sketch",
            "IN/one.npy",
            "--k",
            "4",
            "--trials",
            "20",
            "--seed",
            "SEED",
            "--json",
            "-o",
            "OUT/sketches.json",
            "--report",
            "OUT/report",
            "--pictures",
            "1",
            "--device",
            "cpu",
        ],
        again: None,
        replaces: true,
    },
    Scenario {
        name: "fit-basis",
        arguments: &[
            "fit-basis",
            "IN/one.npy",
            "--k",
            "4",
            "--no-controls",
            "--seed",
            "SEED",
            "--json",
            "-o",
            "OUT/fit.json",
            "--out",
            "OUT/fit.safetensors",
            "--report",
            "OUT/report",
            "--pictures",
            "1",
            "--device",
            "cpu",
        ],
        again: None,
        replaces: true,
    },
    Scenario {
        name: "train",
        arguments: &[
            "train",
            "IN/recipe.toml",
            "--out",
            "OUT/run",
            "--device",
            "cpu",
        ],
        again: Some(&["train", "--resume", "OUT/run", "--device", "cpu"]),
        replaces: false,
    },
    Scenario {
        name: "study",
        arguments: &[
            "study",
            "IN/study.toml",
            "--runs",
            "OUT/runs",
            "--out",
            "OUT/report",
            "--jobs",
            "1",
        ],
        again: None,
        replaces: false,
    },
];

/// A small training: its last checkpoint is that of its last step.
const RECIPE: &str = r#"
name = "small"
seed = 3
[data]
set = "digits"
train = 64
[training]
iterations = 6
batch = 8
rate = { schedule = "fixed", base = 0.01 }
[record]
every = 2
checkpoint = 2
[[layer]]
kind = "linear"
outputs = 10
"#;

const STUDY: &str = r#"
title = "Small"
question = "Does it end?"
[[group]]
name = "small"
train = "recipe.toml"
seeds = [1, 2]
[[measure]]
name = "accuracy"
column = "test-accuracy"
percent = true
[[claim]]
claim = "It learns"
measure = "accuracy"
at-least = 1
"#;

impl Scenario {
    /// Writes the inputs of all scenarios into the folder `in` of `root`.
    pub fn write_inputs(root: &Path) {
        let folder = root.join("in");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("one.npy"), npy(12, 8, 1.0)).unwrap();
        std::fs::create_dir_all(folder.join("other")).unwrap();
        std::fs::write(folder.join("other/one.npy"), npy(12, 8, 0.5)).unwrap();
        std::fs::write(folder.join("nan.npy"), npy(12, 8, f64::NAN)).unwrap();
        std::fs::write(folder.join("recipe.toml"), RECIPE).unwrap();
        std::fs::write(folder.join("study.toml"), STUDY).unwrap();
    }

    /// Returns the program with the arguments of the first start.
    pub fn command(&self, root: &Path, seed: u64) -> Command {
        spectra(self.arguments, root, seed)
    }

    /// Returns the program with those of the start after one that was ended.
    pub fn next(&self, root: &Path, seed: u64) -> Command {
        let begun = root.join("out/run/recipe.toml").exists();
        let arguments = match self.again {
            Some(again) if begun => again,
            _ => self.arguments,
        };
        spectra(arguments, root, seed)
    }
}

/// Returns the program with arguments in which IN, OUT and SEED are replaced.
pub fn spectra(arguments: &[&str], root: &Path, seed: u64) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spectra"));
    let folder = |name: &str| root.join(name).to_string_lossy().into_owned();
    let arguments = arguments.iter().map(|argument| match *argument {
        "SEED" => seed.to_string(),
        argument => argument
            .replace("IN/", &(folder("in") + "/"))
            .replace("OUT/", &(folder("out") + "/")),
    });
    command
        .args(arguments)
        .current_dir(root)
        .env("RAYON_NUM_THREADS", "1")
        .stdin(Stdio::null());
    command
}

/// A matrix of the format of NumPy.
fn npy(rows: usize, columns: usize, scale: f64) -> Vec<u8> {
    let header =
        format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    for entry in 0..rows * columns {
        bytes.extend((scale * ((entry as f64 * 1.7).sin() * 43.0).fract()).to_le_bytes());
    }
    bytes
}
