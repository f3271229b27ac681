//! Commands on machines that no command line can ask for, and the choice among adapters that are not here.

use super::advice::sentence;
use super::{Cli, Command, ended};
use crate::device::{Cpu, Device};
use crate::program::{Buffer, Exec, ExecError, Plan};
use clap::Parser;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The processor, which is lost in its run of this number.
struct Lost {
    cpu: Cpu<f32>,
    left: u32,
}

impl Exec for Lost {
    fn prepare(&mut self, plan: &Plan) -> Result<(), ExecError> {
        self.cpu.prepare(plan)
    }

    fn write(&mut self, buffer: Buffer, data: &[f64]) {
        self.cpu.write(buffer, data);
    }

    fn run(&mut self) -> Result<(), ExecError> {
        self.left -= 1;
        match self.left {
            0 => Err(ExecError::Lost {
                device: "Radeon".to_owned(),
                reason: "reset".to_owned(),
            }),
            _ => self.cpu.run(),
        }
    }

    fn follow(&mut self, buffer: Buffer) {
        self.cpu.follow(buffer);
        // one that is not followed tests
        self.left = 8;
    }

    fn followed(&mut self, values: &mut Vec<f64>, all: bool) -> Result<(), ExecError> {
        self.cpu.followed(values, all)
    }

    fn read(&mut self, buffer: Buffer) -> Result<Vec<f64>, ExecError> {
        self.cpu.read(buffer)
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Catches a run's folder that a failure empties or leaves half written, a failure that passes for success, and one
/// that is told in more than a sentence.
#[test]
fn a_lost_device_ends_a_run_that_can_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let recipe = include_str!("../../analysis/recipes/digits.toml");
    let recipe = recipe.replace("checkpoint = 500", "checkpoint = 5");
    let path = folder.path().join("digits.toml");
    std::fs::write(&path, recipe).unwrap();
    let run = folder.path().join("run");
    let (recipe, out) = (path.to_str().unwrap(), run.to_str().unwrap());
    let given = ["spectra", "train", recipe, "--out", out, "--json"];
    let Command::Train(train) = Cli::parse_from(given).command else {
        panic!("another command");
    };
    let result = train.on(|_| {
        let device = Device::new("Radeon", |_| -> Box<dyn Exec> {
            Box::new(Lost {
                cpu: Cpu::new(),
                left: u32::MAX,
            })
        });
        Ok((device, None))
    });
    let error = result.unwrap_err();
    assert_eq!(
        sentence(&error),
        "the Radeon stopped working (reset): go on from the last checkpoint with --resume, or take --device cpu"
    );
    assert_eq!(ended(Err(error)), ExitCode::from(2));
    let kept = ["step-00000000.safetensors", "step-00000005.safetensors"];
    let kept = kept.map(|name| run.join("checkpoints").join(name));
    assert_eq!(files(&run.join("checkpoints")), kept);
    let all = ["checkpoints", "lock", "recipe.toml", "rows.jsonl"].map(|name| run.join(name));
    assert_eq!(files(&run), all);
}

#[cfg(feature = "gpu")]
mod choices {
    use crate::cli::device::{Choice, Decision, LEAST, decide};
    use crate::device::{AdapterInfo, AdapterKind};
    use crate::train::recipe::Precision::{self, Double, Single};

    fn info(name: &str, kind: AdapterKind) -> AdapterInfo {
        AdapterInfo {
            name: name.to_owned(),
            backend: "vulkan".to_owned(),
            driver: String::new(),
            kind,
            largest_buffer: 1 << 31,
            largest_binding: 1 << 27,
            workgroup_memory: 1 << 14,
            workgroup_threads: 256,
            storage_bindings: 8,
            subgroups: None,
            f16: false,
            cooperative_matrices: false,
        }
    }

    /// What is asked for, what there is, and which adapter is taken, with words of the reason; or words of the
    /// refusal.
    type Case<'a> = (
        Choice,
        Precision,
        u64,
        &'a [AdapterInfo],
        Result<(Option<usize>, &'a str), &'a [&'a str]>,
    );

    /// Catches software taken by itself, a GPU taken that does not pay or cannot compute so, another card than the one
    /// asked for, and a refusal that does not say what there is.
    #[test]
    fn devices_are_taken_as_the_table_says() {
        let card = info("GeForce", AdapterKind::Discrete);
        let chip = info("Iris", AdapterKind::Integrated);
        let software = info("llvmpipe", AdapterKind::Software);
        let all = [card.clone(), chip.clone(), software.clone()];
        let soft = [software];
        use Choice::{Auto, Cpu, Gpu, Numbered};
        let cases: [Case<'_>; 18] = [
            (Cpu, Single, u64::MAX, &all, Ok((None, ""))),
            (Cpu, Double, 0, &[], Ok((None, ""))),
            (Auto, Single, LEAST, &all, Ok((Some(0), "no software"))),
            (Auto, Single, LEAST, &all[1..], Ok((Some(0), "no software"))),
            (Auto, Single, LEAST - 1, &all, Ok((None, "10.0 million"))),
            (Auto, Single, 0, &[], Ok((None, "0.0 million"))),
            (Auto, Double, LEAST, &all, Ok((None, "f64"))),
            (Auto, Single, LEAST, &soft, Ok((None, "llvmpipe (vulkan)"))),
            (Auto, Single, LEAST, &[], Ok((None, "no GPU was found"))),
            (Gpu, Single, 0, &all, Ok((Some(0), ""))),
            (Gpu, Single, 0, &soft, Ok((Some(0), "slower"))),
            (Gpu, Single, 0, &[], Err(&["no adapter", "--device cpu"])),
            (Gpu, Double, LEAST, &all, Err(&["f64", "--device cpu"])),
            (Numbered(1), Single, 0, &all, Ok((Some(1), ""))),
            (Numbered(2), Single, 0, &all, Ok((Some(2), "slower"))),
            (
                Numbered(3),
                Single,
                0,
                &all,
                Err(&[
                    "gpu:3",
                    "gpu:0 is GeForce (vulkan)",
                    "gpu:2 is llvmpipe",
                    "--device cpu",
                ]),
            ),
            (Numbered(0), Single, 0, &[], Err(&["gpu:0", "--device cpu"])),
            (Numbered(0), Double, 0, &all, Err(&["gpu:0", "f64"])),
        ];
        for (row, (choice, precision, flops, adapters, expected)) in cases.into_iter().enumerate() {
            let found = decide(choice, precision, flops, || adapters.to_vec());
            match (found, expected) {
                (Ok(Decision { adapter, reason }), Ok((number, words))) => {
                    assert_eq!(adapter, number, "row {row}");
                    assert_eq!(reason.is_none(), words.is_empty(), "row {row}");
                    let reason = reason.unwrap_or_default();
                    assert!(reason.contains(words), "row {row}: {reason}");
                }
                (Err(error), Err(words)) => {
                    let said = error.to_string();
                    assert!(!said.contains('\n'), "row {row}: {said}");
                    for word in words {
                        assert!(said.contains(word), "row {row}: {said}");
                    }
                }
                (found, _) => panic!("row {row}: {found:?}"),
            }
        }
    }
}
