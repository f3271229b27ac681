//! Trials of sketches on a GPU, as a library and as `spectra sketch --device`.

use super::programs::said;
use super::trial::{anywhere, on_adapter, on_machine};
use crate::common::command::{spectra_in, text};
use crate::common::files::write_npy;
use faer::Mat;
use libtest_mimic::Trial;
use serde_json::Value;
use spectra::device::{Adapter, AdapterKind, Device, Gpu, Machine};
use spectra::random::Stream;
use spectra::sketch::{
    Activations, Draws, Ensemble, Measurement, SketchedLayer, measure, measure_on,
};
use std::path::Path;
use std::process::Command;

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![
        on_machine(a_gpu_draws_the_trials_of_the_processor),
        anywhere(the_processors_result_says_nothing_of_devices),
        on_adapter(a_gpus_result_says_its_accuracy),
        #[cfg(target_os = "linux")]
        anywhere(what_a_gpu_cannot_draw_is_refused_where_it_is_asked_for),
    ]
}

fn random(rows: usize, columns: usize, seed: u64) -> Mat<f64> {
    let mut stream = Stream::new(seed, &[]);
    Mat::from_fn(rows, columns, |_, _| stream.normal())
}

fn layer(shape: (usize, usize), samples: Option<usize>) -> SketchedLayer {
    let w = random(shape.0, shape.1, 1);
    let inputs = match samples {
        None => Activations::isotropic(shape.1),
        Some(samples) => Activations::samples(random(samples, shape.1, 2).as_ref()).unwrap(),
    };
    SketchedLayer::new(w.as_ref(), 1, inputs).unwrap()
}

fn numbers(found: &Measurement) -> Vec<f64> {
    [&found.mode1[..], &found.mode2, &found.averaged].concat()
}

/// A batch and a part of one, of both laws, with and without inputs, at sizes around tiles and words, 1 × n among them:
/// catches other random entries than the processor's, a trial in another's place, an unwritten number, and bits that
/// change from run to run.
fn a_gpu_draws_the_trials_of_the_processor(machine: Machine) {
    for (shape, samples, [k, l], trials, ensemble) in [
        ((1, 48), None, [3, 2], 5, Ensemble::SIGN),
        ((33, 70), None, [5, 2], 9, Ensemble::SIGN),
        ((40, 31), Some(7), [17, 1], 4, Ensemble::GAUSSIAN),
        ((20, 65), Some(90), [64, 3], 3, Ensemble::SIGN),
    ] {
        let layer = layer(shape, samples);
        let draws = Draws {
            ensemble,
            rows: k,
            pairs: l,
            trials,
            seed: 3,
        };
        let own = measure(&layer, &draws, |_| true).unwrap();
        let run = || {
            let mut device = Device::new("a GPU", |_| Box::new(Gpu::new(&machine).poisoned()));
            measure_on(&mut device, &layer, &draws, |_| true).unwrap()
        };
        let found = run();
        let accuracy = found.accuracy.unwrap();
        assert_eq!(accuracy.checked, 3);
        let whole = layer.energies().outputs;
        let all = numbers(&found).into_iter().zip(numbers(&own));
        for (x, y) in all {
            let off = (x - y).abs() / (y + whole);
            assert!(
                off <= accuracy.bound,
                "{shape:?}: {x} {y} {off:e} {accuracy:?}"
            );
        }
        assert_eq!(numbers(&found).len(), trials * (2 * l + 1));
        assert_eq!(run(), found);
    }
}

fn spectra(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = spectra_in(folder);
    command.arg("sketch").args(arguments);
    command
}

/// Writes a file of random numbers.
fn npy(folder: &Path, name: &str, (rows, columns): (usize, usize)) {
    let w = random(rows, columns, 9);
    let entries: Vec<f64> = w.row_iter().flat_map(|row| row.iter().copied()).collect();
    write_npy(folder, name, &format!("({rows}, {columns})"), &entries);
}

const SMALL: [&str; 7] = ["w.npy", "--k", "4", "--trials", "20", "--sweep", "2,4"];

/// Catches a result of the processor that says of a device, or changes with the way the processor was chosen; and a line
/// about a device that nobody asked for.
fn the_processors_result_says_nothing_of_devices() {
    let folder = tempfile::tempdir().unwrap();
    npy(folder.path(), "w.npy", (12, 20));
    for form in ["table", "json", "jsonl", "csv"] {
        let [plain, cpu] = [&[][..], &["--device", "cpu"]].map(|device: &[&str]| {
            let arguments = [&SMALL[..], &["--format", form], device].concat();
            let output = spectra(folder.path(), &arguments).output().unwrap();
            assert!(output.status.success());
            assert_eq!(text(&output.stderr), "");
            text(&output.stdout)
        });
        assert_eq!(plain, cpu);
        assert!(!cpu.contains("device") && !cpu.contains("accuracy") && !cpu.contains("drawn"));
    }
}

/// Catches a result of a GPU without its name or its accuracy, in any form, and numbers that are not the processor's to
/// that accuracy; and an estimate without error, which single precision rounds, called beyond its interval.
fn a_gpus_result_says_its_accuracy(adapter: Adapter) {
    let info = adapter.info();
    let name = format!("{} ({})", info.name, info.backend);
    let folder = tempfile::tempdir().unwrap();
    npy(folder.path(), "w.npy", (12, 20));
    npy(folder.path(), "row.npy", (1, 48));
    let json = |device: &str| -> Value {
        let arguments = [
            &SMALL[..],
            &["--json", "row.npy", "--min-dim", "1", "--device", device],
        ];
        let output = spectra(folder.path(), &arguments.concat())
            .output()
            .unwrap();
        assert!(output.status.success(), "{:?}", said(&output));
        if device == "gpu" {
            let said = said(&output);
            assert!(
                said[0].starts_with("device: ") && said[0].contains(&name),
                "{said:?}"
            );
            let software = info.kind == AdapterKind::Software;
            assert_eq!(said[0].contains("far slower"), software, "{said:?}");
        }
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let (gpu, cpu) = (json("gpu"), json("cpu"));
    assert_eq!(
        (&gpu["device"], &cpu["device"]),
        (&name.as_str().into(), &Value::Null)
    );
    for (gpu, cpu) in gpu["layers"]
        .as_array()
        .unwrap()
        .iter()
        .zip(cpu["layers"].as_array().unwrap())
    {
        let accuracy = &gpu["accuracy"];
        let of = |key: &str| accuracy[key].as_f64().unwrap();
        assert_eq!(accuracy["checked"], 6, "three for each k");
        assert!(of("deviation") <= of("bound") && of("bound") < 1e-3);
        let whole = cpu["energies"]["outputs"].as_f64().unwrap();
        for mode in ["mode1", "mode2", "averaged"] {
            let [one, other] = [gpu, cpu].map(|layer| layer[mode]["measured"].as_f64().unwrap());
            assert!(
                (one - other).abs() <= of("bound") * (other + whole),
                "{one} {other}"
            );
            assert_eq!(gpu[mode]["exact"], cpu[mode]["exact"]);
        }
        if gpu["rows"] == 1 {
            assert_eq!(gpu["mode1"]["interval_holds_exact"], true);
        }
    }
    let arguments = [&SMALL[..], &["--device", "gpu", "--report", "out"]].concat();
    let output = spectra(folder.path(), &arguments).output().unwrap();
    let table = text(&output.stdout);
    let page = std::fs::read_to_string(folder.path().join("out/index.html")).unwrap();
    for shown in [&table, &page] {
        let words = "drawn again by the processor in double precision";
        assert!(
            shown.contains(words) && shown.contains(&info.name),
            "{shown}"
        );
    }
}

/// Catches a GPU that is asked for and silently not used, and a refusal of a choice that nobody made.
#[cfg(target_os = "linux")]
fn what_a_gpu_cannot_draw_is_refused_where_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    npy(folder.path(), "w.npy", (12, 20));
    for (arguments, words) in [
        (
            &["--device", "gpu", "--ensemble", "hadamard"][..],
            "hadamard",
        ),
        (
            &["--device", "gpu:0", "--ensemble", "count"],
            "--device gpu:0: trials of count",
        ),
        (&["--device", "gpu"], "no adapter was found"),
    ] {
        let mut command = spectra(folder.path(), &[&SMALL[..], arguments].concat());
        let output = command
            .env("VK_DRIVER_FILES", "/dev/null")
            .output()
            .unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{said:?}");
        let right = said.len() == 1 && said[0].contains(words) && said[0].contains("--device cpu");
        assert!(right && output.stdout.is_empty(), "{said:?}");
    }
    // enough work for a GPU, of which there is none
    npy(folder.path(), "w.npy", (100, 100));
    let arguments = ["w.npy", "--trials", "6000", "--k", "64", "--l", "2"];
    for ensemble in ["count", "sign"] {
        let mut command = spectra(
            folder.path(),
            &[&arguments[..], &["--ensemble", ensemble]].concat(),
        );
        let output = command
            .env("VK_DRIVER_FILES", "/dev/null")
            .output()
            .unwrap();
        assert!(
            output.status.success() && said(&output).is_empty(),
            "{:?}",
            said(&output)
        );
    }
}
