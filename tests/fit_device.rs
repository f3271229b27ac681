//! Fits on a GPU, as a library and as `spectra fit-basis --device`.
#![cfg(feature = "gpu")]

mod adapter;

use adapter::{adapter, machine};
use faer::Mat;
use serde_json::Value;
use spectra::device::{Device, Gpu};
use spectra::fit::product::{ProductPlan, ProductSettings};
use spectra::operator::basis::Family;
use spectra::random::Stream;
use std::process::{Command, Output};

/// The fit whose iterations a GPU makes against the processor's own: catches terms that are not the processor's, and a
/// solution that is not refined. The residual is stationary, so that it is the same to rounding.
#[test]
fn a_gpu_fits_what_the_processor_fits() {
    let Some(machine) = machine() else { return };
    let mut stream = Stream::new(3, &[]);
    let w = Mat::from_fn(37, 53, |_, _| stream.normal());
    for family in [Family::Gaussian, Family::Rademacher] {
        let settings = ProductSettings {
            families: vec![family],
            terms: vec![40],
            memory: 1,
            ..ProductSettings::default()
        };
        let plan = ProductPlan::new(&settings, (37, 53)).unwrap();
        let own = plan.fit(w.as_ref(), None, &mut |_| true).unwrap();
        let mut device = Device::new("a GPU", |_| Box::new(Gpu::new(&machine).poisoned()));
        let found = plan
            .fit_on(Some(&mut device), w.as_ref(), None, &mut |_| true)
            .unwrap();
        assert!(own.device.is_none());
        let accuracy = found.device.as_ref().unwrap();
        assert!(
            accuracy.gradient < 1e-14 && accuracy.refinements > 1,
            "{accuracy:?}"
        );
        let bound = (37 * 53) as f64 * f64::EPSILON;
        for (one, other) in [
            (found.relative_residual, own.relative_residual),
            (
                found.shuffled_residual.unwrap(),
                own.shuffled_residual.unwrap(),
            ),
            (
                found.rotated_residual.unwrap(),
                own.rotated_residual.unwrap(),
            ),
        ] {
            assert!((one - other).abs() <= bound, "{one} {other}");
        }
        for (one, other) in found.coefficients[0].iter().zip(&own.coefficients[0]) {
            assert!((one - other).abs() <= bound, "{family:?}: {one} {other}");
        }
    }
}

fn run(arguments: &[&str], hidden: bool) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spectra"));
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args([&["fit-basis", "--no-controls"], arguments].concat());
    if hidden {
        command.env("VK_DRIVER_FILES", "/dev/null");
    }
    command.output().unwrap()
}

/// What is said but for the loader's and its layers' own lines, and for what is fitted.
fn said(output: &Output) -> Vec<String> {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    let lines = text.lines().map(str::to_owned);
    let other = |line: &String| !line.starts_with("error: ") && !line.starts_with("fit-basis: ");
    lines.filter(other).collect()
}

/// Catches a result of a GPU without its accuracy, in any form, and one of the processor that says of a device.
#[test]
fn a_gpus_fit_says_its_accuracy() {
    let Some(adapter) = adapter() else { return };
    let name = format!("{} ({})", adapter.info().name, adapter.info().backend);
    let large = ["--k", "12", "--memory", "1"];
    let json = |device: &str| -> Value {
        let output = run(
            &[&large[..], &["--json", "--device", device]].concat(),
            false,
        );
        assert!(output.status.success(), "{:?}", said(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let (gpu, cpu) = (json("gpu"), json("cpu"));
    let (gpu, cpu) = (&gpu["fits"][0], &cpu["fits"][0]);
    assert_eq!(gpu["device"]["name"], name.as_str());
    assert!(gpu["device"]["refinements"].as_u64().unwrap() > 1);
    assert!(!cpu.as_object().unwrap().contains_key("device"));
    let [one, other] = [gpu, cpu].map(|fit| fit["relative_residual"].as_f64().unwrap());
    assert!(
        (one - other).abs() <= 7840.0 * f64::EPSILON,
        "{one} {other}"
    );
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().to_str().unwrap();
    let output = run(
        &[&large[..], &["--device", "gpu", "--report", report]].concat(),
        false,
    );
    assert!(said(&output)[0].contains(&name));
    let table = String::from_utf8(output.stdout).unwrap();
    let page = std::fs::read_to_string(folder.path().join("index.html")).unwrap();
    for shown in [table, page] {
        assert!(shown.contains("times in double precision"), "{shown}");
    }
}

/// Catches a GPU that is asked for and silently not used, and a refusal of a choice that nobody made.
#[cfg(target_os = "linux")]
#[test]
fn what_a_gpu_does_not_fit_is_refused_where_it_is_asked_for() {
    for arguments in [
        &["--k", "12"][..],
        &["--k", "12", "--memory", "1", "--residual"],
        &["--k", "12", "--memory", "1", "--basis", "circulant"],
        &["--k", "12", "--p", "2"],
    ] {
        let output = run(&[arguments, &["--device", "gpu"]].concat(), true);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{said:?}");
        let right = said.len() == 1 && said[0].contains("--memory cannot hold: take --device cpu");
        assert!(right, "{said:?}");
    }
    let large = ["--k", "12", "--memory", "1"];
    let output = run(&[&large[..], &["--device", "gpu"]].concat(), true);
    assert!(said(&output)[0].contains("no adapter was found"));
    let [auto, cpu] = [&large[..], &[&large[..], &["--device", "cpu"]].concat()].map(|arguments| {
        let output = run(arguments, true);
        assert!(
            output.status.success() && said(&output).is_empty(),
            "{:?}",
            said(&output)
        );
        output.stdout
    });
    assert_eq!(auto, cpu);
}
