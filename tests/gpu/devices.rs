//! `--device` and `spectra devices` as a user meets them, with and without adapters.

use super::programs::{hide, said};
use super::trial::{anywhere, on_adapter};
use crate::common::command::{spectra_in, text};
use libtest_mimic::Trial;
use serde_json::Value;
use spectra::device::{Adapter, AdapterKind};
use std::path::Path;
use std::process::{Command, Output};

/// The tests of this file.
pub fn trials() -> Vec<Trial> {
    vec![
        #[cfg(target_os = "linux")]
        anywhere(auto_goes_on_without_an_adapter),
        anywhere(auto_says_why_a_gpu_does_not_suit),
        #[cfg(target_os = "linux")]
        anywhere(a_gpu_that_is_not_there_is_refused),
        #[cfg(target_os = "linux")]
        anywhere(without_an_adapter_the_processor_is_listed),
        on_adapter(adapters_are_listed_with_their_rates),
        on_adapter(a_gpu_trains_as_the_processor_does),
    ]
}

fn record(run: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(run.join("record.json")).unwrap()).unwrap()
}

fn spectra(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = spectra_in(folder);
    command.args(arguments);
    command
}

/// Without any driver that Vulkan's loader could find.
fn hidden(folder: &Path, arguments: &[&str]) -> Output {
    hide(&mut spectra(folder, arguments)).output().unwrap()
}

const BUNDLED: [&str; 5] = ["train", "--iterations", "2", "--out", "run"];

/// The bundled recipe in a folder, changed.
fn recipe(folder: &Path, from: &str, to: &str) {
    let text = include_str!("../../analysis/recipes/digits.toml");
    assert!(text.contains(from));
    std::fs::write(folder.join("recipe.toml"), text.replace(from, to)).unwrap();
}

/// Catches a training that ends for want of a GPU nobody asked for, one that says nothing of it or twice, and bits that
/// the choice changes.
#[cfg(target_os = "linux")]
fn auto_goes_on_without_an_adapter() {
    let weights = |arguments: &[&str], lines: usize, words: &str| {
        let folder = tempfile::tempdir().unwrap();
        let output = hidden(folder.path(), arguments);
        let said = said(&output);
        assert!(output.status.success(), "{said:?}");
        let devices = said.iter().filter(|line| line.starts_with("device: "));
        assert_eq!(devices.count(), lines, "{said:?}");
        assert!(said[0].contains(words), "{said:?}");
        assert!(!said[0].contains('\u{1b}'));
        assert_eq!(record(&folder.path().join("run"))["device"], "processor");
        std::fs::read(folder.path().join("run/weights.safetensors")).unwrap()
    };
    let auto = weights(&BUNDLED, 1, "processor; no GPU was found");
    let cpu = weights(&[&BUNDLED[..], &["--device", "cpu"]].concat(), 0, "page: ");
    assert!(auto == cpu);
}

/// Catches a GPU taken for numbers that it does not have, or for steps that are done before it has begun.
fn auto_says_why_a_gpu_does_not_suit() {
    for (from, to, words) in [
        ("batch = 64", "batch = 64\nprecision = \"f64\"", "f64"),
        ("batch = 64", "batch = 1", "million operations is too small"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        recipe(folder.path(), from, to);
        let arguments = ["train", "recipe.toml", "--iterations", "1", "--out", "run"];
        let output = spectra(folder.path(), &arguments).output().unwrap();
        let said = said(&output);
        assert!(output.status.success(), "{said:?}");
        let right = said[0].starts_with("device: processor; ") && said[0].contains(words);
        assert!(right, "{said:?}");
    }
}

/// Catches a refusal in more than a sentence, without a way out, or after a run's folder was made.
#[cfg(target_os = "linux")]
fn a_gpu_that_is_not_there_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    recipe(
        folder.path(),
        "batch = 64",
        "batch = 64\nprecision = \"f64\"",
    );
    let double = ["train", "recipe.toml", "--out", "run", "--device", "gpu"];
    for (arguments, words) in [
        (
            [&BUNDLED[..], &["--device", "gpu"]].concat(),
            "mesa-vulkan-drivers",
        ),
        ([&BUNDLED[..], &["--device", "gpu:1"]].concat(), "gpu:1"),
        (double.to_vec(), "f64"),
    ] {
        let output = hidden(folder.path(), &arguments);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{said:?}");
        let right = said[0].contains(words) && said[0].contains("--device cpu");
        assert!(said.len() == 1 && right, "{said:?}");
        assert!(!folder.path().join("run").exists());
    }
    for device in ["cuda", "gpu:", "gpu:-1", "gpu:x", "0"] {
        let output = hidden(folder.path(), &["train", "--device", device]);
        assert_eq!(output.status.code(), Some(2), "{device}");
        let text = text(&output.stderr);
        assert!(text.contains("auto, cpu, gpu or gpu:N"), "{device}: {text}");
    }
}

/// Catches a table without the processor, and an empty one that does not say what is missing.
#[cfg(target_os = "linux")]
fn without_an_adapter_the_processor_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let output = hidden(folder.path(), &["devices"]);
    let table = text(&output.stdout);
    assert!(output.status.success());
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 4, "{table}");
    assert!(lines[0].contains("GFlop/s") && lines[1].contains("processor"));
    assert!(lines[3].starts_with("auto takes the processor: no GPU was found"));
    assert!(lines[3].contains("mesa-vulkan-drivers") && !table.contains('\u{1b}'));
    let output = hidden(folder.path(), &["devices", "--json"]);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let devices = found["devices"].as_array().unwrap();
    assert_eq!(
        (devices.len(), &devices[0]["kind"]),
        (1, &"processor".into())
    );
    assert!(devices[0]["gflops"].as_f64().unwrap() > 0.0);
    assert!(found["auto"]["number"].is_null());
}

/// Catches an adapter under another number or name than its own, without a rate, and software that `auto` takes.
fn adapters_are_listed_with_their_rates(adapter: Adapter) {
    let info = adapter.info();
    let folder = tempfile::tempdir().unwrap();
    let output = spectra(folder.path(), &["devices", "--json"])
        .output()
        .unwrap();
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let device = &found["devices"][1];
    assert_eq!(device["number"], 0);
    assert_eq!(device["name"], info.name.as_str());
    assert_eq!(device["largest_binding"], info.largest_binding);
    assert!(device["gflops"].as_f64().unwrap() > 0.0, "{device}");
    assert!(device["problem"].is_null());
    let software = info.kind == AdapterKind::Software;
    assert_eq!(found["auto"]["number"].is_null(), software);
    let table = text(
        &spectra(folder.path(), &["devices"])
            .output()
            .unwrap()
            .stdout,
    );
    assert!(table.contains(&info.name), "{table}");
}

/// Catches a GPU that trains another network than the processor, and a record of another device. The loss of a batch
/// of samples is a sum through four layers, of at most 64·24·24 numbers each: √n u a layer, and a factor of eight as in
/// the comparison with torch.
fn a_gpu_trains_as_the_processor_does(adapter: Adapter) {
    let info = adapter.info();
    let [gpu, cpu] = ["gpu", "cpu"].map(|device| {
        let folder = tempfile::tempdir().unwrap();
        let arguments = [&BUNDLED[..], &["--device", device]].concat();
        let output = spectra(folder.path(), &arguments).output().unwrap();
        let said = said(&output);
        assert!(output.status.success(), "{said:?}");
        (record(&folder.path().join("run")), said)
    });
    let ((gpu, said), (cpu, _)) = (gpu, cpu);
    let name = format!("{} ({})", info.name, info.backend);
    assert_eq!(
        (&gpu["device"], &cpu["device"]),
        (&name.as_str().into(), &"processor".into())
    );
    assert!(said[0].contains(&name), "{said:?}");
    let software = info.kind == AdapterKind::Software;
    assert_eq!(said[0].contains("far slower"), software, "{said:?}");
    let losses = |record: &Value| -> Vec<f64> {
        let rows = record["rows"].as_array().unwrap().iter();
        rows.map(|row| row["test_loss"].as_f64().unwrap()).collect()
    };
    let step = 8.0 * 4.0 * f64::from(64 * 24 * 24_u32).sqrt() * f64::from(f32::EPSILON) / 2.0;
    let (gpu, cpu) = (losses(&gpu), losses(&cpu));
    assert_eq!((gpu.len(), cpu.len()), (2, 2));
    for ((gpu, cpu), steps) in gpu.iter().zip(&cpu).zip([1.0, 3.0]) {
        let deviation = (gpu / cpu - 1.0).abs();
        assert!(deviation <= step * steps, "{gpu} and {cpu}: {deviation:e}");
    }
}
